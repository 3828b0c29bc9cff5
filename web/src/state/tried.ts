/** What has been trained in this visit, so that it can be compared and taken up again. */
import { effect, signal } from "@preact/signals";
import { higherIsBetter, rankedBy, summarise, type Metric } from "../metrics.ts";
import type { Training } from "../truth.ts";
import { download } from "./files.ts";
import { choose, firstSeed, seeds } from "./lab.ts";
import { finished, type Session } from "./training.ts";

/** Rows that are kept; the oldest fall out. */
const MOST = 200;

export interface Tried {
  number: number;
  dataset: string;
  written: string;
  changes: Partial<Training>;
  parameters: number;
  seeds: number;
  firstSeed: number;
  metric: string;
  validation: Metric;
  test: Metric;
  diverged: number;
  /** Milliseconds of the clock. */
  took: number;
}

export const tried = signal<Tried[]>([]);

effect(() => {
  const now = finished.value;
  if (!now) return;
  const before = tried.peek();
  tried.value = [...before.slice(1 - MOST), rowOf(now, (before.at(-1)?.number ?? 0) + 1)];
});

function rowOf(now: Session, number: number): Tried {
  const metric = rankedBy(now.model.purpose.task);
  const median = (split: "validation" | "test") =>
    summarise(now.runs.map((run) => (run.status === "diverged" ? NaN : (run.metrics?.[split]?.[metric] ?? null))), higherIsBetter(metric)).median;
  return {
    number,
    dataset: now.dataset,
    written: now.written,
    changes: now.changes,
    parameters: now.model.parameters,
    seeds: now.runs.length,
    firstSeed: now.runs[0]?.seed ?? 0,
    metric,
    validation: median("validation"),
    test: median("test"),
    diverged: now.runs.filter((run) => run.status === "diverged").length,
    took: now.took ?? 0,
  };
}

export const changesText = (changes: Partial<Training>): string =>
  Object.entries(changes)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(", ");

/** Sets the laboratory up as it was then. */
export function takeUp(row: Tried): void {
  choose(row.dataset, row.written, row.changes);
  seeds.value = row.seeds;
  firstSeed.value = row.firstSeed;
}

/** All rows as CSV. */
export function downloadTried(): void {
  const quoted = (value: string | number | null) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const head = ["number", "dataset", "network", "settings", "weights", "seeds", "first_seed", "metric", "validation", "test", "diverged", "seconds"];
  const rows = tried.value.map((row) =>
    [row.number, row.dataset, row.written, changesText(row.changes), row.parameters, row.seeds, row.firstSeed, row.metric, row.validation, row.test, row.diverged, row.took / 1000].map(quoted),
  );
  download("tried.csv", [head, ...rows].map((row) => row.join(",")).join("\n") + "\n", "text/csv");
}
