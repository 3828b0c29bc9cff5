/** A dataset from whatever somebody has dropped. */
import { presets } from "../../presets.ts";
import type { Dataset } from "../dataset.ts";
import { FileProblem } from "../npy.ts";
import { arrays } from "./arrays.ts";
import { assembled } from "./build.ts";
import type { OwnFile } from "./files.ts";
import { images, isImage } from "./images.ts";
import { table } from "./table.ts";

const ALLOWED = "a folder or zip of images, one .csv or one .npz";

/** A name that none of the page's own sets has. */
function named(path: string): string {
  const bare = (path.split("/")[0] ?? path).replace(/\.[^.]+$/, "") || "data";
  return presets.some((preset) => preset.dataset === bare) ? `own-${bare}` : bare;
}

export async function readOwn(files: OwnFile[]): Promise<Dataset> {
  const [first] = files;
  if (!first) throw new FileProblem(`there is no file in it: give ${ALLOWED}`);
  const pictures = files.filter(({ path }) => isImage(path));
  if (pictures.length) return assembled(await images(pictures, named(first.path)));
  if (files.length > 1) throw new FileProblem(`there are ${files.length} files, none of them an image: give ${ALLOWED}`);
  const name = first.path.split("/").at(-1) ?? first.path;
  if (/\.npz$/i.test(name)) return assembled(arrays(first.bytes, name));
  if (/\.(csv|tsv|txt)$/i.test(name)) {
    const text = new TextDecoder().decode(first.bytes);
    if (text.includes("\0")) throw new FileProblem(`${name} is no text: give ${ALLOWED}`);
    return assembled(table(text, name));
  }
  throw new FileProblem(`${name} cannot be read here: give ${ALLOWED}`);
}
