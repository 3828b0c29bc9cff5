/** Files that somebody has dropped or chosen, folders and zip archives opened. */
import { unzipSync } from "fflate";
import { FileProblem } from "../npy.ts";

export interface OwnFile {
  /** With the folders it lies in. */
  path: string;
  bytes: Uint8Array;
}

const MOST_FILES = 20_000;
const MOST_BYTES = 300_000_000;

/** All files of a drop, folders included. */
export async function dropped(transfer: DataTransfer): Promise<OwnFile[]> {
  // The list is emptied as soon as this function waits.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const found: File[] = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return read(found.map((file) => ({ path: file.name, file })));
  const all: { path: string; file: File }[] = [];
  for (const entry of entries) if (entry) await walk(entry, all);
  return read(all);
}

export const chosen = (files: Iterable<File>): Promise<OwnFile[]> =>
  read([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));

async function walk(entry: FileSystemEntry, found: { path: string; file: File }[]): Promise<void> {
  if (found.length > MOST_FILES) throw new FileProblem(`there are more than ${MOST_FILES} files: take fewer`);
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (!part.length) return;
    for (const inner of part) await walk(inner, found);
  }
}

async function read(files: { path: string; file: File }[]): Promise<OwnFile[]> {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  if (total > MOST_BYTES) throw new FileProblem(`the files have ${Math.round(total / 1e6)} MB, more than a page can hold: take fewer`);
  const found: OwnFile[] = [];
  for (const { path, file } of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (path.toLowerCase().endsWith(".zip")) found.push(...unpacked(path, bytes));
    else found.push({ path, bytes });
  }
  return found.filter(({ path }) => !/(^|\/)(\.|__MACOSX|Thumbs\.db)/.test(path));
}

function unpacked(name: string, bytes: Uint8Array): OwnFile[] {
  let total = 0;
  try {
    const files = unzipSync(bytes, {
      filter: (file) => {
        total += file.originalSize;
        if (total > MOST_BYTES) throw new FileProblem(`${name} unpacks to more than a page can hold: take fewer files`);
        return !file.name.endsWith("/");
      },
    });
    return Object.entries(files).map(([path, content]) => ({ path, bytes: content }));
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    throw new FileProblem(`${name} is no zip archive, or is damaged`);
  }
}
