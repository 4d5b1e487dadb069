/**
 * Relative positions as they travel in awareness states. They come from peers, so their shape is checked before Yjs sees
 * them: Yjs would, for one, create a root type for whatever name a position mentions.
 */
import * as Y from "yjs";
import { isRecord } from "./people";

export interface CursorState {
  anchor: unknown;
  head: unknown;
}

export interface Offsets {
  anchor: number;
  head: number;
}

/** The cursor of an awareness state; null when there is none or none that makes sense. */
export function cursorOf(state: unknown): CursorState | null {
  if (!isRecord(state) || !isRecord(state.cursor)) return null;
  const { anchor, head } = state.cursor;
  return anchor !== undefined && head !== undefined ? { anchor, head } : null;
}

/** A selection as relative positions in JSON. Each costs a walk through the text's items: once per frame is fine. */
export function toCursor(text: Y.Text, { anchor, head }: Offsets): CursorState {
  const at = (index: number) =>
    Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index)) as unknown;
  const headPosition = at(head);
  return { anchor: anchor === head ? headPosition : at(anchor), head: headPosition };
}

/** Where a peer's cursor is now; null when it points at something this copy does not have (yet). */
export function toOffsets(text: Y.Text, cursor: CursorState): Offsets | null {
  const head = toOffset(text, cursor.head);
  if (head === null) return null;
  const anchor = cursor.anchor === cursor.head ? head : toOffset(text, cursor.anchor);
  return anchor === null ? null : { anchor, head };
}

function toOffset(text: Y.Text, json: unknown): number | null {
  const position = parse(text, json);
  if (!position || !text.doc) return null;
  const found = Y.createAbsolutePositionFromRelativePosition(position, text.doc);
  if (!found || found.type !== text) return null;
  return Math.max(0, Math.min(found.index, text.length));
}

function parse(text: Y.Text, json: unknown): Y.RelativePosition | null {
  if (!isRecord(json)) return null;
  const { type, tname, item, assoc } = json;
  if (assoc !== undefined && !Number.isSafeInteger(assoc)) return null;
  if (isId(item)) return Y.createRelativePositionFromJSON({ item, assoc: assoc ?? 0 });
  // Without an item it means the start or the end of a type; only of ours.
  if (item !== undefined && item !== null) return null;
  if (type !== undefined && type !== null) return null;
  const named: unknown = typeof tname === "string" ? text.doc?.share.get(tname) : undefined;
  if (named !== text) return null;
  return Y.createRelativePositionFromJSON({ tname, assoc: assoc ?? 0 });
}

function isId(value: unknown): value is { client: number; clock: number } {
  return isRecord(value) && isCount(value.client) && isCount(value.clock);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
