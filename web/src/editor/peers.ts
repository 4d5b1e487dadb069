/** Where the others are, as state of the editor: resolved once, then mapped through its changes like any other position. */
import { StateEffect, StateField } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Person } from "./people";
import type { Offsets } from "./positions";

/** A peer's caret in this editor's document. */
export interface Peer extends Offsets {
  person: Person;
  /** Counts the peer's own moves; each shows its name for a moment. */
  moves: number;
}

/** Where `client` is, if it is anywhere in this document. */
export function peerOffset(view: EditorView, client: number): number | null {
  return view.state.field(peerField, false)?.get(client)?.head ?? null;
}

/** Shows a peer's name at its caret for a moment. */
export function pointOut(view: EditorView, client: number) {
  const peer = view.state.field(peerField, false)?.get(client);
  if (peer) view.dispatch({ effects: movePeers.of({ moved: [peer], gone: [] }) });
}

type Peers = ReadonlyMap<number, Peer>;

/** What awareness reported since the last frame. */
export const movePeers = StateEffect.define<{
  moved: readonly Omit<Peer, "moves">[];
  gone: readonly number[];
}>();

export const peerField = StateField.define<Peers>({
  create: () => new Map(),
  update(peers, transaction) {
    let next: Map<number, Peer> | null = null;
    if (transaction.docChanged && peers.size > 0) {
      next = new Map();
      for (const [client, peer] of peers) {
        // To the right of what is inserted at the caret, as the Yjs position (which clings to what follows) would go.
        const head = transaction.changes.mapPos(peer.head, 1);
        const anchor = peer.anchor === peer.head ? head : transaction.changes.mapPos(peer.anchor, 1);
        next.set(client, { ...peer, anchor, head });
      }
    }
    for (const effect of transaction.effects) {
      if (!effect.is(movePeers)) continue;
      next ??= new Map(peers);
      for (const client of effect.value.gone) next.delete(client);
      for (const peer of effect.value.moved) {
        const moves = (next.get(peer.person.client)?.moves ?? 0) + 1;
        next.set(peer.person.client, { ...peer, moves });
      }
    }
    return next ?? peers;
  },
});
