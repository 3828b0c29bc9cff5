/** Pulse sequences as netlet/datasets/pulses.py generates them: square pulses in, triangle pulses out. */
import { Random } from "./random.ts";

const NOISE = 0.01;
const SHORTEST = 3;
const LONGER = 0.665;
const [LOWEST, HIGHEST] = [0.5, 1.0];
const FIRST_MEAN = 6.4;
const GAP_MEAN = 7.0;
const OVERHANG = 14;

/** Where the pulses of one sequence are. */
export interface Pulse {
  start: number;
  width: number;
  height: number;
}

function geometric(random: Random, count: number, mean: number): number[] {
  const scale = Math.log(mean / (mean + 1));
  return Array.from(random.uniforms(count), (u) => Math.floor(Math.log1p(-u) / scale));
}

/** Pulses for so many sequences, until the last of every one starts after its end. */
function place(random: Random, count: number, steps: number): Pulse[][] {
  const found: Pulse[][] = Array.from({ length: count }, () => []);
  let start = geometric(random, count, FIRST_MEAN).map((gap) => 1 + gap);
  while (start.some((first) => first < steps)) {
    const width = geometric(random, count, LONGER / (1 - LONGER)).map((longer) => SHORTEST + longer);
    start = start.map((first, i) => (first + 3 * (width[i] ?? 0) > steps + OVERHANG ? Math.max(first, steps) : first));
    const height = random.uniforms(count);
    found.forEach((pulses, i) =>
      pulses.push({
        start: start[i] ?? 0,
        width: width[i] ?? 0,
        height: LOWEST + (HIGHEST - LOWEST) * (height[i] ?? 0),
      }),
    );
    const gap = geometric(random, count, GAP_MEAN);
    start = start.map((first, i) => first + 2 * (width[i] ?? 0) + 1 + (gap[i] ?? 0));
  }
  return found;
}

/** Input and target of one sequence without noise. */
export function draw(pulses: readonly Pulse[], steps: number, decay = 0): [Float64Array, Float64Array] {
  const x = new Float64Array(steps);
  const y = new Float64Array(steps);
  let [total, weight] = [0, 0];
  for (const { start, width, height } of pulses) {
    total = total * decay + height;
    weight = weight * decay + 1;
    const end = start + width;
    for (let t = 0; t < steps; t++) {
      if (t >= start && t < end) x[t] = (x[t] ?? 0) + height;
      const rise = 1 - Math.abs(t - (end + width - 1)) / width;
      y[t] = (y[t] ?? 0) + (total / weight) * Math.max(rise, 0);
    }
  }
  return [x, y];
}

/** Inputs and targets of one split, each sequence after the other. */
export function sequences(
  seed: number,
  split: number,
  count: number,
  steps: number,
  decay: number,
): { x: Float32Array; y: Float32Array } {
  const random = new Random(seed, split);
  const clean = place(random, count, steps).map((pulses) => draw(pulses, steps, decay));
  const noisy = (which: 0 | 1) => {
    const rows = new Float32Array(count * steps);
    clean.forEach((pair, i) => pair[which].forEach((value, t) => (rows[i * steps + t] = value + NOISE * (2 * random.uniform() - 1))));
    return rows;
  };
  return { x: noisy(0), y: noisy(1) };
}

/** The reverse problem: input and target change roles, and time runs backwards. */
export function reversed(rows: Float32Array, steps: number): Float32Array {
  const turned = rows.slice();
  for (let from = 0; from < turned.length; from += steps) turned.subarray(from, from + steps).reverse();
  return turned;
}
