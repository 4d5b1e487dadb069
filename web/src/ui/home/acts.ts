/** What can be done with a document from its line in the list. Each says what became of it, and nothing is lost when it fails. */
import { t } from "../../i18n";
import {
  type DocumentInfo,
  deleteForGood,
  duplicateDocument,
  LIMITS,
  renameDocument,
  restoreDocument,
  trashDocument,
} from "../../service";
import { shownTitle } from "../format";
import { notices } from "../notices.svelte";
import { explain } from "../problems";
import { forgetDocument } from "../recent";
import { documentPath } from "../router";
import { session } from "../session.svelte";
import type { Library } from "./library.svelte";

/** Where nobody is asked who they are, everybody may do everything. */
const isOpen = (role: DocumentInfo["role"]) => role === null || session.me?.mode === "open";

export const mayDelete = ({ role }: DocumentInfo) => role === "owner" || isOpen(role);
export const mayChange = ({ role }: DocumentInfo) => role === "owner" || role === "editor" || isOpen(role);
export const mayCreate = () => session.me?.may.create !== false;

export async function rename(library: Library, document: DocumentInfo, title: string) {
  const next = title.trim();
  if (next === document.title) return;
  library.update({ ...document, title: next });
  try {
    await renameDocument(document.id, next);
  } catch (error) {
    library.update(document);
    notices.problem(t.home.notRenamed(shownTitle(document.title), explain(error)));
  }
}

export async function duplicate(library: Library, document: DocumentInfo) {
  const title = t.home.copyOf(shownTitle(document.title));
  try {
    const made = await duplicateDocument(document.id, [...title].slice(0, LIMITS.title).join(""));
    const open = () => location.assign(documentPath(made.id));
    notices.info(t.home.duplicated(shownTitle(made.title)), { label: t.home.open, run: open });
    await library.load();
  } catch (error) {
    notices.problem(t.home.notDuplicated(shownTitle(document.title), explain(error)));
  }
}

export async function trash(library: Library, { id, title }: DocumentInfo) {
  const name = shownTitle(title);
  try {
    await trashDocument(id);
    library.drop(id);
    notices.info(t.home.inTrash(name), { label: t.common.undo, run: () => putBack(library, id, name) });
  } catch (error) {
    notices.problem(t.home.notDeleted(name, explain(error)));
  }
}

export async function restore(library: Library, { id, title }: DocumentInfo) {
  const name = shownTitle(title);
  try {
    await restoreDocument(id);
    library.drop(id);
    notices.info(t.home.restored(name));
  } catch (error) {
    notices.problem(t.home.notRestored(name, explain(error)));
  }
}

export async function destroy(library: Library, { id, title }: DocumentInfo) {
  const name = shownTitle(title);
  try {
    await deleteForGood(id);
    forgetDocument(id);
    library.drop(id);
    notices.info(t.home.deletedForGood(name));
  } catch (error) {
    notices.problem(t.home.notDeleted(name, explain(error)));
  }
}

async function putBack(library: Library, id: string, name: string) {
  try {
    await restoreDocument(id);
    await library.load();
  } catch (error) {
    notices.problem(t.home.notRestored(name, explain(error)));
  }
}
