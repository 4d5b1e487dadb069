/** Who is writing on this device: a name and a colour for the others to see. A name that the server vouches for comes first. */
import { cleanName, PALETTE, paletteColor, type UserState, userState } from "../editor";
import { t } from "../i18n";
import { recall, remember } from "../service";
import { session } from "./session.svelte";

/** A name that a page made up, in any of the languages: it is shown in the one that is read now. */
const MADE_UP = /^(?:Guest|访客) ?(\d\d)$/;

class Identity {
  /** The name that was chosen here; null before anybody has chosen. */
  private name: string | null = $state(null);
  /** What tells nameless guests apart. */
  private number = 0;
  color: string = $state("");

  /** Whether a name was chosen, or is one that pages make up. */
  readonly named: boolean = $derived(this.name !== null);
  readonly shown: string = $derived(
    session.name === null ? (this.name ?? t.document.guestNumber(this.number)) : cleanName(session.name),
  );
  readonly state: UserState = $derived(userState(this.shown, this.color));

  constructor() {
    const [name, color] = [recall("name"), recall("color")];
    const known = MADE_UP.exec(name ?? "")?.[1];
    this.number = known ? Number(known) : 10 + Math.floor(Math.random() * 90);
    this.name = name && !known ? cleanName(name) : null;
    this.color = (PALETTE as readonly string[]).includes(color ?? "")
      ? (color as string)
      : paletteColor(this.number);
    this.keep();
  }

  rename(name: string) {
    if (name.trim() === "") return;
    this.name = cleanName(name);
    this.keep();
  }

  recolor(color: string) {
    this.color = color;
    this.keep();
  }

  private keep() {
    remember("name", this.name ?? t.document.guestNumber(this.number));
    remember("color", this.color);
  }
}

export const identity = new Identity();
