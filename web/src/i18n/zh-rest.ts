/** Simplified Chinese: what other pages, dialogs and menus need. */
import type { Rest } from ".";
import { accounts } from "./zh/accounts";
import { device } from "./zh/device";
import { exports } from "./zh/exports";
import { home } from "./zh/home";
import { pages } from "./zh/pages";
import { presence } from "./zh/presence";
import { sharing } from "./zh/sharing";

export const rest: Rest = { accounts, device, exports, home, pages, presence, sharing };
