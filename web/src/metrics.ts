/** How good predictions are, and how that spreads over seeds; see netlet/metrics. */
import { truth, type Task } from "./truth.ts";

/** null: undefined (a class without examples); NaN: the run diverged. */
export type Metric = number | null;

export const higherIsBetter = (metric: string) => truth.higherIsBetter.includes(metric);

/** The worst value that a metric can have. */
export const worst = (metric: string): number => truth.worst[metric] ?? Infinity;

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
  const names = truth.metrics[task];
  if (!prediction.every(Number.isFinite)) return Object.fromEntries(names.map((name) => [name, NaN]));
  const found = task === "regression" ? regression(y, prediction, outputs) : classification(task, y, prediction, outputs);
  return Object.fromEntries(names.map((name) => [name, found[name] ?? null]));
}

/** The place of the largest, the first if several are. */
export function largest(values: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if ((values[from + k] ?? 0) > (values[from + best] ?? 0)) best = k;
  return best;
}

/** The class of every row: of one output 1 above a half, else the largest. */
export function labels(values: Float32Array, outputs: number): Uint8Array {
  return Uint8Array.from({ length: values.length / outputs }, (_, row) =>
    outputs === 1 ? Number((values[row] ?? 0) > 0.5) : largest(values, row * outputs, outputs),
  );
}

/** How many of each class (row) were taken for which class (column). */
export function confusion(truly: Uint8Array, said: Uint8Array, classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  truly.forEach((label, i) => {
    const row = matrix[label];
    const column = said[i] ?? 0;
    if (row) row[column] = (row[column] ?? 0) + 1;
  });
  return matrix;
}

function classification(task: Task, y: Float32Array, prediction: Float32Array, outputs: number): Record<string, Metric> {
  const classes = Math.max(2, outputs);
  const truly = labels(y, outputs);
  const matrix = confusion(truly, labels(prediction, outputs), classes);
  const right = matrix.map((row, k) => row[k] ?? 0);
  const there = matrix.map((row) => row.reduce((sum, n) => sum + n, 0));
  const said = matrix.map((_, k) => matrix.reduce((sum, row) => sum + (row[k] ?? 0), 0));
  const total = truly.length;
  const recall = right.map((n, k) => share(n, there[k]));
  const harmonic = right.map((n, k) => share(2 * n, (there[k] ?? 0) + (said[k] ?? 0)));
  return {
    accuracy: right.reduce((sum, n) => sum + n, 0) / total,
    sensitivity: recall[1] ?? null,
    specificity: recall[0] ?? null,
    balanced_accuracy: there.filter((n) => n > 0).length > 1 ? mean(recall) : null,
    f1: mean(task === "binary" ? harmonic.slice(1) : harmonic),
    auc: areas(y, prediction, outputs),
    mcc: correlation(right, there, said),
    loss: meanLoss(task, y, prediction, outputs),
  };
}

const share = (part: number, whole: number | undefined): Metric => (whole ? part / whole : null);

function mean(values: Metric[]): Metric {
  const defined = values.filter((value) => value !== null);
  return defined.length ? defined.reduce((sum, value) => sum + value, 0) / defined.length : null;
}

/** Gorodkin's R_K, of two classes Matthews's coefficient. */
function correlation(right: number[], there: number[], said: number[]): Metric {
  const sum = (values: number[]) => values.reduce((all, n) => all + n, 0);
  const product = (a: number[], b: number[]) => sum(a.map((n, k) => n * (b[k] ?? 0)));
  const total = sum(there);
  const ofThere = total ** 2 - product(there, there);
  const ofSaid = total ** 2 - product(said, said);
  if (!ofThere) return null;
  return ofSaid ? (sum(right) * total - product(there, said)) / Math.sqrt(ofThere * ofSaid) : 0;
}

/** The area under the ROC curve; of several classes the mean of each against the rest. */
function areas(y: Float32Array, prediction: Float32Array, outputs: number): Metric {
  return mean(
    Array.from({ length: outputs }, (_, k) => {
      const pick = (values: Float32Array) => values.filter((_value, i) => i % outputs === k);
      return area(pick(y), pick(prediction));
    }),
  );
}

