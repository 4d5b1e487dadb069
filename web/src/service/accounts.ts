/** The people of this server and who is invited, for administrators. */
import { addressOf } from "./addresses";
import { fields, json, list, nonsense, request, text, time } from "./request";

export interface Account {
  id: string;
  /** What one signs in with. */
  name: string;
  displayName: string;
  administrator: boolean;
  disabled: boolean;
}

export interface Invitation {
  id: string;
  /** Milliseconds since 1970. */
  expires: number | null;
}

export async function listAccounts(): Promise<Account[]> {
  return list(await request("/accounts"), "accounts").map(toAccount);
}

export async function changeAccount(
  id: string,
  change: { administrator?: boolean; disabled?: boolean },
): Promise<void> {
  await request(`/accounts/${encodeURIComponent(id)}`, json("PATCH", change));
}

/** @param heir the sign-in name of who gets the documents of the removed account; null when it has none */
export async function removeAccount(id: string, heir: string | null): Promise<void> {
  const query = heir === null ? "" : `?${new URLSearchParams({ heir })}`;
  await request(`/accounts/${encodeURIComponent(id)}${query}`, { method: "DELETE" });
}

export async function listInvitations(): Promise<Invitation[]> {
  return list(await request("/invitations"), "invitations").map((value) => {
    const { id, expires } = fields(value);
    return { id: text(id), expires: time(expires) };
  });
}

/** The address is told this once. */
export async function invite(): Promise<Invitation & { address: string }> {
  const { id, token, expires } = fields(await request("/invitations", { method: "POST" }));
  if (typeof id !== "string" || typeof token !== "string") throw nonsense();
  return { id, expires: time(expires), address: `${location.origin}${addressOf("/join")}#${token}` };
}

export async function withdrawInvitation(id: string): Promise<void> {
  await request(`/invitations/${encodeURIComponent(id)}`, { method: "DELETE" });
}

function toAccount(value: unknown): Account {
  const { id, name, display_name, administrator, disabled } = fields(value);
  if (typeof id !== "string" || typeof name !== "string") throw nonsense();
  return {
    id,
    name,
    displayName: text(display_name) || name,
    administrator: administrator === true,
    disabled: disabled === true,
  };
}
