/** Where a document's own pictures come from: from their addresses, or through this page for whoever came by a link, which addresses cannot show. */
import { fetchImage, imageAddress, linkOf } from "../service";

export interface Pictures {
  /** @param address as it stands in the text, `images/name.png` */
  source(address: string): string | Promise<string>;
  /** Lets go of what was fetched. */
  release(): void;
}

export function picturesOf(id: string): Pictures {
  const fetched = new Map<string, Promise<string>>();
  return {
    source(address) {
      const name = address.slice(address.lastIndexOf("/") + 1);
      if (linkOf(id) === null) return imageAddress(id, name);
      let source = fetched.get(name);
      if (!source) {
        source = fetchImage(id, name).then((blob) => URL.createObjectURL(blob));
        // Later it may be there.
        source.catch(() => fetched.delete(name));
        fetched.set(name, source);
      }
      return source;
    },
    release() {
      for (const source of fetched.values())
        source.then(
          (address) => URL.revokeObjectURL(address),
          () => {},
        );
      fetched.clear();
    },
  };
}
