/** One setting over several values, each from the same seeds. */
import { signal } from "@preact/signals";
import { hasEffect, model, training } from "./lab.ts";
import { rankedBy, type Metric } from "../metrics.ts";
import { truth, type Training } from "../truth.ts";
import { Experiments } from "./experiments.ts";

/** What can be swept, with values to begin with. */
export const SWEPT = {
  learning_rate: "0.001, 0.003, 0.01, 0.03",
  batch_size: "8, 32, 128",
  epochs: "5, 15, 45",
  optimizer: "sgd, rmsprop, adam",
  schedule: "constant, cosine, one-cycle",
  l2: "0, 0.0001, 0.001",
  truncation: "10, 50",
} satisfies Partial<Record<keyof Training, string>>;
export type Swept = keyof typeof SWEPT;

const MOST_VALUES = 12;

export interface Sweep {
  name: Swept;
  metric: string;
  values: (string | number)[];
  /** By value, one a seed. */
  found: Metric[][];
  all: number;
}

export const sweep = signal<Sweep | null>(null);
let under: Experiments | undefined;

/** The values as written; null if one of them is none. */
export function valuesOf(name: Swept, written: string): (string | number)[] | null {
  const parts = [...new Set(written.split(",").map((part) => part.trim()).filter(Boolean))];
  const { choices } = truth.settings[name];
  const isRight = (part: string) => {
    if (choices.length) return choices.includes(part);
    const number = Number(part);
    if (!Number.isFinite(number) || number < 0) return false;
    if (name === "l2") return true;
    return name === "learning_rate" ? number > 0 : Number.isInteger(number) && number >= 1;
  };
  if (!parts.length || parts.length > MOST_VALUES || !parts.every(isRight)) return null;
  return parts.map((part) => (choices.length ? part : Number(part)));
}

export function startSweep(name: Swept, values: (string | number)[], seeds: number): void {
  const net = model.value;
  if (!net) return;
  under?.stop();
  const metric = rankedBy(net.purpose.task);
  sweep.value = { name, metric, values, found: values.map(() => []), all: values.length * seeds };
  under = new Experiments((place, outcome) => {
    const now = sweep.value;
    if (!now) return;
    const value = outcome.hasDiverged ? NaN : (outcome.metrics?.validation?.[metric] ?? null);
    sweep.value = { ...now, found: now.found.map((one, i) => (i === place ? [...one, value] : one)) };
  });
  under.train(values.map((value) => ({ layers: net.layers, training: effectiveWith(name, value), seeds: Array.from({ length: seeds }, (_, seed) => seed) })));
}

/** The settings with that value, and without those that it takes the effect from. */
function effectiveWith(name: Swept, value: string | number): Training {
  const all: Training = { ...training.value, [name]: value };
  const kept = Object.entries(all).filter(([key]) => hasEffect(key as keyof Training, all));
  return { ...truth.training, ...(Object.fromEntries(kept) as Partial<Training>) };
}
