/** What `Intl` makes takes a phone tens of milliseconds; none of it is made before it is wanted, for pages begin with words. */

/** Something that is made when it is wanted first. */
export function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Writes whole numbers as people of a language do. Below a thousand all languages of this app write nothing but digits. */
export function numerals(locale: string): (n: number) => string {
  const format = lazily(() => new Intl.NumberFormat(locale));
  return (n) => (n >= 0 && n < 1000 ? String(n) : format().format(n));
}
