import { openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { type Extension, Prec } from "@codemirror/state";
import { type Command, keymap } from "@codemirror/view";

export const searching: Extension = [search({ top: true }), Prec.high(keymap.of(searchKeymap))];
export const find: Command = (view) => openSearchPanel(view);
export const replace: Command = (view) => openSearchPanel(view);
