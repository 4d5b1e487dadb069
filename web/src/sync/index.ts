/** Keeps a Yjs document in step with a Cowrite server. Everything the rest of the app may use is listed here. */
export type { Environment, Signal, WebSocketLike } from "./environment";
export { browser } from "./environment";
export type { Hello, Message, Role } from "./protocol";
export { mayWrite } from "./protocol";
export type { ProviderEvents, ProviderOptions } from "./provider";
export { Provider, ProviderError } from "./provider";
export type { SaveState } from "./saves";
export type { CloseInfo, ConnectionState } from "./state";
