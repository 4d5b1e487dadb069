/** What the palette offers: what can be done on this page, and where one can go from it. */
import { type CommandId, commandsFor } from "../../editor";
import { t } from "../../i18n";
import { createDocument, type Kind } from "../../service";
import { openDialog } from "../dialogs";
import { FORMATS, takeAway } from "../exporting";
import { shownTitle } from "../format";
import { notices } from "../notices.svelte";
import { documentInSight } from "../page";
import { explain } from "../problems";
import { recentDocuments } from "../recent";
import { documentPath, homePath, pagePath, signInPath } from "../router";
import { session } from "../session.svelte";
import { choose, type Setting, type Settings, settings } from "../settings.svelte";
import { openSettings, openShortcuts, SHORTCUTS } from "./shortcuts";

export type Group =
  | "recent"
  | "document"
  | "format"
  | "view"
  | "headings"
  | "people"
  | "documents"
  | "settings"
  | "app";

export interface Entry {
  /** The same each time, so that it can be remembered; without spaces. */
  readonly id: string;
  readonly group: Group;
  readonly name: string;
  /** Other words that it may be looked for by, whatever the language of the page. */
  readonly also?: string;
  readonly keys?: string;
  /** How deep a heading is, from 1. */
  readonly level?: number;
  readonly run: () => void;
}

/** What can be done. */
export function commands(): Entry[] {
  return [...ofDocument(), ...ofText(), ...ofViews(), ...ofSettings(), ...ofApp()];
}

/** Where one can go within this document: its headings. */
export async function headings(): Promise<Entry[]> {
  const sight = documentInSight();
  const state = sight?.state();
  if (!sight || !state || sight.document.kind !== "markdown") return [];
  const { headingsOf } = await import("./headings");
  return headingsOf(state).map(({ text, level, from }) => ({
    id: `heading:${from}`,
    group: "headings",
    name: text,
    level,
    run: () => sight.goTo(from),
  }));
}

/** Whom one can go to. */
export function people(): Entry[] {
  const sight = documentInSight();
  if (sight === null) return [];
  const { company } = sight.document;
  return (company?.people ?? []).map((person) => ({
    id: `person:${person.key}`,
    group: "people",
    name: person.name,
    run: () => company?.jump(person),
  }));
}

/** The documents that were opened on this device. */
export function recentlyOpened(): Entry[] {
  return recentDocuments()
    .filter(({ id }) => id !== documentInSight()?.document.id)
    .map(documentEntry);
}

export function documentEntry({ id, title }: { id: string; title: string }): Entry {
  return {
    id: `open:${id}`,
    group: "documents",
    name: shownTitle(title),
    run: () => location.assign(documentPath(id)),
  };
}

function ofDocument(): Entry[] {
  const document = documentInSight()?.document;
  if (!document) return [];
  const share = () => openDialog(() => import("../share/ShareDialog.svelte"), { document });
  return [
    { id: "share", group: "document", name: t.sharing.title, also: "share link people", run: share },
    ...FORMATS.map(
      ({ format }): Entry => ({
        id: `export:${format}`,
        group: "document",
        name: t.settings.palette.exportAs(t.exports.formats[format]),
        also: `export download ${format}`,
        run: () => takeAway(document, format),
      }),
    ),
  ];
}

/** What the editor's own list has for this document, where it may be written. */
function ofText(): Entry[] {
  const sight = documentInSight();
  if (sight === null) return [];
  const { kind, readOnly } = sight.document;
  return commandsFor(kind)
    .filter(({ writes }) => !writes || !readOnly)
    .map(({ id, keys }) => ({
      id: `editor:${id}`,
      group: "format",
      name: t.editor.commands[id],
      also: wordsOf(id),
      ...(keys[0] && { keys: keys[0] }),
      run: () => {
        sight.focus();
        sight.run(id);
      },
    }));
}

/** `bulletList` as "bullet list": what the manuals of other editors call it. */
function wordsOf(id: CommandId): string {
  return id.replace(/\p{Lu}|\d+/gu, (part) => ` ${part.toLowerCase()}`);
}

