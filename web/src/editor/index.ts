/** The editor: everything the user interface may use of it. */

export { sectionIn } from "./addresses";
export { CodeColours } from "./codes";
export { contentOf } from "./collab";
export { contrast, freeColor, inkOn, PALETTE, paletteColor } from "./colors";
export { COMMANDS, type CommandId, commandOf, commandsFor, type EditorCommand, shortcutOf } from "./commands";
export { whenSettled } from "./composition";
export { type Counts, count } from "./counts";
export { files } from "./files";
export { goTo } from "./goto";
export {
  type CodeLanguage,
  highlightCode,
  LANGUAGES,
  languageNamed,
  languageOfInfo,
  languageOfTitle,
  loadLanguage,
} from "./languages";
export type { Keys } from "./later";
export { type Heading, headingsIn, headingsOf } from "./outline";
export {
  cleanName,
  initials,
  MAX_NAME_LENGTH,
  type Person,
  personOf,
  type UserState,
  userState,
} from "./people";
export { fulfil, Placeholder, put, take, whereIs } from "./placeholders";
export { MarkdownPreview } from "./preview";
export { Reader, readerOf, textOf } from "./reader";
export { topOf } from "./scroll";
export { createEditor, type Editor, type EditorOptions, type Kind } from "./setup";
export { type ShownPreview, showPreview } from "./shown";
