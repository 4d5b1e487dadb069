/** The copies of documents on this device. Everything the rest of the app may use of them is listed here. */
export { type CopyState, LocalCopy } from "./copy";
export { thisDevice } from "./device";
export { type Row, Store } from "./store";
