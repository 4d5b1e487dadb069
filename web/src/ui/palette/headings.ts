/** The headings of a Markdown text, by its lines alone: what the palette lists does not need to know all of Markdown. Pure. */

export interface Heading {
  text: string;
  /** 1 to 6. */
  level: number;
  /** Where its line begins, in UTF-16 units. */
  offset: number;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ATX = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
/** What cannot be the first line of a heading that is underlined. */
const NO_PARAGRAPH = /^(?:\s*$| {4}|\t| {0,3}(?:[#>`~|]|[-*+] |\d+[.)] ))/;

export function headingsIn(text: string): Heading[] {
  const found: Heading[] = [];
  let offset = 0;
  /** What the open fence began with; what is within it is code. */
  let fence = "";
  let before = { line: "", offset: 0 };
  for (const line of text.split("\n")) {
    const fenced = FENCE.exec(line)?.[1];
    const [, marks = "", title = ""] = (fence === "" && ATX.exec(line)) || [];
    if (fence !== "") {
      if (fenced?.startsWith(fence) && line.trim() === fenced) fence = "";
    } else if (fenced) fence = fenced;
    else if (marks !== "") add(title, marks.length, offset);
    else if (UNDERLINE.test(line) && !NO_PARAGRAPH.test(before.line))
      add(before.line, line.includes("=") ? 1 : 2, before.offset);
    // A line after a heading or within a fence begins nothing that could be underlined.
    before = { line: fence !== "" || fenced || marks !== "" ? "" : line, offset };
    offset += line.length + 1;
  }
  return found;

  function add(title: string, level: number, offset: number) {
    const plain = title.replace(/[*_`~]+|\[([^\]]*)\]\([^)]*\)/g, "$1").trim();
    if (plain !== "") found.push({ text: plain, level, offset });
  }
}
