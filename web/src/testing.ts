/** What every test has before it begins: the words, in English. */
import { speak, whole } from "./i18n";

await speak("en");
await whole(async () => {});
