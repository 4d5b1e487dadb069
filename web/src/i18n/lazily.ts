/**
 * Something that is made when it is wanted first. What `Intl` makes takes a phone tens of milliseconds, and words are loaded before a page
 * shows anything.
 */
export function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
