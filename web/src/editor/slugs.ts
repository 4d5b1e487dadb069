/**
 * The names of sections in addresses, as GitHub makes them of headings: lower case, spaces as hyphens, letters and digits of any script
 * and nothing else.
 */

/** What a heading is called, as long as no other is called the same. */
export function slugOf(heading: string): string {
  const slug = heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\s-]/gu, "")
    .replace(/\s/g, "-");
  // In this app's addresses, what starts like this opens a document: see service/links.ts.
  return slug.startsWith("cwl_") ? `-${slug}` : slug || "section";
}

/** Gives out names that are each given once: a heading of the same words becomes `words-1`. */
export class Slugs {
  private readonly taken = new Map<string, number>();

  next(heading: string): string {
    const slug = slugOf(heading);
    const before = this.taken.get(slug);
    if (before === undefined) {
      this.taken.set(slug, 0);
      return slug;
    }
    let count = before;
    let candidate: string;
    do candidate = `${slug}-${++count}`;
    while (this.taken.has(candidate));
    this.taken.set(slug, count);
    this.taken.set(candidate, 0);
    return candidate;
  }
}