function ofViews(): Entry[] {
  const sight = documentInSight();
  if (sight?.document.kind !== "markdown") return [];
  return sight
    .views()
    .filter((view) => view !== sight.view())
    .map((view) => ({
      id: `view:${view}`,
      group: "view",
      name: t.settings.palette[view],
      also: `view ${view}`,
      run: () => sight.show(view),
    }));
}

/** Every choice that is not the present one. */
function ofSettings(): Entry[] {
  const words = t.settings;
  return [
    ...choices("theme", words.theme, words.themes),
    ...choices("contrast", words.contrast, words.contrasts),
    ...choices("size", words.size, words.sizes),
    ...choices("width", words.width, words.widths),
    ...choices("carets", words.carets, words.caretsWhen),
    ...turning("toolbar", words.toolbar, "on", "off"),
    ...turning("spelling", words.spelling, "on", "off"),
    ...turning("keys", words.keys, "vim", "standard"),
    // Another language asks for more than a press of a key: the dialog tells what it does.
    {
      id: "settings",
      group: "settings",
      name: words.title,
      also: `settings preferences language ${words.language}`,
      run: openSettings,
    },
  ];
}

function choices<Name extends Setting>(
  name: Name,
  setting: string,
  words: Record<Settings[Name], string>,
): Entry[] {
  return (Object.entries(words) as [Settings[Name], string][])
    .filter(([choice]) => choice !== settings[name])
    .map(([choice, word]) => ({
      id: `${name}:${choice}`,
      group: "settings",
      name: t.settings.palette.choose(setting, word),
      also: `${name} ${choice}`,
      run: () => choose(name, choice),
    }));
}

function turning<Name extends Setting>(
  name: Name,
  setting: string,
  on: Settings[Name],
  off: Settings[Name],
): Entry[] {
  const isOn = settings[name] === on;
  return [
    {
      id: `${name}:${isOn ? off : on}`,
      group: "settings",
      name: isOn ? t.settings.palette.turnOff(setting) : t.settings.palette.turnOn(setting),
      also: `${name} ${isOn ? "off" : "on"}`,
      run: () => choose(name, isOn ? off : on),
    },
  ];
}

function ofApp(): Entry[] {
  const words = t.settings.palette;
  const { me, account } = session;
  const create = (kind: Kind, name: string): Entry => ({
    id: `new:${kind}`,
    group: "app",
    name,
    also: `new ${kind}`,
    run: () => makeDocument(kind),
  });
  const go = (id: string, name: string, path: string): Entry => ({
    id,
    group: "app",
    name,
    also: id,
    run: () => location.assign(path),
  });
  const keys = SHORTCUTS.find(({ id }) => id === "shortcuts")?.keys[0];
  return [
    ...(me?.may.create === false
      ? []
      : [
          create("markdown", words.newMarkdown),
          create("text", words.newText),
          create("code", words.newCode),
        ]),
    go("home", words.home, homePath()),
    {
      id: "shortcuts",
      group: "app",
      name: t.settings.shortcuts.title,
      also: "keyboard shortcuts help",
      ...(keys && { keys }),
      run: openShortcuts,
    },
    ...(account
      ? [
          {
            id: "account",
            group: "app" as const,
            name: t.accounts.yourAccount,
            also: "account password",
            run: () => openDialog(() => import("../account/AccountDialog.svelte"), {}),
          },
        ]
      : []),
    ...(account && me?.may.administer ? [go("people", t.accounts.people, pagePath("accounts"))] : []),
    ...(session.guest && me?.mode === "accounts"
      ? [go("sign-in", t.accounts.signIn, signInPath(location.pathname))]
      : []),
  ];
}

async function makeDocument(kind: Kind) {
  try {
    const { id } = await createDocument({ kind });
    location.assign(documentPath(id));
  } catch (error) {
    notices.problem(t.settings.palette.newFailed(explain(error)), {
      label: t.common.tryAgain,
      run: () => makeDocument(kind),
    });
  }
}
