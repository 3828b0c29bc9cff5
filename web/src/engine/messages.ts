/** What the page and its workers tell each other. */
import type { Layer } from "../architecture/layers.ts";
import type { Metric } from "../metrics.ts";
import type { DatasetTruth, SplitName, Training } from "../truth.ts";
import type { Report } from "./engine.ts";
import type { Dataset, Split } from "../data/dataset.ts";

/** Where a worker gets a dataset's numbers from: packed bytes, the numbers themselves, or (neither) a generator. */
export interface Source {
  name: string;
  known: DatasetTruth & Pick<Dataset, "inputScaling" | "targetScaling">;
  packed?: Uint8Array;
  splits?: Partial<Record<SplitName, Split>>;
}

/** What ends a training early: so good a loss or accuracy on the validation data. */
export type Goal = { loss: number } | { accuracy: number };

/** One architecture to be trained in one way from one seed. */
export interface Job {
  id: number;
  seed: number;
  layers: Layer[];
  training: Training;
  /** Where it starts, if not from what the seed draws. */
  start?: Float32Array;
  goal?: Goal;
  /** Whether to send weights after every epoch. */
  isWatched: boolean;
}

export interface Pace {
  isRunning: boolean;
  /** Epochs a second of every seed; null for as fast as it goes. */
  limit: number | null;
}

export type ToWorker =
  | { type: "start"; module: WebAssembly.Module }
  | { type: "data"; source: Source }
  | { type: "train"; jobs: Job[] }
  | { type: "pace"; pace: Pace }
  | { type: "step"; unit: "batch" | "epoch" }
  | { type: "rate"; rate: number }
  | { type: "stop" };

export type Metrics = Partial<Record<SplitName, Record<string, Metric>>>;

export type FromWorker =
  | { type: "epoch"; id: number; seed: number; report: Report; weights: Float32Array | null }
  | { type: "batch"; id: number; seed: number; report: Report; weights: Float32Array }
  | { type: "ended"; id: number; seed: number; metrics: Metrics; weights: Float32Array; bestEpoch: number; seconds: number }
  | { type: "failed"; id: number; seed: number; message: string };
