/** Scalings of inputs and targets, as netlet/datasets/scaling.py: fitted on the training part, undone in the answers. */
import { FileProblem } from "./npy.ts";

/** scaled = (raw - offset) / scale, a number of each for every channel, feature or output. */
export interface Scaling {
  offset: number[];
  scale: number[];
}

/** A deviation smaller than this share of the mean may be one of rounding. */
const ROUNDING = 1e-6;

export function applied(scaling: Scaling | null | undefined, x: Float32Array): Float32Array {
  if (!scaling) return x;
  const { offset, scale } = scaling;
  return x.map((value, i) => (value - (offset[i % offset.length] ?? 0)) / (scale[i % scale.length] ?? 1));
}

export function undone(scaling: Scaling | null | undefined, x: Float32Array): Float32Array {
  if (!scaling) return x;
  const { offset, scale } = scaling;
  return x.map((value, i) => value * (scale[i % scale.length] ?? 1) + (offset[i % offset.length] ?? 0));
}

/** To mean 0 and standard deviation 1 of every channel; constant channels to 0. */
export function standard(x: Float32Array, channels: number): Scaling {
  const rows = x.length / channels;
  const offset = new Array<number>(channels).fill(0);
  const scale = new Array<number>(channels).fill(0);
  x.forEach((value, i) => (offset[i % channels] = (offset[i % channels] ?? 0) + value / rows));
  x.forEach((value, i) => (scale[i % channels] = (scale[i % channels] ?? 0) + (value - (offset[i % channels] ?? 0)) ** 2 / rows));
  const deviation = (square: number, channel: number) => {
    const found = Math.sqrt(square);
    return found > ROUNDING * Math.abs(offset[channel] ?? 0) ? found : 1;
  };
  return { offset, scale: scale.map(deviation) };
}

/** A scaling as a file tells of it; throws a FileProblem if it is none for so many channels. */
export function readScaling(kept: unknown, channels: number, name: string): Scaling | null {
  if (kept === null || kept === undefined) return null;
  const { offset, scale } = kept as Partial<Scaling>;
  const isRight = (values: unknown): values is number[] =>
    Array.isArray(values) && values.length === channels && values.every((value) => typeof value === "number" && Number.isFinite(value));
  if (!isRight(offset) || !isRight(scale) || scale.includes(0))
    throw new FileProblem(`${name} has a scaling that is none of ${channels} channels: write it again with this version of netlet`);
  return { offset, scale };
}
