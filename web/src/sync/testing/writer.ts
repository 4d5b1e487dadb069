/** Somebody who writes: a document, its provider, and a log of what the provider told. */
import * as Y from "yjs";
import type { ProviderError, ProviderOptions } from "../options";
import { Provider } from "../provider";
import type { CloseInfo, ConnectionState } from "../state";
import type { World } from "./world";

export class Writer {
  readonly doc = new Y.Doc();
  readonly provider: Provider;
  readonly states: ConnectionState[] = [];
  readonly closes: CloseInfo[] = [];
  readonly errors: ProviderError[] = [];

  constructor(world: World, options: Partial<ProviderOptions> = {}) {
    this.provider = new Provider(this.doc, { url: "ws://host/ws/doc", environment: world, ...options });
    this.provider.on("state", (state) => this.states.push(state));
    this.provider.on("close", (info) => this.closes.push(info));
    this.provider.on("error", (error) => this.errors.push(error));
  }

  /** Appends to the text, as one change. */
  type(text: string): void {
    const content = this.doc.getText("content");
    content.insert(content.length, text);
  }

  get text(): string {
    return this.doc.getText("content").toString();
  }

  get status(): ConnectionState["status"] {
    return this.provider.state.status;
  }

  /** How many changes are unsaved, and the word for it. */
  get saving(): [number, string] {
    const { unsaved, status } = this.provider.saveState;
    return [unsaved, status];
  }
}
