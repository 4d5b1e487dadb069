/** How the editor looks. Every colour is a variable of the page, so one theme serves light and dark. */
import { EditorView } from "@codemirror/view";

export const theme = EditorView.theme({
  "&": {
    height: "100%",
    color: "var(--ink)",
    backgroundColor: "transparent",
    fontSize: "var(--editor-size)",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "1.7", overflowX: "auto", scrollPaddingBlock: "4rem" },
  ".cm-content": { padding: "2rem 0 40vh", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0" },
  ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--accent)", marginLeft: "-1px" },
  ".cm-content ::selection, .cm-content::selection": { backgroundColor: "var(--selection)" },
  "& > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-placeholder": { color: "var(--ink-3)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-3)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 1rem 0 1rem", minWidth: "3rem" },
  ".cm-activeLine": { backgroundColor: "var(--line-active)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--hover)",
    outline: "1px solid var(--line-strong)",
  },
  ".cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket": { backgroundColor: "transparent" },

  ".cm-code-line": { backgroundColor: "var(--code)", fontFamily: "var(--mono)" },
  ".cm-table-line": { fontFamily: "var(--mono)", fontSize: "0.88em" },

  ".cm-peer-carets, .cm-peer-selections": { pointerEvents: "none" },
  ".cm-peer-selection": { backgroundColor: "color-mix(in srgb, var(--peer) 22%, transparent)" },
  ".cm-peer-caret": {
    width: "2px",
    marginLeft: "-1px",
    backgroundColor: "var(--peer-line)",
    borderRadius: "1px",
  },
  ".cm-peer-caret::before": {
    content: "''",
    position: "absolute",
    top: "-3px",
    left: "-2px",
    width: "6px",
    height: "6px",
    borderRadius: "50%",
    backgroundColor: "var(--peer-line)",
  },
  ".cm-peer-name": {
    position: "absolute",
    bottom: "calc(100% - 1px)",
    left: "-2px",
    maxWidth: "10rem",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    padding: "0.1rem 0.4rem",
    borderRadius: "5px 5px 5px 1px",
    backgroundColor: "var(--peer)",
    color: "var(--peer-ink)",
    fontFamily: "var(--sans)",
    fontSize: "0.6875rem",
    fontWeight: "600",
    lineHeight: "1.35",
    opacity: "0",
    transition: "opacity 0.5s ease",
  },
  ".cm-peer-below .cm-peer-name": {
    bottom: "auto",
    top: "calc(100% - 1px)",
    borderRadius: "1px 5px 5px 5px",
  },
  ".cm-peer-leftwards .cm-peer-name": { left: "auto", right: "-2px", borderRadius: "5px 5px 1px 5px" },
  ".cm-peer-named .cm-peer-name": { opacity: "1", transition: "none" },
  ".cm-peer-unlabelled .cm-peer-name": { display: "none" },
});

/** Prose: the page's sans, lines of a length that is easy to read, centred. */
export const proseTheme = EditorView.theme({
  ".cm-scroller": { fontFamily: "var(--prose)" },
  ".cm-content": {
    maxWidth: "var(--measure)",
    width: "100%",
    minWidth: "0",
    margin: "0 auto",
    boxSizing: "border-box",
  },
  // The lines have the gutter, not the content around them: selections are drawn as wide as the text of a line.
  ".cm-line": { padding: "0 var(--gutter)" },
  ".cm-quote-line": {
    paddingLeft: "calc(var(--gutter) + 1.1rem)",
    background: "linear-gradient(var(--line-strong) 0 0) var(--gutter) 0 / 3px 100% no-repeat",
  },
});

/** Code: monospaced, line numbers, the full width. */
export const codeTheme = EditorView.theme({
  "&": { fontSize: "0.9375rem" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { paddingBlock: "1rem 40vh", paddingRight: "var(--gutter)" },
});
