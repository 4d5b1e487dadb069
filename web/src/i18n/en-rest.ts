/** English: what other pages, dialogs and menus need. */
import { accounts } from "./en/accounts";
import { device } from "./en/device";
import { exports } from "./en/exports";
import { home } from "./en/home";
import { pages } from "./en/pages";
import { presence } from "./en/presence";
import { sharing } from "./en/sharing";

export const rest = { accounts, device, exports, home, pages, presence, sharing };
