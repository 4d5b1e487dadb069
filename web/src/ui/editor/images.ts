/**
 * Puts images into a Markdown document: uploads them one after another, with a placeholder each until its address is known. What could
 * not be uploaded stays where it is, to be tried again.
 */
import type { EditorView } from "@codemirror/view";
import { fulfil, Placeholder, put, take, whenSettled, whereIs } from "../../editor";
import { t } from "../../i18n";
import { IMAGE_TYPES, MAX_IMAGE_BYTES, messageOf, uploadImage } from "../../service";
import type { OpenDocument } from "../document.svelte";
import { notices } from "../notices.svelte";

interface Upload {
  readonly file: File;
  readonly name: string;
  readonly placeholder: Placeholder;
  /** Whether it is a paragraph of its own, as each but the first of several is. */
  readonly apart: boolean;
}

export class ImageUploads {
  private readonly queue: Upload[] = [];
  private readonly failed = new Set<Upload>();
  private busy = false;
  private readonly leaving = new AbortController();

  constructor(
    private readonly view: EditorView,
    private readonly document: OpenDocument,
  ) {}

  /** Adds images at a position of the text. What is no image, or too large, is told and left out. */
  add(files: readonly File[], at: number) {
    const good = files.filter((file) => {
      const problem = problemOf(file);
      if (problem) notices.problem(problem);
      return problem === null;
    });
    if (good.length === 0) return;
    const uploads = good.map((file, n): Upload => {
      const name = nameOf(file);
      return { file, name, apart: n > 0, placeholder: new Placeholder(waiting(name)) };
    });
    whenSettled(this.view, () => {
      put(
        this.view,
        Math.min(at, this.view.state.doc.length),
        uploads.map(({ placeholder }) => placeholder),
      );
      this.queue.push(...uploads);
      this.work();
    });
  }

  /** Tries again what could not be uploaded, for instance when the connection is back. */
  retry() {
    for (const upload of this.failed) this.again(upload);
  }

  destroy() {
    this.leaving.abort();
  }

  private async work() {
    if (this.busy) return;
    this.busy = true;
    for (let upload = this.queue.shift(); upload; upload = this.queue.shift()) await this.upload(upload);
    this.busy = false;
  }

  private async upload(upload: Upload) {
    const { file, name, placeholder, apart } = upload;
    if (this.leaving.signal.aborted || whereIs(this.view.state, placeholder) === null) return;
    if (!this.document.online) return this.fail(upload, t.editor.images.offline);
    try {
      const onprogress = (part: number) => placeholder.show({ ...waiting(name), progress: part });
      onprogress(0);
      const { address } = await uploadImage(this.document.id, file, onprogress, this.leaving.signal);
      whenSettled(this.view, () => {
        // Taken away meanwhile by whoever changed their mind.
        if (whereIs(this.view.state, placeholder) === null) return;
        if (!fulfil(this.view, placeholder, `![${altOf(name)}](${address})`, apart)) {
          this.fail(upload, t.editor.images.notWritten);
        }
      });
    } catch (error) {
      this.fail(upload, messageOf(error));
    }
  }

  private fail(upload: Upload, why: string) {
    this.failed.add(upload);
    upload.placeholder.show({
      label: t.editor.images.failedShort(upload.name),
      progress: null,
      actions: [
        { label: t.common.tryAgain, run: () => this.again(upload) },
        { label: t.editor.images.remove, run: () => this.remove(upload) },
      ],
    });
    notices.problem(t.editor.images.failed(upload.name, why), {
      label: t.common.tryAgain,
      run: () => this.again(upload),
    });
  }

  private again(upload: Upload) {
    if (!this.failed.delete(upload)) return;
    upload.placeholder.show(waiting(upload.name));
    this.queue.push(upload);
    this.work();
  }

  private remove(upload: Upload) {
    this.failed.delete(upload);
    whenSettled(this.view, () => take(this.view, upload.placeholder));
  }
}

/** Why a file cannot be added, before anything of it is sent; null when it can. */
export function problemOf({ name, type, size }: Pick<File, "name" | "type" | "size">): string | null {
  if (!IMAGE_TYPES.includes(type)) return t.editor.images.wrongType(name);
  if (size > MAX_IMAGE_BYTES) return t.editor.images.tooLarge(name, MAX_IMAGE_BYTES / 1024 / 1024);
  return null;
}

function waiting(name: string) {
  return { label: t.editor.images.uploading(name), progress: 0, actions: [] };
}

/** What an image is called: its file, without the extension. What is pasted has no name of its own. */
function nameOf({ name }: File): string {
  const stem = name.replace(/\.\w+$/, "");
  return stem === "" || stem === "image" ? t.editor.images.image : stem;
}

/** A name as the words of an image, where brackets would end them. */
export function altOf(name: string): string {
  return name
    .replace(/[\\[\]]/g, "\\$&")
    .replace(/\s+/g, " ")
    .slice(0, 100);
}
