/** Markdown's looks in the source view: marks step back, meaning steps forward. Colours come from the page's variables. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags as t } from "@lezer/highlight";

const style = HighlightStyle.define([
  { tag: t.heading1, fontSize: "1.5em", fontWeight: "700", letterSpacing: "-0.015em", lineHeight: "1.35" },
  { tag: t.heading2, fontSize: "1.25em", fontWeight: "700", letterSpacing: "-0.01em", lineHeight: "1.4" },
  { tag: t.heading3, fontSize: "1.1em", fontWeight: "700" },
  { tag: [t.heading4, t.heading5, t.heading6], fontWeight: "700" },
  { tag: t.strong, fontWeight: "700" },
  { tag: t.emphasis, fontStyle: "italic" },
  { tag: t.strikethrough, textDecoration: "line-through", color: "var(--ink-2)" },
  { tag: t.monospace, fontFamily: "var(--mono)", fontSize: "0.9em" },
  { tag: t.link, color: "var(--accent-ink)" },
  { tag: [t.url, t.labelName, t.comment, t.meta], color: "var(--ink-3)" },
  { tag: t.quote, color: "var(--ink-2)" },
  { tag: [t.processingInstruction, t.contentSeparator], color: "var(--ink-3)", fontWeight: "400" },
  { tag: [t.escape, t.character], color: "var(--ink-3)" },
]);

export const markdownHighlight: Extension = syntaxHighlighting(style);
