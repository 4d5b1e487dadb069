/** Keeps a Yjs document in step with a Cowrite server. Everything the rest of the app may use is listed here. */
export type { TokenSource } from "./credentials";
export type { Environment, Signal, WebSocketLike } from "./environment";
export { browser } from "./environment";
export type { ProviderEvents, ProviderOptions } from "./options";
export { ProviderError } from "./options";
export type { Hello, Message, Role } from "./protocol";
export { mayWrite } from "./protocol";
export { Provider } from "./provider";
export type { SaveState } from "./saves";
export type { CloseInfo, ConnectionState, Space } from "./state";
