/** Who may come to a document: its owner, people by name, and links. */
import { addressOf } from "./addresses";
import { asReader, pathTo } from "./documents";
import { keepLink, linkOf } from "./links";
import { ApiError, fields, json, list, nonsense, request, text, time } from "./request";
import { type GivenRole, parseGiven } from "./roles";

export interface Holder {
  id: string;
  /** What one signs in with. */
  name: string;
  displayName: string;
}

export interface Grant {
  account: Holder;
  role: GivenRole;
}

export interface ShareLink {
  id: string;
  role: GivenRole;
  /** Whether it asks for a password. */
  password: boolean;
  /** Milliseconds since 1970; null for never. */
  expires: number | null;
  created: number | null;
  /** When it was taken back; null while it is good. */
  revoked: number | null;
}

export interface Access {
  /** Null when nobody owns the document yet. */
  owner: Holder | null;
  grants: Grant[];
  links: ShareLink[];
}

export async function getAccess(id: string): Promise<Access> {
  return toAccess(await request(`${pathTo(id)}/access`, asReader(id)));
}

/** @param name what the person signs in with */
export async function grant(id: string, name: string, role: GivenRole): Promise<void> {
  await request(`${pathTo(id)}/grants/${encodeURIComponent(name)}`, json("PUT", { role }));
}

export async function ungrant(id: string, name: string): Promise<void> {
  await request(`${pathTo(id)}/grants/${encodeURIComponent(name)}`, { method: "DELETE" });
}

/** Hands the document on. */
export async function setOwner(id: string, name: string): Promise<void> {
  await request(`${pathTo(id)}/owner`, json("PUT", { name }));
}

export interface NewLink {
  role: GivenRole;
  password?: string;
  /** RFC 3339. */
  expires?: string;
}

/** The address is told this once. */
export async function createLink(id: string, link: NewLink): Promise<ShareLink & { address: string }> {
  const made = fields(await request(`${pathTo(id)}/links`, json("POST", link)));
  if (typeof made.token !== "string") throw nonsense();
  const path = addressOf(`/d/${encodeURIComponent(id)}`);
  return { ...toLink(made.link), address: `${location.origin}${path}#${made.token}` };
}

export async function revokeLink(id: string, link: string): Promise<void> {
  await request(`${pathTo(id)}/links/${encodeURIComponent(link)}`, { method: "DELETE" });
}

/** Opens a link that asks for a password, for this device. Returns what is shown in its place from then on. */
export async function unlock(id: string, password: string): Promise<string> {
  const locked = linkOf(id)?.split(".")[0];
  if (locked === undefined) throw new ApiError("There is no link to give a password for.", 0);
  const answer = await request(`${pathTo(id)}/unlock`, json("POST", { link: locked, password }));
  const { link } = fields(answer);
  if (typeof link !== "string") throw nonsense();
  keepLink(id, link);
  return link;
}

function toAccess(value: unknown): Access {
  const { owner } = fields(value);
  return {
    owner: owner ? toHolder(owner) : null,
    grants: list(value, "grants").map((one) => {
      const { account, role } = fields(one);
      return { account: toHolder(account), role: parseGiven(role) };
    }),
    links: list(value, "links").map(toLink),
  };
}

function toHolder(value: unknown): Holder {
  const { id, name, display_name } = fields(value);
  if (typeof name !== "string") throw nonsense();
  return { id: text(id), name, displayName: text(display_name) || name };
}

function toLink(value: unknown): ShareLink {
  const { id, role, password, expires, created, revoked } = fields(value);
  if (typeof id !== "string") throw nonsense();
  return {
    id,
    role: parseGiven(role),
    password: password === true,
    expires: time(expires),
    created: time(created),
    revoked: time(revoked),
  };
}
