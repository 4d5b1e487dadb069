/** Who is writing on this device: a name and a colour for the others to see. */
import { cleanName, PALETTE, paletteColor, type UserState, userState } from "../editor";
import { recall, remember } from "./storage";

class Identity {
  name: string = $state("");
  color: string = $state("");

  readonly state: UserState = $derived(userState(this.name, this.color));

  constructor() {
    const [name, color] = [recall("name"), recall("color")];
    const number = 10 + Math.floor(Math.random() * 90);
    this.name = name ? cleanName(name) : `Guest ${number}`;
    this.color = (PALETTE as readonly string[]).includes(color ?? "")
      ? (color as string)
      : paletteColor(number);
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
    remember("name", this.name);
    remember("color", this.color);
  }
}

export const identity = new Identity();
