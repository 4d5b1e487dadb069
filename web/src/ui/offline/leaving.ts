/** Signing out takes the copies of one's documents off this device. */
import { t } from "../../i18n";
import { recall, signOut, USER } from "../../service";
import { openDialog } from "../dialogs";
import { clearLocalDocuments, listLocalDocuments } from "../local";
import { notices } from "../notices.svelte";

/** Asks whoever has changes that are only here. Resolves to whether they go. */
export async function mayLeave(): Promise<boolean> {
  const documents = (await listLocalDocuments()).filter(({ unsaved }) => unsaved > 0);
  if (documents.length === 0) return true;
  return await new Promise((decided) => {
    openDialog(() => import("./LeaveDialog.svelte"), { documents, decided });
  });
}

/** Throws if the server could not be told: then they are signed in, and everything is still here. */
export async function signOutAndClear(): Promise<void> {
  const user = recall(USER);
  await signOut();
  if (user !== null && !(await clearLocalDocuments(user))) notices.problem(t.offline.notCleared);
}
