/** The documents that this device has copies of. Nothing here fails: a device that keeps nothing has none. */
import { addressOf, type Kind, parseKind, recall, USER } from "../service";
import { thisDevice } from "../sync/local/device";
import { type Row, Store } from "../sync/local/store";

export interface LocalDocument {
  id: string;
  title: string;
  kind: Kind;
  /** When it was last open here, in milliseconds since 1970. */
  opened: number;
  /** How many changes made on this device are not known to have reached the server. */
  unsaved: number;
}

let made: Store | null = null;

/** All copies on this device that belong to this server. */
export function localStore(): Store {
  made ??= new Store(thisDevice, addressOf("/"));
  return made;
}

/** The copies of whoever last was here, the last opened first. */
export async function listLocalDocuments(user = recall(USER)): Promise<LocalDocument[]> {
  if (user === null) return [];
  const rows = await localStore()
    .list(user)
    .catch(() => []);
  return rows.map(toDocument).sort((a, b) => b.opened - a.opened);
}

/** Removes all copies of somebody's. Resolves to whether they are gone. */
export async function clearLocalDocuments(user: string): Promise<boolean> {
  return await localStore()
    .removeAll(user)
    .then(
      () => true,
      () => false,
    );
}

function toDocument({ id, title, kind, opened, waiting }: Row): LocalDocument {
  const unsaved = Object.values(waiting).reduce((sum, { changes }) => sum + changes, 0);
  return { id, title, kind: parseKind(kind), opened, unsaved };
}
