/**
 * Shows where the others are, and tells them where we are.
 *
 * Where a peer is gets resolved once, when its awareness state changes (that walks the text), and is then mapped through
 * editor changes like any other position (peers.ts). Carets and selections are drawn beside the text (carets.ts).
 */
import { type Extension, Facet } from "@codemirror/state";
import { type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import { type CaretWords, caretWords, peerCarets } from "./carets";
import { binding, mirrored } from "./collab";
import { movePeers, type Peer, peerField } from "./peers";
import { personOf, samePerson } from "./people";
import { cursorOf, type Offsets, toCursor, toOffsets } from "./positions";

export function presence(awareness: Awareness, words: CaretWords): Extension {
  return [awarenessFacet.of(awareness), caretWords.of(words), peerField, presencePlugin, peerCarets];
}

const awarenessFacet = Facet.define<Awareness, Awareness | null>({
  combine: (values) => values[0] ?? null,
});

/** More carets than this that moved at once are a crowd, of which nobody follows a single one with their eyes … */
const CROWD = 3;
/** … and which is drawn anew no more often than this: each time costs a frame. */
const CROWD_EVERY_MS = 100;

/** Carries positions between awareness and the editor, once per animation frame at most. */
const presencePlugin = ViewPlugin.fromClass(
  class {
    private readonly awareness: Awareness | null;
    /** Clients whose state changed since the last frame. */
    private readonly changed = new Set<number>();
    /** Clients whose caret points at text that has not arrived yet. */
    private readonly waiting = new Set<number>();
    private frame = 0;
    private rest: ReturnType<typeof setTimeout> | undefined;
    /** Until when a crowd that was drawn stays as it is, in `performance.now()`'s milliseconds. */
    private rested = 0;
    private publishDue = false;
    /** Nobody is shown a caret at the start of the text for having opened it; the first focus counts. */
    private focused = false;
    private published = "";

    constructor(private readonly view: EditorView) {
      this.awareness = view.state.facet(awarenessFacet);
      this.awareness?.on("change", this.onAwareness);
      for (const client of this.awareness?.getStates().keys() ?? []) this.changed.add(client);
      this.focused = view.hasFocus;
      this.publishDue = this.focused;
      this.schedule();
    }

    update(update: ViewUpdate) {
      if (update.view.hasFocus) this.focused = true;
      if (update.selectionSet || update.focusChanged || this.caretTouched(update)) {
        this.publishDue = true;
        this.schedule();
      }
      if (update.docChanged && this.waiting.size > 0) {
        for (const client of this.waiting) this.changed.add(client);
        this.schedule();
      }
    }

    destroy() {
      cancelAnimationFrame(this.frame);
      clearTimeout(this.rest);
      this.awareness?.off("change", this.onAwareness);
    }

    /** A remote edit elsewhere leaves our relative position as it is; only one at the caret makes a new one. */
    private caretTouched(update: ViewUpdate): boolean {
      if (!update.docChanged) return false;
      const { from, to } = update.startState.selection.main;
      const own = update.transactions.some((t) => t.docChanged && t.annotation(mirrored) === undefined);
      return own || update.changes.touchesRange(from) !== false || update.changes.touchesRange(to) !== false;
    }

    private readonly onAwareness = (change: { added: number[]; updated: number[]; removed: number[] }) => {
      for (const clients of [change.added, change.updated, change.removed]) {
        for (const client of clients) this.changed.add(client);
      }
      const rest_ms = this.rested - performance.now();
      if (rest_ms <= 0) this.schedule();
      else this.rest ??= setTimeout(() => this.schedule(), rest_ms);
    };

    private schedule() {
      clearTimeout(this.rest);
      this.rest = undefined;
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0;
        this.receive();
        if (this.publishDue) this.publish();
      });
    }

    private receive() {
      const bound = this.view.state.facet(binding);
      if (!this.awareness || !bound || this.changed.size === 0) return;
      const moved: Omit<Peer, "moves">[] = [];
      const gone: number[] = [];
      for (const client of this.changed) {
        if (client === this.awareness.clientID) continue;
        this.waiting.delete(client);
        const state = this.awareness.getStates().get(client);
        const cursor = cursorOf(state);
        const offsets = cursor && toOffsets(bound.text, cursor);
        if (offsets) {
          const known = this.view.state.field(peerField).get(client);
          const person = personOf(client, state, this.view.state.facet(caretWords)?.anonymous);
          if (!known || !samePlace(known, offsets) || !samePerson(known.person, person)) {
            moved.push({ ...offsets, person });
          }
        } else {
          // A caret stays where it is until the text is here that it has gone to.
          if (cursor) this.waiting.add(client);
          else gone.push(client);
        }
      }
      this.changed.clear();
      if (moved.length > CROWD) this.rested = performance.now() + CROWD_EVERY_MS;
      if (moved.length > 0 || gone.some((client) => this.view.state.field(peerField).has(client))) {
        this.view.dispatch({ effects: movePeers.of({ moved, gone }) });
        // Whoever asks for a height has the view measure at once. It draws the carets in this frame then, and needs no other.
        this.view.elementAtHeight(0);
      }
    }

    private publish() {
      this.publishDue = false;
      const bound = this.view.state.facet(binding);
      if (!this.awareness?.getLocalState() || !bound || !this.focused) return;
      const cursor = toCursor(bound.text, this.view.state.selection.main);
      const key = JSON.stringify(cursor);
      if (key === this.published) return;
      this.published = key;
      this.awareness.setLocalStateField("cursor", cursor);
    }
  },
);

function samePlace(a: Offsets, b: Offsets): boolean {
  return a.anchor === b.anchor && a.head === b.head;
}
