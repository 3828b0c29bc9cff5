/** Trainings on the side, of which only the end matters: comparisons and searches. */
import type { Layer } from "../architecture/layers.ts";
import type { FromWorker, Metrics } from "../engine/messages.ts";
import type { Training } from "../truth.ts";
import { dataset, source } from "./lab.ts";
import { borrow, listeners, nextId } from "./training.ts";

export interface Wanted {
  layers: Layer[];
  training: Training;
  seeds: number[];
}

export interface Outcome {
  seed: number;
  metrics: Metrics | null;
  weights: Float32Array | null;
  hasDiverged: boolean;
  seconds: number;
}

/** Trains in the background; calls with every outcome as it comes, by the place in what was wanted. */
export class Experiments {
  private readonly places = new Map<number, number>();
  private readonly diverged = new Set<string>();
  private readonly hear = (message: FromWorker) => this.note(message);

  constructor(private readonly ended: (place: number, outcome: Outcome) => void) {
    listeners.add(this.hear);
  }

  train(wanted: readonly Wanted[]): void {
    const pool = borrow();
    const data = dataset.value;
    if (!pool || !data) return;
    pool.use(source(data));
    pool.pace({ isRunning: true, limit: null });
    const jobs = wanted.map(({ layers, training, seeds }, place) => {
      const id = nextId();
      this.places.set(id, place);
      return seeds.map((seed) => ({ id, seed, layers, training, isWatched: false }));
    });
    pool.train(jobs.flat());
  }

  /** Hears no more. */
  done(): void {
    listeners.delete(this.hear);
  }

  /** Ends everything that is under way. */
  stop(): void {
    listeners.delete(this.hear);
    if (this.places.size) borrow()?.stop();
  }

  private note(message: FromWorker): void {
    const place = this.places.get(message.id);
    if (place === undefined) return;
    const key = `${message.id}:${message.seed}`;
    if (message.type === "epoch" && message.report.diverged) this.diverged.add(key);
    if (message.type === "ended") {
      const { seed, metrics, weights, seconds } = message;
      this.ended(place, { seed, metrics, weights, seconds, hasDiverged: this.diverged.has(key) });
    } else if (message.type === "failed") {
      this.ended(place, { seed: message.seed, metrics: null, weights: null, hasDiverged: true, seconds: 0 });
    }
  }
}

