/** The page's datasets: what they are, and their numbers, unpacked or generated when first asked for. */
import { truth, type DatasetTruth, type SplitName } from "../truth.ts";
import type { Scaling } from "./scaling.ts";
import { reversed, sequences } from "./pulses.ts";

export interface Split {
  x: Float32Array;
  y: Float32Array;
  count: number;
}

export interface Dataset extends DatasetTruth {
  name: string;
  splits: Partial<Record<SplitName, Split>>;
  /** What a network does to inputs and targets; the splits have the data's own units. */
  inputScaling?: Scaling | null;
  targetScaling?: Scaling | null;
  /** Whether it is one's own, which nothing but this page has. */
  isOwn?: boolean;
  /** What was recognised, guessed and done when it was read. */
  notes?: string[];
}

export const kindOf = (dataset: { inputShape: readonly number[] }): "image" | "sequence" | "table" =>
  dataset.inputShape.length === 3 ? "image" : dataset.inputShape.length === 2 ? "sequence" : "table";

const SPLITS: SplitName[] = ["training", "validation", "test"];
const MEMORY_DECAY = 0.5;

/** A dataset from its packed bytes; of sequences, which are generated, there are none. */
export function load(name: string, packed: Uint8Array | undefined): Dataset {
  const known = truth.datasets[name];
  if (!known) throw new Error(`there is no dataset called ${name}`);
  const splits = packed ? unpack(known, packed) : generate(name, known);
  return { ...known, name, splits };
}

function unpack(known: DatasetTruth, packed: Uint8Array): Dataset["splits"] {
  const numbers = known.inputShape.reduce((product, n) => product * n, 1);
  const splits: Dataset["splits"] = {};
  let at = 0;
  for (const name of SPLITS) {
    const count = known.counts[name];
    if (!count) continue;
    const x = new Float32Array(count * numbers);
    if (known.bits) {
      for (let i = 0; i < x.length; i++) x[i] = ((packed[at + (i >> 3)] ?? 0) >> (7 - (i & 7))) & 1;
      at += Math.ceil(x.length / 8);
    } else {
      for (let i = 0; i < x.length; i++) x[i] = (packed[at + i] ?? 0) / 255;
      at += x.length;
    }
    splits[name] = { x, y: targets(known, packed.subarray(at, at + count)), count };
    at += count;
  }
  return splits;
}

/** Targets as rows: 0 or 1, or one-hot. */
export function targets(known: { task: string; outputs: number }, labels: ArrayLike<number>): Float32Array {
  if (known.task === "binary") return Float32Array.from(labels);
  const y = new Float32Array(labels.length * known.outputs);
  for (let i = 0; i < labels.length; i++) y[i * known.outputs + (labels[i] ?? 0)] = 1;
  return y;
}

function generate(name: string, known: DatasetTruth): Dataset["splits"] {
  const steps = known.inputShape[0] ?? 1;
  const splits: Dataset["splits"] = {};
  SPLITS.forEach((split, index) => {
    const count = known.counts[split];
    if (!count) return;
    const found = sequences(0, index, count, steps, name === "pulses-memory" ? MEMORY_DECAY : 0);
    splits[split] =
      name === "pulses-reversed"
        ? { x: reversed(found.y, steps), y: reversed(found.x, steps), count }
        : { ...found, count };
  });
  return splits;
}
