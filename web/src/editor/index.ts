/** The editor: everything the user interface may use of it. */

export { contentOf } from "./collab";
export { contrast, inkOn, PALETTE, paletteColor } from "./colors";
export {
  cleanName,
  initials,
  MAX_NAME_LENGTH,
  type Person,
  personOf,
  type UserState,
  userState,
} from "./people";
export { MarkdownPreview } from "./preview";
export { scrollTogether } from "./scroll";
export { createEditor, type Editor, type EditorOptions, type Kind } from "./setup";
