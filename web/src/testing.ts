/** What every test has before it begins: the words, in English. */
import { speak } from "./i18n";

await speak("en");
