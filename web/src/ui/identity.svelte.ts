/** Who is writing on this device: a name and a colour for the others to see. A name that the server vouches for comes first. */
import { cleanName, freeColor, PALETTE, paletteColor, type UserState, userState } from "../editor";
import { t } from "../i18n";
import { recall, remember } from "../service";
import { session } from "./session.svelte";

/** A name that a page made up, in any of the languages: it is shown in the one that is read now. */
const MADE_UP = /^(?:Guest|访客) ?(\d\d)$/;

/** Where it is kept that the colour was chosen. */
const CHOSEN = "color-chosen";

class Identity {
  /** The name that was chosen here; null before anybody has chosen. */
  private name: string | null = $state(null);
  /** What tells nameless guests apart. */
  private number = 0;
  /** The device's colour. */
  private own: string = $state("");
  /** Whether somebody chose it. */
  private chosen = false;
  /** What this page wears in its place. */
  private instead: string | null = $state(null);
  readonly color: string = $derived(this.instead ?? this.own);

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
    const stored = (PALETTE as readonly string[]).includes(color ?? "") ? color : null;
    this.own = stored ?? paletteColor(this.number);
    this.chosen = stored !== null && recall(CHOSEN) !== null;
    this.keep();
  }

  rename(name: string) {
    if (name.trim() === "") return;
    this.name = cleanName(name);
    this.keep();
  }

  recolor(color: string) {
    this.own = color;
    this.chosen = true;
    this.instead = null;
    this.keep();
  }

  /** Gives way to those who were here before, where the colour is one that the page made up: another one is worn on this page. */
  differFrom(others: readonly Pick<UserState, "name" | "color">[]) {
    if (this.chosen) return;
    // Whoever has both in common is the same person in another tab.
    const strangers = others.filter(({ name, color }) => name !== this.shown || color !== this.own);
    this.instead = freeColor(
      this.own,
      strangers.map(({ color }) => color),
    );
  }

  private keep() {
    remember("name", this.name ?? t.document.guestNumber(this.number));
    remember("color", this.own);
    remember(CHOSEN, this.chosen ? "yes" : null);
  }
}

export const identity = new Identity();
