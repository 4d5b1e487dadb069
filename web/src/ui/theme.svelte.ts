/** Light or dark: the system's choice until the writer makes another. boot.js applies it before the first paint. */
import { MediaQuery } from "svelte/reactivity";
import { recall, remember } from "../service";

type Theme = "light" | "dark";

class ThemeChoice {
  private readonly systemDark = new MediaQuery("(prefers-color-scheme: dark)");
  private chosen: Theme | null = $state(parse(recall("theme")));

  readonly current: Theme = $derived(this.chosen ?? this.system);

  private get system(): Theme {
    return this.systemDark.current ? "dark" : "light";
  }

  toggle() {
    const next: Theme = this.current === "dark" ? "light" : "dark";
    // Back at the system's theme means following it again.
    this.chosen = next === this.system ? null : next;
    remember("theme", this.chosen);
    if (this.chosen) document.documentElement.dataset.theme = this.chosen;
    else delete document.documentElement.dataset.theme;
  }
}

function parse(value: string | null): Theme | null {
  return value === "light" || value === "dark" ? value : null;
}

export const theme = new ThemeChoice();
