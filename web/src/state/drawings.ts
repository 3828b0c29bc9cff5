/** Classes of one's own, drawn by hand: kept for this visit, learned as a dataset, taken along as a zip of images. */
import { computed, signal } from "@preact/signals";
import { zipSync } from "fflate";
import { assembled } from "../data/own/build.ts";
import { t } from "../texts/text.ts";
import { download } from "./files.ts";
import { addOwn, loaded, own, view } from "./lab.ts";
import { start } from "./training.ts";

/** Of a drawing, in pixels: as the digits of the exercise. */
export const SIDE = 28;
/** Drawings of a class: fewer can hardly be learned, and so many are enough. */
export const FEWEST = 10;
export const ENOUGH = 20;
export const MOST_CLASSES = 8;

export interface DrawnClass {
  name: string;
  images: Float32Array[];
}

export const classes = signal<DrawnClass[]>([
  { name: "A", images: [] },
  { name: "B", images: [] },
]);
/** The class that is drawn for. */
export const chosen = signal(0);

export const missing = computed(() => classes.value.filter(({ images }) => images.length < FEWEST));

export function changeClass(place: number, part: Partial<DrawnClass>): void {
  classes.value = classes.value.map((one, i) => (i === place ? { ...one, ...part } : one));
}

export function addClass(): void {
  classes.value = [...classes.value, { name: String.fromCharCode(65 + classes.value.length), images: [] }];
  chosen.value = classes.value.length - 1;
}

export function removeClass(place: number): void {
  classes.value = classes.value.filter((_, i) => i !== place);
  chosen.value = Math.min(chosen.value, classes.value.length - 1);
}

export function keep(image: Float32Array): void {
  const one = classes.value[chosen.value];
  if (one) changeClass(chosen.value, { images: [...one.images, image] });
}

/** What hinders learning, in words; null if nothing does. */
export const problem = computed<string | null>(() => {
  const names = classes.value.map(({ name }) => name.trim());
  if (names.includes("")) return t("draw.noName");
  if (new Set(names).size < names.length) return t("draw.sameName");
  const [first] = missing.value;
  return first ? t("draw.more", { count: FEWEST - first.images.length, name: first.name }) : null;
});

/** Makes a dataset of them, trains on it, and shows how well a new drawing is told. */
export function learn(): void {
  const images = classes.value.flatMap((one) => one.images);
  const x = new Float32Array(images.length * SIDE * SIDE);
  images.forEach((image, i) => x.set(image, i * SIDE * SIDE));
  const labels = classes.value.flatMap((one, label) => one.images.map(() => label));
  const before = [...own.value.keys()].filter((name) => name.startsWith(t("draw.dataset"))).length;
  const name = before ? `${t("draw.dataset")} ${before + 1}` : t("draw.dataset");
  addOwn(assembled({ name, inputShape: [SIDE, SIDE, 1], x, labels, classNames: classes.value.map((one) => one.name.trim()), notes: [] }));
  view.value = "try";
  void loaded(name).then(() => start());
}

/** All drawings as PNG files, a folder a class, which the page and the command line read. */
export async function downloadDrawings(): Promise<void> {
  const files: Record<string, Uint8Array> = {};
  for (const { name, images } of classes.value)
    for (const [i, image] of images.entries()) files[`drawings/${name.trim().replace(/[^\p{L}\p{N} _-]/gu, "_") || "class"}/${i + 1}.png`] = await png(image);
  download("drawings.zip", zipSync(files, { level: 0 }), "application/zip");
}

async function png(image: Float32Array): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  if (!context) return new Uint8Array();
  const pixels = context.createImageData(SIDE, SIDE);
  image.forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], i * 4));
  context.putImageData(pixels, 0, 0);
  return new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
}
