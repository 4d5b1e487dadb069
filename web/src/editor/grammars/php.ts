import { htmlLanguage } from "@codemirror/lang-html";
import { phpLanguage } from "@codemirror/lang-php";
import { parseMixed } from "@lezer/common";

/** PHP in HTML, without the completions that the package's own `php()` brings. */
export const php = phpLanguage.configure({
  wrap: parseMixed((node) =>
    node.type.isTop ? { parser: htmlLanguage.parser, overlay: ({ name }) => name === "Text" } : null,
  ),
});
