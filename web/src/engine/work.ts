/** What a worker does: trains several seeds side by side, an epoch of one after an epoch of the other. */
import { load, type Dataset, type Split } from "../data/dataset.ts";
import { applied, undone } from "../data/scaling.ts";
import { evaluate } from "../metrics.ts";
import type { SplitName } from "../truth.ts";
import { Engine, EngineError, Trainer, type EngineNetwork, type KeptSamples, type Report } from "./engine.ts";
import type { FromWorker, Goal, Job, Metrics, Pace, Source, ToWorker } from "./messages.ts";

/** Trainings that are under way at a time; each holds a copy of the validation data. */
const MOST_AT_A_TIME = 8;
/** How long it works before it looks for messages, in milliseconds. */
const SLICE = 12;

interface Under {
  job: Job;
  network: EngineNetwork;
  trainer: Trainer;
  seconds: number;
  lowest: number;
  waited: number;
  best: { weights: Float32Array; epoch: number } | null;
  due: number;
}

export class Work {
  private engine: Engine | undefined;
  private module: WebAssembly.Module | undefined;
  private dataset: Dataset | undefined;
  private kept: Partial<Record<"training" | "validation", KeptSamples>> = {};
  private queue: Job[] = [];
  private under: Under[] = [];
  private pace: Pace = { isRunning: true, limit: null };
  private next = 0;
  private isAwake = false;

  constructor(
    private readonly tell: (message: FromWorker, transfer?: Transferable[]) => void,
    /** Calls again soon, after messages that have come meanwhile. */
    private readonly later: (work: () => void, wait: number) => void,
  ) {}

  async hear(message: ToWorker): Promise<void> {
    switch (message.type) {
      case "start":
        this.module = message.module;
        this.engine = await Engine.start(message.module);
        break;
      case "data":
        await this.take(message.source);
        break;
      case "train":
        this.queue.push(...message.jobs);
        break;
      case "pace":
        this.pace = message.pace;
        this.under.forEach((one) => (one.due = 0));
        break;
      case "step":
        this.fill();
        for (const one of [...this.under]) this.step(one, message.unit);
        break;
      case "rate":
        this.under.forEach((one) => {
          one.trainer.learningRate(message.rate);
        });
        this.queue.forEach((job) => (job.training = { ...job.training, learning_rate: message.rate }));
        break;
      case "stop":
        this.under.forEach((one) => this.close(one));
        this.under = [];
        this.queue = [];
        break;
    }
    this.wake();
  }

  private async take(source: Source): Promise<void> {
    // A new instance for new data: memory of WebAssembly never shrinks.
    if (this.dataset && this.module) this.engine = await Engine.start(this.module);
    const engine = this.need();
    this.dataset = source.splits
      ? { ...source.known, name: source.name, splits: source.splits }
      : load(source.name, source.packed);
    const { inputScaling, targetScaling } = this.dataset;
    const keep = (split: Split | undefined): KeptSamples => {
      if (!split) throw new Error(`${source.name} lacks a split`);
      const [x, y] = [applied(inputScaling, split.x), applied(targetScaling, split.y)];
      return { x: engine.keep(x), y: engine.keep(y), count: split.count };
    };
    this.kept = { training: keep(this.dataset.splits.training), validation: keep(this.dataset.splits.validation) };
  }

  private need(): Engine {
    if (!this.engine) throw new Error("the engine has not been started");
    return this.engine;
  }

  /** Begins trainings that wait, as far as there is room. */
  private fill(): void {
    while (this.under.length < MOST_AT_A_TIME) {
      const job = this.queue.shift();
      if (!job) return;
      try {
        this.under.push(this.begin(job));
      } catch (error) {
        this.fail(job, error);
      }
    }
  }

  private begin(job: Job): Under {
    const engine = this.need();
    const { dataset, kept } = this;
    if (!dataset || !kept.training || !kept.validation) throw new Error("there is no data");
    const network = engine.network(dataset.inputShape, job.layers, dataset.task);
    // Nobody looks at the curves of what is not watched, and to validate may double the time.
    const { patience, schedule } = job.training;
    const isValidated = job.isWatched || patience !== null || schedule === "reduce-on-plateau" || job.goal !== undefined;
    const looked = isValidated ? kept.validation : { ...kept.validation, count: 0 };
    const trainer = new Trainer(engine, network, job.training, kept.training, looked, job.seed, job.start);
    return { job, network, trainer, seconds: 0, lowest: Infinity, waited: 0, best: null, due: 0 };
  }

