/**
 * What the grammars find, made visible. Markdown: marks step back, meaning steps forward. Code: a few kinds of words in colours of
 * the page (ui/styles/code.css), the same in the editor and in the preview.
 */

import { markdownLanguage } from "@codemirror/lang-markdown";
import { HighlightStyle, languageDataProp, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags as t, tagHighlighter } from "@lezer/highlight";

const style = HighlightStyle.define(
  [
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
  ],
  // Not the code in it, which has colours of its own.
  { scope: markdownLanguage },
);

export const markdownHighlight: Extension = syntaxHighlighting(style);

/** Code in words of few kinds. The classes are what stylesheets and the preview know. */
const WORDS: Parameters<typeof tagHighlighter>[0] = [
  { tag: [t.keyword, t.modifier, t.self, t.null, t.bool, t.atom, t.operatorKeyword], class: "code-keyword" },
  {
    tag: [t.string, t.special(t.string), t.regexp, t.character, t.attributeValue, t.inserted],
    class: "code-string",
  },
  { tag: [t.number, t.literal, t.escape, t.color, t.unit], class: "code-number" },
  { tag: [t.comment, t.meta, t.documentMeta], class: "code-comment" },
  {
    tag: [t.function(t.variableName), t.function(t.propertyName), t.macroName, t.labelName],
    class: "code-function",
  },
  { tag: [t.typeName, t.className, t.namespace, t.tagName, t.standard(t.name)], class: "code-type" },
  { tag: [t.propertyName, t.attributeName, t.definition(t.propertyName)], class: "code-property" },
  { tag: [t.deleted, t.invalid], class: "code-deleted" },
  { tag: [t.heading, t.strong], class: "code-strong" },
  { tag: t.emphasis, class: "code-emphasis" },
];

export const codeHighlighter = tagHighlighter(WORDS);

/** The same in the editor, where Markdown is no code. */
const inEditor = tagHighlighter(WORDS, {
  scope: (type) => type.prop(languageDataProp) !== markdownLanguage.data,
});

export const codeHighlight: Extension = syntaxHighlighting(inEditor);
