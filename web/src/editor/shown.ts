/** A preview beside an editor, with all that belongs to it: what is written shows, the two scroll in step, boxes and links can be pressed. */
import type { EditorView } from "@codemirror/view";
import { CodeColours } from "./codes";
import { type Presses, pointOut, pressable } from "./press";
import { MarkdownPreview, type PreviewWords } from "./preview";
import { readerOf } from "./reader";
import { scrollTogether } from "./scroll";
import { setTask } from "./tasks";

export interface ShownOptions extends Omit<Presses, "onTask"> {
  view: EditorView;
  /** Scrolls. */
  pane: HTMLElement;
  /** Inside of it; holds what is rendered and nothing else. */
  host: HTMLElement;
  words: PreviewWords;
  /** The address of a section of this document. */
  sectionAddress(section: string): string;
  /** Where one of the document's own pictures, `images/name.png`, can be loaded from. */
  imageSource(address: string): string | Promise<string>;
  /** Whether the source is seen beside the preview. */
  beside: () => boolean;
}

export interface ShownPreview {
  /** The position in the text of what stands at the top. */
  position(): number;
  /** Shows for a moment what stands at a position. */
  pointOut(position: number): void;
  /** Whether boxes of tasks can be ticked. */
  setWritable(writable: boolean): void;
  /** Tries again with pictures that could not be loaded. */
  retryPictures(): void;
  destroy(): void;
}

/** How long opening a preview may take before the page is painted; the rest of a long document comes in idle time. */
const AT_ONCE_MS = 50;

export function showPreview(options: ShownOptions): ShownPreview {
  const { view, pane, host, words, sectionAddress, imageSource, beside } = options;
  const reader = readerOf(view);
  const colours = new CodeColours(pane);
  const preview = new MarkdownPreview(host, {
    words,
    sectionAddress,
    imageSource,
    seen: () => ({ from: reader.toRead(view.viewport.from), to: reader.toRead(view.viewport.to) }),
    onRender(blocks) {
      colours.add(blocks);
      link.realign();
    },
  });
  const link = scrollTogether({ view, reader, pane, host, preview, beside });
  const deafen = reader.listen((reading) => preview.show(reading));
  reader.read(AT_ONCE_MS);
  const release = pressable(host, preview, {
    ...options,
    onTask: (at, done) => setTask(view, reader.toNewest(at), done),
  });
  return {
    position: () => link.position(),
    pointOut(position) {
      const element = preview.elementAt(reader.toRead(position));
      if (element) pointOut(element);
    },
    setWritable: (writable) => preview.setWritable(writable),
    retryPictures: () => preview.pictures.retry(),
    destroy() {
      release();
      deafen();
      link.destroy();
      colours.destroy();
      preview.destroy();
      host.replaceChildren();
    },
  };
}
