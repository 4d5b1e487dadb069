/** Makes a language of a mode that reads line by line, for what has no grammar. */
import { type Language, StreamLanguage, type StreamParser } from "@codemirror/language";

export function streamed<State>(mode: StreamParser<State>): Language {
  return StreamLanguage.define(mode);
}
