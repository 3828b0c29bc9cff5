/** How metrics and curves spread over the seeds of a session. */
import { higherIsBetter, quantile, summarise, type Distribution, type Metric } from "../metrics.ts";
import { hasQuality, type Run, type Session } from "../state/training.ts";
import type { SplitName } from "../truth.ts";

type Curve = keyof Run["history"];

/** The last value of a curve, in the median. */
export function latest(now: Session, curve: Curve): Metric {
  return summarise(
    now.runs.map((run) => run.history[curve].at(-1) ?? null),
    curve.toLowerCase().includes("quality") && now.task !== "regression",
  ).median;
}

/** A metric over the seeds: as measured in the end, or while they train as the curve has it. */
export function spread(now: Session, split: SplitName, name: string): Distribution {
  const values = now.runs.map((run): Metric => {
    if (run.status === "diverged") return NaN;
    const told = run.metrics?.[split]?.[name];
    if (told !== undefined) return told;
    return split === "validation" && hasQuality(now) ? (run.history.valQuality.at(-1) ?? null) : null;
  });
  return summarise(values, higherIsBetter(name));
}

export interface Spread {
  median: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
}

/** Median and quartiles of a curve at every epoch, over the runs that have a finite value there. */
export function bands(now: Session, curve: Curve): Spread {
  const length = Math.max(0, ...now.runs.map((run) => run.history[curve].length));
  const found: Spread = { median: [], low: [], high: [] };
  for (let epoch = 0; epoch < length; epoch++) {
    const values = now.runs
      .map((run) => run.history[curve][epoch])
      .filter((value): value is number => value !== undefined && Number.isFinite(value))
      .sort((a, b) => a - b);
    found.median.push(quantile(values, 0.5));
    found.low.push(quantile(values, 0.25));
    found.high.push(quantile(values, 0.75));
  }
  return found;
}
