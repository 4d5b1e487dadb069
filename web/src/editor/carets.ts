/**
 * Draws the carets and selections of the others, into layers beside the text: the text's own DOM is left alone (an input method in
 * the middle of a word does not like it touched) and only what is in the viewport is measured, at most once per animation frame.
 */
import { EditorSelection, type Extension, Facet } from "@codemirror/state";
import {
  EditorView,
  type LayerMarker,
  layer,
  RectangleMarker,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { type Peer, peerField, pointOut } from "./peers";
import { samePerson } from "./people";

/** The words at a caret. */
export interface CaretWords {
  /** Somebody without a name. */
  anonymous: string;
  /** A name, with a mark that the server knows others here and not this one. */
  asGuest: (name: string) => string;
}

export const caretWords = Facet.define<CaretWords, CaretWords | null>({
  combine: (values) => values[0] ?? null,
});

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

const selections = layer({
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

const carets = layer({
  above: true,
  class: "cm-peer-carets",
  update: needsRedraw,
  markers(view) {
    const { scrollTop, clientWidth, clientHeight } = view.scrollDOM;
    const seen = { top: scrollTop, bottom: scrollTop + clientHeight };
    const own = ownLine(view);
    const words = view.state.facet(caretWords);
    const markers: LayerMarker[] = [];
    for (const peer of visiblePeers(view)) {
      if (peer.head < view.viewport.from || peer.head > view.viewport.to) continue;
      const rect = view.plugin(placed)?.caret(view, peer);
      if (!rect) continue;
      const { top, height, left } = rect;
      const place = labelPlace({ top, bottom: top + height }, own, seen);
      const name = peer.person.guest && words ? words.asGuest(peer.person.name) : peer.person.name;
      markers.push(new CaretMarker(rect, peer, name, place, left > clientWidth - LABEL_WIDTH));
    }
    return markers;
  },
});

/** Room a name needs above its caret and to the right of it, in pixels; without it the name flips. As in theme.ts. */
const LABEL_HEIGHT = 20;
const LABEL_WIDTH = 164;

interface Band {
  top: number;
  bottom: number;
}

export type LabelPlace = "above" | "below" | "nowhere";

/**
 * Where the name at a caret covers neither the line that is being typed on here nor is cut off by the edge of what is seen. All in
 * pixels of the same scale.
 *
 * @param own the line that is being typed on; null while nobody types here
 */
export function labelPlace(caret: Band, own: Band | null, seen: Band): LabelPlace {
  const free = (top: number, bottom: number) =>
    top >= seen.top && bottom <= seen.bottom && (own === null || bottom <= own.top || top >= own.bottom);
  if (free(caret.top - LABEL_HEIGHT, caret.top)) return "above";
  return free(caret.bottom, caret.bottom + LABEL_HEIGHT) ? "below" : "nowhere";
}

function ownLine(view: EditorView): Band | null {
  const { head } = view.state.selection.main;
  if (!view.hasFocus || head < view.viewport.from || head > view.viewport.to) return null;
  const [rect] = RectangleMarker.forRange(view, "", EditorSelection.cursor(head));
  return rect ? { top: rect.top, bottom: rect.top + rect.height } : null;
}

function needsRedraw(update: ViewUpdate): boolean {
  const peers = update.state.field(peerField);
  if (update.startState.field(peerField) !== peers) return true;
  if (peers.size === 0) return false;
  const { docChanged, viewportChanged, geometryChanged, selectionSet, focusChanged } = update;
  return docChanged || viewportChanged || geometryChanged || selectionSet || focusChanged;
}

/** So close to a caret, in pixels, its name shows. */
const HOVER_PX = 7;

/** The layers let everything through to the text below them, so it is asked which caret the pointer is at. */
const namesOnHover = EditorView.domEventHandlers({
  mousemove(event, view) {
    if (event.buttons !== 0 || view.state.field(peerField).size === 0) return;
    const { left, top } = view.scrollDOM.getBoundingClientRect();
    const x = event.clientX - left + view.scrollDOM.scrollLeft;
    const y = event.clientY - top + view.scrollDOM.scrollTop;
    for (const peer of visiblePeers(view)) {
      if (peer.head < view.viewport.from || peer.head > view.viewport.to) continue;
      const rect = view.plugin(placed)?.caret(view, peer);
      if (!rect || Math.abs(x - rect.left) > HOVER_PX || y < rect.top || y > rect.top + rect.height) continue;
      const last = hovered.get(view);
      // Once a second: the name stays for longer than that.
      if (last?.client === peer.person.client && event.timeStamp - last.at < 1000) return;
      hovered.set(view, { client: peer.person.client, at: event.timeStamp });
      pointOut(view, peer.person.client);
      return;
    }
  },
});

const hovered = new WeakMap<EditorView, { client: number; at: number }>();

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
    private readonly name: string,
    private readonly label: LabelPlace,
    private readonly leftwards: boolean,
  ) {}

  eq(other: CaretMarker): boolean {
    return (
      this.rect.eq(other.rect) &&
      this.peer.moves === other.peer.moves &&
      samePerson(this.peer.person, other.peer.person) &&
      this.label === other.label &&
      this.leftwards === other.leftwards
    );
  }

  draw(): HTMLElement {
    const caret = document.createElement("div");
    caret.className = "cm-peer-caret";
    const label = caret.appendChild(document.createElement("bdi"));
    label.className = "cm-peer-name";
    label.append(this.name);
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
    caret.classList.toggle("cm-peer-below", this.label === "below");
    caret.classList.toggle("cm-peer-unlabelled", this.label === "nowhere");
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

/** The extension. */
export const peerCarets: Extension = [placed, selections, carets, namesOnHover];
