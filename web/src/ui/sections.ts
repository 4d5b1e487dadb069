/** Goes to the section of a document that an address names, as soon as the document is read that far. */
import { headingsIn, readerOf, sectionIn } from "../editor";
import type { Navigation } from "./navigation.svelte";

export function goToSection(navigation: Navigation, fragment: string) {
  const section = sectionIn(fragment);
  if (section === null || !navigation.view) return;
  const reader = readerOf(navigation.view);
  let done = false;
  const look: Parameters<typeof reader.listen>[0] = ({ tree, doc, whole }) => {
    if (done) return;
    const heading = headingsIn(tree, doc).find(({ slug }) => slug === section);
    if (heading) navigation.goTo(reader.toNewest(heading.from));
    done = heading !== undefined || whole;
    // Not while it tells its listeners.
    if (done) queueMicrotask(() => deafen());
  };
  const deafen = reader.listen(look);
}
