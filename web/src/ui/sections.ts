/** Goes to the section of a document that an address names, as soon as the document is read that far. */
import { headingsIn, readerOf, sectionIn } from "../editor";
import type { Navigation } from "./navigation.svelte";

export function goToSection(navigation: Navigation, fragment: string) {
  const section = sectionIn(fragment);
  const { view } = navigation;
  if (section === null || !view) return;
  const reader = readerOf(view);
  let done = false;
  const look: Parameters<typeof reader.listen>[0] = ({ tree, doc, whole }) => {
    if (done) return;
    const heading = headingsIn(tree, doc).find(({ slug }) => slug === section);
    if (heading) navigation.goTo(reader.toNewest(heading.from));
    // What was read last may be older than what is there.
    done = heading !== undefined || (whole && doc === view.state.doc);
    // Not while it tells its listeners.
    if (done) queueMicrotask(() => deafen());
  };
  const deafen = reader.listen(look);
}