/** The probability that an example of the class ranks above another, a tie counting half: by ranks. */
function area(y: Float32Array, prediction: Float32Array): Metric {
  const order = [...prediction.keys()].sort((a, b) => (prediction[a] ?? 0) - (prediction[b] ?? 0));
  let [ranks, ones] = [0, 0];
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && prediction[order[to] ?? 0] === prediction[order[from] ?? 0]) to += 1;
    for (const place of order.slice(from, to))
      if (y[place] === 1) {
        ones += 1;
        ranks += (from + to + 1) / 2;
      }
    from = to;
  }
  const zeros = y.length - ones;
  return ones && zeros ? (ranks - (ones * (ones + 1)) / 2) / (ones * zeros) : null;
}

function meanLoss(task: Task, y: Float32Array, prediction: Float32Array, outputs: number): number {
  const rows = y.length / outputs;
  let loss = 0;
  for (let i = 0; i < rows; i++) loss += rowLoss(task, y, prediction, outputs, i);
  return loss / rows;
}

/** The loss of one row: cross-entropy in nats, of regression the mean squared error. */
export function rowLoss(task: Task, y: Float32Array, prediction: Float32Array, outputs: number, row: number): number {
  if (task === "binary") {
    const p = prediction[row] ?? 0;
    return y[row] === 1
      ? -Math.log(Math.max(p, LEAST_PROBABILITY))
      : -Math.log(Math.max(Math.fround(1 - p), LEAST_COMPLEMENT));
  }
  let sum = 0;
  for (let k = row * outputs; k < (row + 1) * outputs; k++) {
    const [target, said] = [y[k] ?? 0, prediction[k] ?? 0];
    sum += task === "categorical" ? target * said : (said - target) ** 2 / outputs;
  }
  return task === "categorical" ? -Math.log(Math.max(sum, LEAST_PROBABILITY)) : sum;
}

/** The variance of every output over all rows; exactly 0 for one that never varies. */
export function variances(y: Float32Array, outputs: number): number[] {
  return Array.from({ length: outputs }, (_, k) => {
    const values = outputs === 1 ? y : y.filter((_value, i) => i % outputs === k);
    const first = values[0];
    return values.every((value) => value === first) ? 0 : variance(values);
  });
}

export function variance(values: Float32Array): number {
  let middle = 0;
  values.forEach((value) => (middle += value));
  middle /= values.length;
  let sum = 0;
  values.forEach((value) => (sum += (value - middle) ** 2));
  return sum / values.length;
}

function regression(y: Float32Array, prediction: Float32Array, outputs: number): Record<string, Metric> {
  const errors = new Array<number>(outputs).fill(0);
  let absolute = 0;
  y.forEach((target, i) => {
    const error = (prediction[i] ?? 0) - target;
    absolute += Math.abs(error);
    errors[i % outputs] = (errors[i % outputs] ?? 0) + error ** 2;
  });
  const rows = y.length / outputs;
  const spread = variances(y, outputs);
  const normalised = mean(errors.map((error, k) => share(error / rows, spread[k])));
  return {
    normalised_error: normalised,
    r2: normalised === null ? null : 1 - normalised,
    mae: absolute / y.length,
    mse: errors.reduce((sum, error) => sum + error, 0) / y.length,
  };
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
export function summarise(values: Metric[], isHigherBetter: boolean, worst?: number): Distribution {
  const defined = values.filter((value) => value !== null);
  const last = worst ?? (isHigherBetter ? 0 : Infinity);
  const ordered = defined.map((value) => (Number.isFinite(value) ? value : last)).sort((a, b) => a - b);
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
  // Rounded, or 1 - 0.7 of ten steps would be beyond the third.
  const place = Math.round(share * (ordered.length - 1) * 1e9) / 1e9;
  const below = ordered[Math.floor(place)];
  const above = ordered[Math.ceil(place)];
  if (below === undefined || above === undefined) return null;
  return below === above ? below : below + (place - Math.floor(place)) * (above - below);
}
