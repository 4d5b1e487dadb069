/** Files on their way to becoming documents, one after the other: one that is not taken keeps none of the others. */
import { language, t } from "../../i18n";
import type { DocumentInfo } from "../../service";
import { explain } from "../problems";
import { documentOf, FileError, MAX_FILE_BYTES, type Objection } from "./files";

export interface Failed {
  file: File;
  why: string;
}

export class Imports {
  /** The name of the file that is being uploaded; null while there is none. */
  name: string | null = $state(null);
  count = $state(0);
  done = $state(0);
  failed: readonly Failed[] = $state.raw([]);

  /** The documents that were made. */
  async run(files: readonly File[]): Promise<DocumentInfo[]> {
    const made: DocumentInfo[] = [];
    this.count = files.length;
    this.done = 0;
    this.failed = [];
    for (const file of files) {
      this.name = file.name;
      try {
        made.push(await documentOf(file));
      } catch (error) {
        this.failed = [...this.failed, { file, why: whyNot(error) }];
      }
      this.done += 1;
    }
    this.name = null;
    return made;
  }

  forget() {
    this.failed = [];
  }
}

function whyNot(error: unknown): string {
  if (error instanceof FileError) return objections()[error.objection];
  return explain(error);
}

function objections(): Record<Objection, string> {
  const unit = new Intl.NumberFormat(language, { style: "unit", unit: "megabyte" });
  return {
    large: t.home.fileTooLarge(unit.format(MAX_FILE_BYTES / 1024 / 1024)),
    unreadable: t.home.fileUnreadable,
    notText: t.home.fileNotText,
  };
}
