/** Images in folders, one a class. */
import { FileProblem } from "../npy.ts";
import type { OwnFile } from "./files.ts";
import type { Raw } from "./build.ts";

const TYPES: Record<string, string> = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", bmp: "image/bmp", webp: "image/webp" };
/** Larger images are made smaller: the networks of this page are small. */
const LARGEST = 64;

const ending = (path: string) => path.split(".").at(-1)?.toLowerCase() ?? "";
export const isImage = (path: string) => ending(path) in TYPES;

/** The folder an image lies in, which names its class. */
const classOf = (path: string) => path.split("/").at(-2) ?? "";

export async function images(files: OwnFile[], name: string): Promise<Raw> {
  const classNames = [...new Set(files.map(({ path }) => classOf(path)))].sort();
  if (classNames.length < 2)
    throw new FileProblem("the images lie in one folder, but each class needs a folder of its own: put them into sub-folders");
  const bitmaps: ImageBitmap[] = [];
  for (const { path, bytes } of files) bitmaps.push(await decoded(path, bytes));
  const { size, notes } = commonSize(bitmaps);
  const x = new Float32Array(bitmaps.length * size * size);
  bitmaps.forEach((bitmap, i) => {
    x.set(greys(bitmap, size), i * size * size);
    bitmap.close();
  });
  const labels = files.map(({ path }) => classNames.indexOf(classOf(path)));
  return { name, inputShape: [size, size, 1], x, labels, classNames, notes };
}

async function decoded(path: string, bytes: Uint8Array): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([bytes.slice()], { type: TYPES[ending(path)] ?? "" }));
  } catch {
    throw new FileProblem(`${path} is no image that this browser can read, or is damaged`);
  }
}

function commonSize(bitmaps: ImageBitmap[]): { size: number; notes: string[] } {
  const largest = Math.max(...bitmaps.map(({ width, height }) => Math.max(width, height)));
  const size = Math.max(4, Math.min(LARGEST, largest));
  const isChanged = bitmaps.some(({ width, height }) => width !== size || height !== size);
  const notes = ["Colours were turned into grey, 0 to 1."];
  if (isChanged) notes.push(`All images were brought to ${size} x ${size} pixels, the longer side whole.`);
  return { size, notes };
}

/** Grey values of an image, fitted into a square. */
function greys(bitmap: ImageBitmap, size: number): Float32Array {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new FileProblem("this browser gives no canvas to read images with");
  const scale = size / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.fillStyle = "#000";
  context.fillRect(0, 0, size, size);
  context.drawImage(bitmap, (size - width) / 2, (size - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, size, size);
  return Float32Array.from(
    { length: size * size },
    (_, i) => Math.round(0.299 * (data[i * 4] ?? 0) + 0.587 * (data[i * 4 + 1] ?? 0) + 0.114 * (data[i * 4 + 2] ?? 0)) / 255,
  );
}
