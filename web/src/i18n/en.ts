/** English, which is also what a dictionary is: every other has the same words (a missing one is an error of types). */
import { accounts } from "./en/accounts";
import { common } from "./en/common";
import { document } from "./en/document";
import { editor } from "./en/editor";
import { exports } from "./en/exports";
import { home } from "./en/home";
import { offline } from "./en/offline";
import { pages } from "./en/pages";
import { presence } from "./en/presence";
import { settings } from "./en/settings";
import { sharing } from "./en/sharing";

export const en = {
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

export type Dictionary = typeof en;
