/**
 * What a reader has chosen about the page, on this device. `settings.keys` and the others are reactive; `choose` changes one, remembers
 * it, and shows it at once. What the first paint depends on is an attribute of the root element, which src/first sets before it.
 */
import { recall, remember } from "../service";

/** What can be chosen. The first of each is what holds when nothing was chosen, and is not stored. */
export const CHOICES = {
  language: ["browser", "en", "zh-CN"],
  theme: ["system", "light", "dark"],
  /** How far text stands out from the page: `more` is the high contrast of both themes. */
  contrast: ["system", "normal", "more"],
  /** Of the text in the editor. */
  size: ["medium", "smallest", "small", "large", "largest"],
  /** Of the lines in the editor. */
  width: ["normal", "wide"],
  keys: ["standard", "vim"],
  toolbar: ["on", "off"],
  spelling: ["on", "off"],
  /** Whether the names of others stand beside their carets while they move, or always. */
  carets: ["moving", "always"],
} as const;

export type Setting = keyof typeof CHOICES;
export type Settings = { [Name in Setting]: (typeof CHOICES)[Name][number] };

/** What style sheets go by, as `data-` and the name. */
const SHOWN: readonly Setting[] = ["theme", "contrast", "size", "width", "toolbar", "carets"];

const names = Object.keys(CHOICES) as Setting[];
const state: Settings = $state(Object.fromEntries(names.map((name) => [name, read(name)])) as Settings);

/** Read it where something is rendered or in an effect, and it follows. */
export const settings: Readonly<Settings> = state;

/** The language is an exception to "at once": the words come with the next page. */
export function choose<Name extends Setting>(name: Name, choice: Settings[Name]) {
  remember(name, choice === CHOICES[name][0] ? null : choice);
  take(name, choice);
}

function take<Name extends Setting>(name: Name, choice: Settings[Name]) {
  state[name] = choice;
  if (SHOWN.includes(name)) show(name);
}

/** Storage may hold anything. */
function read<Name extends Setting>(name: Name): Settings[Name] {
  const known: readonly string[] = CHOICES[name];
  const stored = recall(name) ?? "";
  return (known.includes(stored) ? stored : known[0]) as Settings[Name];
}

/** System's choices have no attribute, except for contrast: the style sheet has one word for "more", whoever said it. */
function show(name: Setting) {
  const { dataset } = document.documentElement;
  const choice = name === "contrast" ? contrastNow() : state[name];
  if (choice === CHOICES[name][0] || choice === "normal") delete dataset[name];
  else dataset[name] = choice;
  tint();
}

/** A phone's browser colours its own bar as the page is. */
function tint() {
  const { backgroundColor } = getComputedStyle(document.documentElement);
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]"))
    meta.content = backgroundColor;
}

const systemContrast = matchMedia("(prefers-contrast: more)");

function contrastNow(): Settings["contrast"] {
  if (state.contrast !== "system") return state.contrast;
  return systemContrast.matches ? "more" : "normal";
}

systemContrast.addEventListener("change", () => show("contrast"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tint);
// What index.html has are the colours of the system's two themes.
if (state.theme !== "system" || contrastNow() === "more") tint();
// Another page of this browser: what is chosen there holds here too.
addEventListener("storage", ({ key }) => {
  for (const name of names) if (key === null || key === `cowrite.${name}`) take(name, read(name));
});
