/** Arrays in an .npz file: x and y, or the training and validation parts of them. */
import { unzipSync } from "fflate";
import { FileProblem, readNpy, type NumpyArray } from "../npy.ts";
import type { Raw } from "./build.ts";

const MOST_BYTES = 300_000_000;

export function arrays(bytes: Uint8Array, name: string): Raw {
  const found = opened(bytes, name);
  const x = joined(found, ["x", "X", "x_train", "x_val", "x_test"]);
  const y = joined(found, ["y", "Y", "y_train", "y_val", "y_test"]);
  if (!x || !y)
    throw new FileProblem(`${name} holds ${Object.keys(found).join(", ") || "nothing"}, but must hold x and y, or x_train and y_train`);
  const [count = 0, ...shape] = x.shape;
  if (y.shape[0] !== count) throw new FileProblem(`${name} has ${count} inputs, but ${y.shape[0] ?? 0} targets`);
  if (count === 0 || shape.length === 0 || shape.length > 3) throw new FileProblem(`${name}: x has shape (${x.shape.join(", ")}), but must be images, sequences or rows of numbers`);
  const isFewLevels = x.values.every((value) => Number.isInteger(value) && value >= 0 && value <= 255);
  const isImages = shape.length === 3 || (shape.length === 2 && isFewLevels);
  const inputShape = shape.length === 2 && isImages ? [...shape, 1] : shape;
  const scale = isImages && x.values.some((value) => value > 1) ? 255 : 1;
  const values = Float32Array.from(x.values, (value) => value / scale);
  const notes = [`x was taken for ${isImages ? "images" : inputShape.length === 2 ? "sequences" : "rows of numbers"} of ${inputShape.join(" x ")}.`];
  if (scale > 1) notes.push("Pixels were divided by 255.");
  return { name, inputShape, x: values, notes, ...answers(y, count, inputShape, name) };
}

function opened(bytes: Uint8Array, name: string): Record<string, NumpyArray> {
  let total = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter: (file) => {
        total += file.originalSize;
        if (total > MOST_BYTES) throw new FileProblem(`${name} unpacks to more than a page can hold`);
        return file.name.endsWith(".npy");
      },
    });
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    throw new FileProblem(`${name} is no .npz archive, or is damaged`);
  }
  return Object.fromEntries(
    Object.entries(files).map(([file, content]) => [file.replace(/\.npy$/, ""), readNpy(content, `${name}, ${file}`)]),
  );
}

interface Numbers {
  shape: number[];
  values: Float64Array;
}

/** The arrays of these names one after the other. */
function joined(found: Record<string, NumpyArray>, names: string[]): Numbers | null {
  const parts = names.map((name) => found[name]).filter((part) => part !== undefined);
  const [first] = parts;
  if (!first) return null;
  if (parts.some((part) => Array.isArray(part.values))) throw new FileProblem("texts cannot be read here: give classes as whole numbers");
  if (parts.some((part) => String(part.shape.slice(1)) !== String(first.shape.slice(1))))
    throw new FileProblem("the parts for training and validation have different shapes");
  const values = parts.flatMap((part) => Array.from(part.values as Float64Array));
  return { shape: [parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0), ...first.shape.slice(1)], values: Float64Array.from(values) };
}

function answers(y: Numbers, count: number, inputShape: number[], name: string): Pick<Raw, "labels" | "classNames" | "y" | "perStep"> {
  const width = y.values.length / count;
  const isWhole = y.values.every((value) => Number.isInteger(value));
  if (width === 1 && isWhole) {
    const different = [...new Set(y.values)].sort((a, b) => a - b);
    return { labels: Array.from(y.values, (value) => different.indexOf(value)), classNames: different.map(String) };
  }
  const isOneHot = isWhole && y.shape.length === 2 && Array.from({ length: count }, (_, i) => y.values.subarray(i * width, (i + 1) * width).reduce((sum, value) => sum + value, 0)).every((sum) => sum === 1);
  if (isOneHot)
    return {
      labels: Array.from({ length: count }, (_, i) => y.values.subarray(i * width, (i + 1) * width).indexOf(1)),
      classNames: Array.from({ length: width }, (_, k) => String(k)),
    };
  const perStep = inputShape.length === 2 && y.shape.length >= 2 && y.shape[1] === inputShape[0];
  if (y.shape.length > 3) throw new FileProblem(`${name}: y has shape (${y.shape.join(", ")}), which cannot be learned here`);
  return { y: Float32Array.from(y.values), perStep };
}
