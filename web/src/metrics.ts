/** How good predictions are, and how that spreads over seeds; see netlet/metrics. */
import { truth, type Task } from "./truth.ts";

/** null: undefined (a class without examples); NaN: the run diverged. */
export type Metric = number | null;

const HIGHER_IS_BETTER = ["accuracy", "sensitivity", "specificity", "balanced_accuracy", "f1", "auc", "mcc", "r2", "area"];

export const higherIsBetter = (metric: string) => HIGHER_IS_BETTER.includes(metric);

/** The metric that runs of a task are ranked by. */
export const rankedBy = (task: Task): string => truth.metrics[task][0] ?? "loss";

// A probability that float32 rounded to 0 counts as the smallest it could have been.
const LEAST_COMPLEMENT = 2 ** -25;
const LEAST_PROBABILITY = 2 ** -126;

/** The metrics of a task: targets and predictions as rows of so many outputs. */
export function evaluate(
  task: Task,
  y: Float32Array,
  prediction: Float32Array,
  outputs: number,
): Record<string, Metric> {
  if (!prediction.every(Number.isFinite)) return Object.fromEntries(truth.metrics[task].map((name) => [name, NaN]));
  if (task === "binary") return binary(y, prediction);
  if (task === "categorical") return categorical(y, prediction, outputs);
  return regression(y, prediction);
}

function binary(y: Float32Array, prediction: Float32Array): Record<string, Metric> {
  let [loss, ones, rightOnes, rightZeros] = [0, 0, 0, 0];
  y.forEach((target, i) => {
    const p = prediction[i] ?? 0;
    if (target === 1) {
      ones += 1;
      rightOnes += Number(p > 0.5);
      loss -= Math.log(Math.max(p, LEAST_PROBABILITY));
    } else {
      rightZeros += Number(p <= 0.5);
      loss -= Math.log(Math.max(Math.fround(1 - p), LEAST_COMPLEMENT));
    }
  });
  const zeros = y.length - ones;
  return {
    accuracy: (rightOnes + rightZeros) / y.length,
    sensitivity: ones ? rightOnes / ones : null,
    specificity: zeros ? rightZeros / zeros : null,
    loss: loss / y.length,
  };
}

/** The place of the largest, the first if several are. */
export function largest(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if ((values[from + k] ?? 0) > (values[from + best] ?? 0)) best = k;
  return best;
}

function categorical(y: Float32Array, prediction: Float32Array, outputs: number): Record<string, Metric> {
  const rows = y.length / outputs;
  let [loss, right] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const truly = largest(y, i * outputs, outputs);
    right += Number(truly === largest(prediction, i * outputs, outputs));
    loss -= Math.log(Math.max(prediction[i * outputs + truly] ?? 0, LEAST_PROBABILITY));
  }
  return { accuracy: right / rows, loss: loss / rows };
}

function regression(y: Float32Array, prediction: Float32Array): Record<string, Metric> {
  const spread = variance(y);
  let sum = 0;
  y.forEach((target, i) => (sum += ((prediction[i] ?? 0) - target) ** 2));
  const mse = sum / y.length;
  return { normalised_error: spread > 0 ? mse / spread : null, mse };
}

export function variance(values: Float32Array): number {
  let mean = 0;
  values.forEach((value) => (mean += value));
  mean /= values.length;
  let sum = 0;
  values.forEach((value) => (sum += (value - mean) ** 2));
  return sum / values.length;
}

/** One metric over many runs; infinite where diverged runs reach that far into a loss or error. */
export interface Distribution {
  median: Metric;
  lowerQuartile: Metric;
  upperQuartile: Metric;
  best: Metric;
  count: number;
  diverged: number;
}

/** Median, quartiles and best; what is not finite counts as the worst, what is undefined is left out. */
export function summarise(values: Metric[], isHigherBetter: boolean): Distribution {
  const defined = values.filter((value) => value !== null);
  const worst = isHigherBetter ? 0 : Infinity;
  const ordered = defined.map((value) => (Number.isFinite(value) ? value : worst)).sort((a, b) => a - b);
  return {
    median: quantile(ordered, 0.5),
    lowerQuartile: quantile(ordered, 0.25),
    upperQuartile: quantile(ordered, 0.75),
    best: ordered.at(isHigherBetter ? -1 : 0) ?? null,
    count: ordered.length,
    diverged: defined.filter((value) => !Number.isFinite(value)).length,
  };
}

/** Interpolated linearly between ordered values, null if there are none. */
export function quantile(ordered: number[], share: number): Metric {
  const place = Math.round(share * (ordered.length - 1) * 1e9) / 1e9; // or 1 - 0.7 of ten steps would be beyond the third
  const below = ordered[Math.floor(place)];
  const above = ordered[Math.ceil(place)];
  if (below === undefined || above === undefined) return null;
  const part = place - Math.floor(place);
  return below === above || part === 0 ? below : below + part * (above - below);
}
