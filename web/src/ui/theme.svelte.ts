/** Light or dark: the system's choice until the reader makes another. */
import { MediaQuery } from "svelte/reactivity";
import { choose, settings } from "./settings.svelte";

type Theme = "light" | "dark";

class ThemeChoice {
  private readonly systemDark = new MediaQuery("(prefers-color-scheme: dark)");

  readonly current: Theme = $derived(settings.theme === "system" ? this.system : settings.theme);

  private get system(): Theme {
    return this.systemDark.current ? "dark" : "light";
  }

  toggle() {
    const next: Theme = this.current === "dark" ? "light" : "dark";
    // Back at the system's theme means following it again.
    choose("theme", next === this.system ? "system" : next);
  }
}

export const theme = new ThemeChoice();
