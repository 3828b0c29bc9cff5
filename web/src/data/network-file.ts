/** Networks in .netlet files, as netlet/network/files.py keeps them. */
import { strFromU8, unzipSync, zipSync } from "fflate";
import type { Model } from "../engine/model.ts";
import type { Task } from "../truth.ts";
import { readScaling, type Scaling } from "./scaling.ts";
import { FileProblem, readNpy, writeNpy, writeText } from "./npy.ts";

const FORMAT = 2;
const MOST_BYTES = 400_000_000;

export interface SavedNetwork {
  architecture: string;
  inputShape: number[];
  task: Task;
  classNames: string[];
  inputScaling: Scaling | null;
  targetScaling: Scaling | null;
  about: Record<string, unknown>;
  weights: Float32Array;
}

interface Head {
  format: number;
  architecture: string;
  input_shape: number[];
  task: Task;
  class_names?: string[];
  integer_scale?: number;
  input_scaling?: unknown;
  target_scaling?: unknown;
  about: Record<string, unknown>;
}

/** The bytes of a file that Python's load_network opens. */
export function networkFile(
  model: Model,
  weights: Float32Array,
  classNames: readonly string[],
  about: Record<string, unknown>,
): Uint8Array {
  const head: Head = {
    format: FORMAT,
    architecture: model.text,
    input_shape: model.inputShape,
    task: model.purpose.task,
    class_names: [...classNames],
    integer_scale: model.inputShape.length === 3 ? 255 : 1,
    input_scaling: model.purpose.inputScaling ?? null,
    target_scaling: model.purpose.targetScaling ?? null,
    about,
  };
  const files: Record<string, Uint8Array> = { "head.npy": writeText(JSON.stringify(head)) };
  let [at, number] = [0, 0];
  for (const shape of model.weightShapes.flat()) {
    const size = shape.reduce((product, n) => product * n, 1);
    files[`weight_${String(number++).padStart(3, "0")}.npy`] = writeNpy(weights.subarray(at, at + size), shape);
    at += size;
  }
  return zipSync(files, { level: 6 });
}

/** Throws a FileProblem, one line for people, if it is no such file. */
export function readNetworkFile(bytes: Uint8Array, name: string): SavedNetwork {
  try {
    return read(bytes, name);
  } catch (error) {
    if (error instanceof FileProblem) throw error;
    throw new FileProblem(`${name} is not a network that netlet has saved, or is damaged`);
  }
}

function read(bytes: Uint8Array, name: string): SavedNetwork {
  let total = 0;
  const files = unzipSync(bytes, {
    filter: (file) => {
      total += file.originalSize;
      if (total > MOST_BYTES) throw new FileProblem(`${name} unpacks to more than a network can hold`);
      return true;
    },
  });
  const headFile = files["head.npy"];
  if (!headFile) throw new FileProblem(`${name} is not a network that netlet has saved`);
  const [text] = readNpy(headFile, name).values;
  const head = JSON.parse(typeof text === "string" ? text : strFromU8(headFile)) as Head;
  if (head.format > FORMAT) throw new FileProblem(`${name} has format ${head.format}, but this page reads up to ${FORMAT}: take a newer one`);
  const parts = Object.keys(files)
    .filter((file) => file.startsWith("weight_"))
    .sort()
    .map((file) => readNpy(files[file] ?? new Uint8Array(), `${name}, ${file}`));
  const weights = Float32Array.from(parts.flatMap((part) => Array.from(part.values as Float64Array)));
  const outputs = parts.at(-1)?.shape.at(-1) ?? 1;
  return {
    architecture: head.architecture,
    inputShape: head.input_shape,
    task: head.task,
    classNames: head.class_names ?? [],
    inputScaling: readScaling(head.input_scaling, head.input_shape.at(-1) ?? 1, name),
    targetScaling: readScaling(head.target_scaling, outputs, name),
    about: head.about,
    weights,
  };
}