  private wake(): void {
    if (this.isAwake) return;
    this.isAwake = true;
    this.later(() => this.go(), 0);
  }

  private go(): void {
    this.isAwake = false;
    if (!this.pace.isRunning) return;
    this.fill();
    const began = performance.now();
    let wait = 0;
    while (this.under.length && performance.now() - began < SLICE) {
      const one = this.ready();
      if (!one) {
        wait = Math.max(1, Math.min(...this.under.map((each) => each.due)) - performance.now());
        break;
      }
      this.advance(one, began + SLICE);
      this.fill();
    }
    if (!this.under.length) return;
    this.isAwake = true;
    this.later(() => this.go(), wait);
  }

  /** The next training whose time has come. */
  private ready(): Under | undefined {
    const now = performance.now();
    for (let tried = 0; tried < this.under.length; tried++) {
      const one = this.under[(this.next + tried) % this.under.length];
      if (one && one.due > now) continue;
      this.next = (this.next + tried) % this.under.length;
      return one;
    }
    return undefined;
  }

  /** Trains until the epoch or the time ends. */
  private advance(one: Under, until: number): void {
    const began = performance.now();
    if (one.job.training.epochs === 0) {
      this.end(one);
      return;
    }
    this.guard(one, () => {
      let isOver = one.trainer.run(1);
      while (!isOver && performance.now() < until) isOver = one.trainer.run(1);
      one.seconds += (performance.now() - began) / 1000;
      if (!isOver) return;
      if (this.pace.limit) one.due = began + 1000 / this.pace.limit;
      this.next += 1;
      this.tellEpoch(one);
    });
  }

  private step(one: Under, unit: "batch" | "epoch"): void {
    this.guard(one, () => {
      let isOver = one.trainer.run(1);
      while (unit === "epoch" && !isOver) isOver = one.trainer.run(8);
      if (isOver) {
        this.tellEpoch(one);
        return;
      }
      const { weights, report } = one.trainer;
      this.tell({ type: "batch", id: one.job.id, seed: one.job.seed, report, weights }, [weights.buffer]);
    });
  }

  private tellEpoch(one: Under): void {
    const { report } = one.trainer;
    const { id, seed, training, isWatched } = one.job;
    const weights = one.trainer.weights;
    const patience = training.patience;
    let isOver = report.epoch >= training.epochs || report.diverged > 0 || isReached(one.job.goal, report);
    if (patience !== null) {
      if (report.valLoss < one.lowest) {
        one.lowest = report.valLoss;
        one.best = { weights: weights.slice(), epoch: report.epoch };
        one.waited = 0;
      } else if (++one.waited >= patience) isOver = true;
    }
    this.tell({ type: "epoch", id, seed, report, weights: isWatched ? weights : null });
    if (isOver) this.end(one);
  }

  private end(one: Under): void {
    const { id, seed } = one.job;
    const weights = one.best?.weights ?? one.trainer.weights;
    const hasDiverged = one.trainer.report.diverged > 0;
    const metrics: Metrics = {};
    for (const [name, split] of Object.entries(this.dataset?.splits ?? {}) as [SplitName, Split][]) {
      const x = applied(this.dataset?.inputScaling, split.x);
      const prediction = undone(this.dataset?.targetScaling, one.network.predict(weights, x, split.count));
      if (hasDiverged) prediction[0] = NaN;
      metrics[name] = evaluate(one.network.task, split.y, prediction, this.dataset?.outputs ?? 1);
    }
    const bestEpoch = one.best?.epoch ?? one.trainer.report.epoch;
    this.tell({ type: "ended", id, seed, metrics, weights, bestEpoch, seconds: one.seconds });
    this.remove(one);
    this.close(one);
  }

  private guard(one: Under, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.remove(one);
      this.fail(one.job, error);
    }
  }

  private remove(one: Under): void {
    this.under = this.under.filter((other) => other !== one);
  }

  private close(one: Under): void {
    one.trainer.free();
    one.network.free();
  }

  private fail(job: Job, error: unknown): void {
    const message = error instanceof EngineError || error instanceof Error ? error.message : String(error);
    this.tell({ type: "failed", id: job.id, seed: job.seed, message });
  }
}

function isReached(goal: Goal | undefined, report: Report): boolean {
  if (!goal) return false;
  return "loss" in goal ? report.valLoss <= goal.loss : report.valAccuracy >= goal.accuracy;
}
