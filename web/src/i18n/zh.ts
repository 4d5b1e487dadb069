/** Simplified Chinese. */
import type { Dictionary } from "./en";
import { accounts } from "./zh/accounts";
import { common } from "./zh/common";
import { document } from "./zh/document";
import { editor } from "./zh/editor";
import { exports } from "./zh/exports";
import { home } from "./zh/home";
import { offline } from "./zh/offline";
import { pages } from "./zh/pages";
import { presence } from "./zh/presence";
import { settings } from "./zh/settings";
import { sharing } from "./zh/sharing";

export const zh: Dictionary = {
  accounts,
  common,
  document,
  editor,
  exports,
  home,
  offline,
  pages,
  presence,
  settings,
  sharing,
};
