/**
 * Shows where the others are, and tells them where we are.
 *
 * Where a peer is gets resolved once, when its awareness state changes (that walks the text), and is then mapped through
 * editor changes like any other position. Carets and selections are drawn into layers beside the text: the text's own DOM
 * is left alone (an input method in the middle of a word does not like it touched) and only what is in the viewport is
 * measured, at most once per animation frame.
 */
import { EditorSelection, type Extension, Facet, StateEffect, StateField } from "@codemirror/state";
import {
  type EditorView,
  type LayerMarker,
  layer,
  RectangleMarker,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import { binding, mirrored } from "./collab";
import { type Person, personOf } from "./people";
import { cursorOf, type Offsets, toCursor, toOffsets } from "./positions";

export function presence(awareness: Awareness): Extension {
  return [awarenessFacet.of(awareness), peerField, presencePlugin, placed, peerSelections, peerCarets];
}

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

const awarenessFacet = Facet.define<Awareness, Awareness | null>({
  combine: (values) => values[0] ?? null,
});

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

/** Carries positions between awareness and the editor, once per animation frame at most. */
const presencePlugin = ViewPlugin.fromClass(
  class {
    private readonly awareness: Awareness | null;
    /** Clients whose state changed since the last frame. */
    private readonly changed = new Set<number>();
    /** Clients whose caret points at text that has not arrived yet. */
    private readonly waiting = new Set<number>();
    private frame = 0;
    private publishDue = false;
    /** Nobody is shown a caret at the start of the text for having opened it; the first focus counts. */
    private focused = false;
    private published = "";

    constructor(private readonly view: EditorView) {
      this.awareness = view.state.facet(awarenessFacet);
      this.awareness?.on("change", this.onAwareness);
      for (const client of this.awareness?.getStates().keys() ?? []) this.changed.add(client);
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
      this.schedule();
    };

    private schedule() {
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
          const person = personOf(client, state);
          if (!known || !samePlace(known, offsets) || !samePerson(known.person, person)) {
            moved.push({ ...offsets, person });
          }
        } else {
          gone.push(client);
          if (cursor) this.waiting.add(client);
        }
      }
      this.changed.clear();
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

function samePerson(a: Person, b: Person): boolean {
  return a.client === b.client && a.name === b.name && a.color === b.color && a.guest === b.guest;
}

/**
 * Where peers are on the screen. Measuring that is dear, and with many of them each moves seldom between two frames of the
 * others; a peer that is the same object is at the same place, until the text or its layout changes.
 */
class Placed {
  private carets = new WeakMap<Peer, readonly RectangleMarker[]>();
  private selections = new WeakMap<Peer, readonly RectangleMarker[]>();

  update(update: ViewUpdate) {
    if (!update.docChanged && !update.viewportChanged && !update.geometryChanged) return;
    this.carets = new WeakMap();
    this.selections = new WeakMap();
  }

  caret(view: EditorView, peer: Peer): RectangleMarker | undefined {
    return once(this.carets, peer, () =>
      RectangleMarker.forRange(view, "", EditorSelection.cursor(peer.head)),
    )[0];
  }

  selection(view: EditorView, peer: Peer): readonly RectangleMarker[] {
    return once(this.selections, peer, () =>
      RectangleMarker.forRange(view, "cm-peer-selection", EditorSelection.range(peer.anchor, peer.head)),
    );
  }
}

const placed = ViewPlugin.fromClass(Placed);

function once<Value>(known: WeakMap<Peer, Value>, peer: Peer, measure: () => Value): Value {
  const value = known.get(peer) ?? measure();
  known.set(peer, value);
  return value;
}

const peerSelections = layer({
  above: false,
  class: "cm-peer-selections",
  update: needsRedraw,
  markers(view) {
    const markers: LayerMarker[] = [];
    for (const peer of visiblePeers(view)) {
      if (peer.anchor === peer.head) continue;
      for (const rect of view.plugin(placed)?.selection(view, peer) ?? []) {
        markers.push(new SelectionMarker(rect, peer.person.color));
      }
    }
    return markers;
  },
});

const peerCarets = layer({
  above: true,
  class: "cm-peer-carets",
  update: needsRedraw,
  markers(view) {
    const { scrollTop, clientWidth } = view.scrollDOM;
    const markers: LayerMarker[] = [];
    for (const peer of visiblePeers(view)) {
      if (peer.head < view.viewport.from || peer.head > view.viewport.to) continue;
      const rect = view.plugin(placed)?.caret(view, peer);
      if (!rect) continue;
      const below = rect.top - Math.max(0, scrollTop) < LABEL_HEIGHT;
      const leftwards = rect.left > clientWidth - LABEL_WIDTH;
      markers.push(new CaretMarker(rect, peer, below, leftwards));
    }
    return markers;
  },
});

/** Room a name needs above its caret and to the right of it, in pixels; without it the name flips. */
const LABEL_HEIGHT = 24;
const LABEL_WIDTH = 140;

function needsRedraw(update: ViewUpdate): boolean {
  const peers = update.state.field(peerField);
  if (update.startState.field(peerField) !== peers) return true;
  return peers.size > 0 && (update.docChanged || update.viewportChanged || update.geometryChanged);
}

function* visiblePeers(view: EditorView): Iterable<Peer> {
  const { from, to } = view.viewport;
  const { length } = view.state.doc;
  for (const peer of view.state.field(peerField).values()) {
    const [start, end] = peer.anchor < peer.head ? [peer.anchor, peer.head] : [peer.head, peer.anchor];
    if (end >= from && start <= to && end <= length) yield peer;
  }
}

/** A caret with its name. Text nodes and validated colours only: what peers send never becomes markup or CSS. */
class CaretMarker implements LayerMarker {
  constructor(
    private readonly rect: RectangleMarker,
    private readonly peer: Peer,
    private readonly below: boolean,
    private readonly leftwards: boolean,
  ) {}

  eq(other: CaretMarker): boolean {
    return (
      this.rect.eq(other.rect) &&
      this.peer.moves === other.peer.moves &&
      samePerson(this.peer.person, other.peer.person) &&
      this.below === other.below &&
      this.leftwards === other.leftwards
    );
  }

  draw(): HTMLElement {
    const caret = document.createElement("div");
    caret.className = "cm-peer-caret";
    const label = caret.appendChild(document.createElement("bdi"));
    label.className = "cm-peer-name";
    label.append(this.peer.person.name);
    if (this.peer.person.guest) label.append(" (guest)");
    this.place(caret);
    showName(caret);
    return caret;
  }

  update(caret: HTMLElement, old: LayerMarker): boolean {
    if (!(old instanceof CaretMarker) || !samePerson(old.peer.person, this.peer.person)) return false;
    this.place(caret);
    if (old.peer.moves !== this.peer.moves) showName(caret);
    return true;
  }

  private place(caret: HTMLElement) {
    const { person } = this.peer;
    caret.style.left = `${this.rect.left}px`;
    caret.style.top = `${this.rect.top}px`;
    caret.style.height = `${this.rect.height}px`;
    caret.style.setProperty("--peer", person.color);
    caret.style.setProperty("--peer-ink", person.ink);
    caret.classList.toggle("cm-peer-below", this.below);
    caret.classList.toggle("cm-peer-leftwards", this.leftwards);
  }
}

/** A name stands at its caret for so long, and then fades. */
const NAME_SHOWN_MS = 2100;

const hiding = new WeakMap<HTMLElement, ReturnType<typeof setTimeout>>();

/** A class that comes and goes: an animation that starts again with each move of each caret would cost more than all the rest. */
function showName(caret: HTMLElement) {
  clearTimeout(hiding.get(caret));
  caret.classList.add("cm-peer-named");
  hiding.set(
    caret,
    setTimeout(() => caret.classList.remove("cm-peer-named"), NAME_SHOWN_MS),
  );
}

class SelectionMarker implements LayerMarker {
  constructor(
    private readonly rect: RectangleMarker,
    private readonly color: string,
  ) {}

  eq(other: SelectionMarker): boolean {
    return this.rect.eq(other.rect) && this.color === other.color;
  }

  draw(): HTMLElement {
    const element = this.rect.draw();
    element.style.setProperty("--peer", this.color);
    return element;
  }

  update(element: HTMLElement, old: LayerMarker): boolean {
    if (!(old instanceof SelectionMarker) || !this.rect.update(element, old.rect)) return false;
    element.style.setProperty("--peer", this.color);
    return true;
  }
}
