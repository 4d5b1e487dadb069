/**
 * Undo of one's own edits only. The stack lives in Yjs, which knows whose edit is whose; CodeMirror's history is off.
 */
import {
  EditorSelection,
  type Extension,
  Prec,
  type SelectionRange,
  type Transaction,
} from "@codemirror/state";
import { type Command, EditorView, keymap, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import * as Y from "yjs";
import { type Binding, binding, mirrored } from "./collab";

/** Edits closer together than this are undone in one go. */
const CAPTURE_MS = 500;

export function undoHistory(): Extension {
  return [
    undoPlugin,
    Prec.high(
      keymap.of([
        { key: "Mod-z", run: undo, preventDefault: true },
        { key: "Mod-y", run: redo, preventDefault: true },
        { key: "Mod-Shift-z", run: redo, preventDefault: true },
      ]),
    ),
    // The menu entries of the browser, and the shake of a phone.
    EditorView.domEventHandlers({
      beforeinput(event, view) {
        if (event.inputType === "historyUndo") return undo(view) || true;
        if (event.inputType === "historyRedo") return redo(view) || true;
        return false;
      },
    }),
  ];
}

export const undo: Command = (view) => view.plugin(undoPlugin)?.undo() ?? false;
export const redo: Command = (view) => view.plugin(undoPlugin)?.redo() ?? false;

/** Runs a command whose edit is a step of its own, whatever was typed just before or comes just after it. */
export function asOneStep(view: EditorView, command: Command): boolean {
  cutUndo(view);
  const done = command(view);
  cutUndo(view);
  return done;
}

/** Ends a step of undo: what is edited next is another one. */
export function cutUndo(view: EditorView) {
  view.plugin(undoPlugin)?.cut();
}

function continuesComposition(transaction: Transaction): boolean {
  return (
    transaction.isUserEvent("input.type.compose") && !transaction.isUserEvent("input.type.compose.start")
  );
}

interface StoredSelection {
  anchor: Y.RelativePosition;
  head: Y.RelativePosition;
}

interface StackEvent {
  stackItem: { meta: Map<unknown, unknown> };
}

class UndoPlugin {
  private readonly binding: Binding;
  private readonly manager: Y.UndoManager;
  /** Where the selection was before the change (typed, undone or redone) that may start a new stack item. */
  private before: StoredSelection | null = null;

  constructor(private readonly view: EditorView) {
    const bound = view.state.facet(binding);
    if (!bound) throw new Error("undo: the state has no binding");
    this.binding = bound;
    this.manager = new Y.UndoManager(bound.text, {
      trackedOrigins: new Set([bound]),
      captureTimeout: CAPTURE_MS,
    });
    this.manager.on("stack-item-added", this.onAdded);
    this.manager.on("stack-item-popped", this.onPopped);
  }

  /** Runs before the binding writes into the text, because it is registered before it; see setup.ts. */
  update(update: ViewUpdate) {
    const own = update.transactions.some((t) => t.docChanged && t.annotation(mirrored) !== this.binding);
    if (!own) return;
    // A word that an input method puts together is one step, however long it takes.
    if (update.transactions.some(continuesComposition) && this.manager.lastChange > 0) {
      this.manager.lastChange = Date.now();
    }
    // A relative position costs a walk through the text, so it is made only when it will be kept.
    const merges = Date.now() - this.manager.lastChange < CAPTURE_MS && this.manager.undoStack.length > 0;
    if (merges) return;
    this.before = this.relative(update.startState.selection.main);
  }

  undo(): boolean {
    if (!this.manager.canUndo()) return false;
    this.before = this.relative(this.view.state.selection.main);
    return this.manager.undo() !== null;
  }

  redo(): boolean {
    if (!this.manager.canRedo()) return false;
    this.before = this.relative(this.view.state.selection.main);
    return this.manager.redo() !== null;
  }

  /** What comes next is another step. */
  cut() {
    this.manager.stopCapturing();
  }

  destroy() {
    this.manager.destroy();
  }

  private readonly onAdded = ({ stackItem }: StackEvent) => {
    stackItem.meta.set(this, this.before);
    this.before = null;
  };

  private readonly onPopped = ({ stackItem }: StackEvent) => {
    const stored = stackItem.meta.get(this) as StoredSelection | null | undefined;
    if (!stored) return;
    const anchor = this.absolute(stored.anchor);
    const head = this.absolute(stored.head);
    if (anchor === null || head === null) return;
    this.view.dispatch({
      selection: EditorSelection.single(anchor, head),
      effects: EditorView.scrollIntoView(head, { y: "nearest", yMargin: 48 }),
    });
  };

  private relative({ anchor, head }: SelectionRange): StoredSelection {
    const { text } = this.binding;
    return {
      anchor: Y.createRelativePositionFromTypeIndex(text, anchor),
      head: Y.createRelativePositionFromTypeIndex(text, head),
    };
  }

  private absolute(position: Y.RelativePosition): number | null {
    const { text } = this.binding;
    const found = text.doc && Y.createAbsolutePositionFromRelativePosition(position, text.doc);
    return found && found.type === text ? Math.min(found.index, this.view.state.doc.length) : null;
  }
}

const undoPlugin = ViewPlugin.fromClass(UndoPlugin);
