/** Is one network better than another? Two distributions over seeds set against each other; see netlet/comparison. */
import { Random } from "./data/random.ts";
import { quantile, type Metric } from "./metrics.ts";

const RESAMPLES = 4000;
const TAIL = 0.025;

export interface Difference {
  /** Median of a less median of b. */
  difference: number;
  /** Ends of a bootstrap interval of 95 % confidence (percentile method). */
  low: number;
  high: number;
  /** That a seed of a does better than one of b; ties count half. */
  probability: number;
}

/** Values a seed; what diverged (NaN) counts as the worst, what is undefined is left out. Null if a side has none. */
export function difference(a: Metric[], b: Metric[], isHigherBetter: boolean): Difference | null {
  const worst = isHigherBetter ? 0 : Infinity;
  const [first, second] = [a, b].map((values) =>
    values.filter((value) => value !== null).map((value) => (Number.isFinite(value) ? value : worst)),
  );
  if (!first?.length || !second?.length) return null;
  const random = new Random(0, 0);
  const median = (values: number[]) => quantile([...values].sort((x, y) => x - y), 0.5) ?? 0;
  const draw = (values: number[]) => median(values.map(() => values[Math.floor(random.uniform() * values.length)] ?? 0));
  const less = (x: number, y: number) => (x === y ? 0 : x - y);
  const drawn = Array.from({ length: RESAMPLES }, () => less(draw(first), draw(second))).sort((x, y) => x - y);
  let better = 0;
  for (const x of first) for (const y of second) better += x === y ? 0.5 : Number(x > y === isHigherBetter);
  return {
    difference: less(median(first), median(second)),
    low: drawn[Math.floor(TAIL * RESAMPLES)] ?? 0,
    high: drawn[Math.ceil((1 - TAIL) * RESAMPLES) - 1] ?? 0,
    probability: better / (first.length * second.length),
  };
}
