/** Who is writing on this device: a name and a colour for the others to see. A name that the server vouches for comes first. */
import { cleanName, PALETTE, paletteColor, type UserState, userState } from "../editor";
import { t } from "../i18n";
import { recall, remember } from "../service";
import { session } from "./session.svelte";

/** A name that a page made up, in any of the languages. */
const MADE_UP = /^(?:Guest|访客) ?\d\d$/;

class Identity {
  /** The name that was chosen here. */
  name: string = $state("");
  color: string = $state("");
  /** Whether it was chosen, or is one that pages make up. */
  named: boolean = $state(true);

  readonly shown: string = $derived(session.name === null ? this.name : cleanName(session.name));
  readonly state: UserState = $derived(userState(this.shown, this.color));

  constructor() {
    const [name, color] = [recall("name"), recall("color")];
    const number = 10 + Math.floor(Math.random() * 90);
    this.name = name ? cleanName(name) : t.presence.guestNumber(number);
    this.named = name !== null && !MADE_UP.test(name);
    this.color = (PALETTE as readonly string[]).includes(color ?? "")
      ? (color as string)
      : paletteColor(number);
    this.keep();
  }

  rename(name: string) {
    if (name.trim() === "") return;
    this.name = cleanName(name);
    this.named = true;
    this.keep();
  }

  recolor(color: string) {
    this.color = color;
    this.keep();
  }

  private keep() {
    remember("name", this.name);
    remember("color", this.color);
  }
}

export const identity = new Identity();
