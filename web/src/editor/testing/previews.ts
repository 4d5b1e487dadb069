/** Previews as tests have them: rendered at once, in elements that no page holds. */
import { EditorState, Text } from "@codemirror/state";
import { MarkdownPreview, type PreviewOptions, type PreviewWords } from "../preview";
import { Reader } from "../reader";

export const WORDS: PreviewWords = {
  copyCode: "Copy code",
  linkToSection: "Copy link",
  pictureRefused: "refused",
  pictureFailed: "failed",
  footnotes: "Footnotes",
  backToText: (nth) => `Back ${nth}`,
};

const OPTIONS: PreviewOptions = {
  words: WORDS,
  sectionAddress: (section) => `/d/x#${encodeURIComponent(section)}`,
};

/** A preview that is edited. */
export function previewOf(source: string, options: Partial<PreviewOptions> = {}) {
  const host = document.createElement("article");
  const preview = new MarkdownPreview(host, { ...OPTIONS, ...options });
  let state = EditorState.create({ doc: Text.of(source.split("\n")) });
  const reader = new Reader(state.doc);
  reader.listen((reading) => preview.show(reading));
  const flush = () => {
    reader.read();
    preview.flush();
  };
  flush();
  return {
    host,
    preview,
    reader,
    flush,
    edit(from: number, to: number, insert: string) {
      const transaction = state.update({ changes: { from, to, insert } });
      state = transaction.state;
      reader.show(state.doc, transaction.changes.desc);
    },
    source: () => state.doc.toString(),
  };
}

/** What a document looks like on paper: without anything to press. */
export function shown(source: string, options: Partial<PreviewOptions> = {}): HTMLElement {
  return previewOf(source, { paper: true, ...options }).host;
}
