/** Trainings under way: starting, pausing, stepping, and the curves as they grow. */
import { computed, effect, signal } from "@preact/signals";
import type { Dataset, Split } from "../data/dataset.ts";
import { applied } from "../data/scaling.ts";
import type { Report } from "../engine/engine.ts";
import type { FromWorker, Goal, Metrics } from "../engine/messages.ts";
import type { Model } from "../engine/model.ts";
import { Pool } from "../engine/pool.ts";
import { evaluate, higherIsBetter, rankedBy, variance, type Metric } from "../metrics.ts";
import type { SplitName, Training } from "../truth.ts";
import { dataset, effective, engine, firstSeed, goal, model, module, seeds, source, text, training } from "./lab.ts";

export interface Run {
  seed: number;
  status: "training" | "trained" | "stopped" | "diverged" | "stuck" | "failed";
  history: { loss: number[]; quality: number[]; valLoss: number[]; valQuality: number[] };
  /** Weights before the first epoch, and after every one that is kept. */
  snapshots: Map<number, Float32Array>;
  weights: Float32Array;
  metrics: Metrics | null;
  seconds: number;
  message?: string;
}

/** Trainings of one network on one dataset, from several seeds. */
export interface Session {
  id: number;
  model: Model;
  dataset: string;
  task: string;
  training: Training;
  /** The network as it was written, and the settings that differ from what is usual with it. */
  written: string;
  changes: Partial<Training>;
  runs: Run[];
  began: number;
  /** When all were trained, in milliseconds since they began; null until then. */
  took: number | null;
  /** Whether its settings and seeds alone lead to the same weights: not where somebody interfered, nor of a network from a file. */
  isReproducible: boolean;
}

/** Bytes of weights that are kept for looking back. */
const MOST_KEPT = 60_000_000;
export const MOST_SEEDS = 64;

export const session = signal<Session | null>(null);
/** The last one that came to its end by itself. */
export const finished = signal<Session | null>(null);
/** Rises with every picture in which something has changed. */
export const tick = signal(0);
/** To be called by what is to be drawn anew with every such picture. */
export const watch = () => tick.value;
export const isRunning = signal(false);
/** Epochs a second; null for as fast as it goes. */
export const speed = signal<number | null>(null);
export const chosenSeed = signal<number | null>(null);
/** The epoch that is looked at; null for the latest. */
export const chosenEpoch = signal<number | null>(null);

let pool: Pool | undefined;
let sessions = 0;
let isDue = false;
let drawn = 0;
const spreads = { training: 1, validation: 1 };

/** Milliseconds between two drawings of what grows: the processors belong to the training. */
const BETWEEN = 80;

/** Draws anew, but not more often than can be seen, however many messages come. */
function changed(): void {
  if (isDue) return;
  isDue = true;
  const wait = Math.max(0, drawn + BETWEEN - performance.now());
  setTimeout(
    () =>
      requestAnimationFrame(() => {
        isDue = false;
        drawn = performance.now();
        tick.value += 1;
      }),
    wait,
  );
}

function open(): Pool | undefined {
  if (!pool && module.value) pool = new Pool(module.value, hear);
  return pool;
}

/** Begins anew, from the seeds' initial weights. */
export function start(isPaused = false): void {
  const [data, net, own, workers] = [dataset.value, model.value, engine.value, open()];
  if (!data || !own || !workers || net?.purpose.name !== data.name) return;
  workers.stop();
  workers.use(source(data));
  const spread = (split: Split | undefined) => (split ? variance(applied(data.targetScaling, split.y)) : 1);
  spreads.training = spread(data.splits.training);
  spreads.validation = spread(data.splits.validation);
  const id = ++sessions;
  const settings = training.value;
  const chosen = Array.from({ length: seeds.value }, (_, i) => firstSeed.value + i);
  const initial = own.network(data.inputShape, net.layers, data.task);
  const runs = chosen.map((seed): Run => {
    const weights = initial.initial(seed);
    return {
      seed,
      status: "training",
      history: { loss: [], quality: [], valLoss: [], valQuality: [] },
      snapshots: new Map([[0, weights]]),
      weights,
      metrics: null,
      seconds: 0,
    };
  });
  initial.free();
  const began = performance.now();
  session.value = { id, model: net, dataset: data.name, task: data.task, training: settings, written: text.value, changes: effective.value, runs, began, took: null, isReproducible: goal.value === null };
  chosenSeed.value = null;
  chosenEpoch.value = null;
  isRunning.value = !isPaused;
  workers.pace({ isRunning: !isPaused, limit: speed.value });
  workers.train(chosen.map((seed) => ({ id, seed, layers: net.layers, training: settings, isWatched: true, ...goalOf(data.task) })));
}

/** The goal as workers see it: an accuracy, or a loss. */
function goalOf(task: Session["task"]): { goal?: Goal } {
  if (goal.value === null || (task === "regression" && training.value.loss !== "mse")) return {};
  return { goal: task === "regression" ? { loss: goal.value * spreads.validation } : { accuracy: goal.value } };
}

/** A network that was trained elsewhere, in the place of a training. */
export function adopt(net: Model, data: Dataset, weights: Float32Array, seed: number): void {
  const own = engine.value;
  if (!own) return;
  pool?.stop();
  isRunning.value = false;
  const history = { loss: [], quality: [], valLoss: [], valQuality: [] };
  const metrics: Metrics = {};
  for (const [name, split] of Object.entries(data.splits) as [SplitName, Split][]) {
    const prediction = net.predict(own, weights, split.x, split.count);
    metrics[name] = evaluate(data.task, split.y, prediction, data.outputs);
  }
  const one: Run = { seed, status: "trained", history, snapshots: new Map(), weights, metrics, seconds: 0 };
  session.value = { id: ++sessions, model: net, dataset: data.name, task: data.task, training: training.value, written: text.value, changes: effective.value, runs: [one], began: 0, took: 0, isReproducible: false };
  chosenSeed.value = null;
  chosenEpoch.value = null;
}

export function pause(): void {
  isRunning.value = false;
  pool?.pace({ isRunning: false, limit: speed.value });
}

export function resume(): void {
  isRunning.value = true;
  pool?.pace({ isRunning: true, limit: speed.value });
}

export const isOver = computed(() => {
  watch();
  return session.value?.runs.every((run) => run.status !== "training") ?? true;
});

/** The one big button. */
export function startOrPause(): void {
  if (isRunning.value) pause();
  else if (session.value && !isOver.value && isUpToDate.value) resume();
  else start();
}

/** One batch or epoch of every seed, from a standstill. */
export function step(unit: "batch" | "epoch"): void {
  if (isOver.value || !isUpToDate.value) start(true);
  else if (isRunning.value) pause();
  chosenEpoch.value = null;
  pool?.step(unit);
}

export function stop(): void {
  pool?.stop();
  isRunning.value = false;
  session.value?.runs.forEach((run) => {
    if (run.status === "training") run.status = "stopped";
  });
  changed();
}

export function setSpeed(limit: number | null): void {
  speed.value = limit;
  pool?.pace({ isRunning: isRunning.value, limit });
}

/** Changes the learning rate of what is being trained, in the middle of it. */
export function changeRate(rate: number): void {
  const now = session.value;
  if (!now) return;
  now.training = { ...now.training, learning_rate: rate };
  now.isReproducible = false;
  pool?.rate(rate);
}

/** Whether what was trained is what is now chosen. */
export const isUpToDate = computed(() => {
  const now = session.value;
  if (!now) return false;
  const rateAside = (settings: Training) => JSON.stringify({ ...settings, learning_rate: 0 });
  return (
    now.dataset === dataset.value?.name &&
    now.model.text === model.value?.text &&
    rateAside(now.training) === rateAside(training.value) &&
    now.runs.length === seeds.value &&
    now.runs[0]?.seed === firstSeed.value
  );
});

/** Others that train on the same workers (searches, comparisons) listen here. */
export const listeners = new Set<(message: FromWorker) => void>();

function hear(message: FromWorker): void {
  const now = session.value;
  const run = now && message.id === now.id ? now.runs.find((one) => one.seed === message.seed) : undefined;
  if (!now || !run) {
    listeners.forEach((listener) => {
      listener(message);
    });
    return;
  }
  if (message.type === "epoch") learned(now, run, message.report, message.weights);
  else if (message.type === "batch") run.weights = message.weights;
  else if (message.type === "failed") {
    run.status = "failed";
    run.message = message.message;
  } else {
    run.weights = message.weights;
    run.metrics = message.metrics;
    run.seconds = message.seconds;
    if (run.status === "training") run.status = isStuck(now, run) ? "stuck" : "trained";
  }
  if (now.took === null && now.runs.every((one) => one.status !== "training")) {
    now.took = performance.now() - now.began;
    isRunning.value = false;
    finished.value = now;
  }
  changed();
}

/** Whether its quality is known after every epoch: a normalised error follows from no loss but the mean squared error. */
export const hasQuality = (now: Session): boolean => now.task !== "regression" || now.training.loss === "mse";

function learned(now: Session, run: Run, report: Report, weights: Float32Array | null): void {
  const isRegression = now.task === "regression";
  run.history.loss.push(report.loss);
  run.history.valLoss.push(report.valLoss);
  const quality = (loss: number, spread: number, accuracy: number) => (!isRegression ? accuracy : hasQuality(now) ? loss / spread : NaN);
  run.history.quality.push(quality(report.loss, spreads.training, report.accuracy));
  run.history.valQuality.push(quality(report.valLoss, spreads.validation, report.valAccuracy));
  if (report.diverged) run.status = "diverged";
  if (!weights) return;
  run.weights = weights;
  const all = now.model.parameters * 4 * now.runs.length * now.training.epochs;
  const every = Math.ceil(all / MOST_KEPT);
  if (report.epoch % every === 0 || report.epoch === now.training.epochs) run.snapshots.set(report.epoch, weights);
}

/** Whether a trained network is hardly better than one that always answers the same. */
function isStuck(now: Session, run: Run): boolean {
  const split = dataset.value?.splits.validation;
  const value = run.metrics?.validation?.[rankedBy(now.model.purpose.task)];
  if (!split || typeof value !== "number" || now.training.epochs < 3) return false;
  if (now.task === "regression") return value > 0.9;
  const outputs = split.y.length / split.count;
  const counts = new Array<number>(Math.max(2, outputs)).fill(0);
  for (let i = 0; i < split.count; i++) {
    const label = outputs === 1 ? Number(split.y[i]) : split.y.subarray(i * outputs, (i + 1) * outputs).indexOf(1);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return value <= Math.max(...counts) / split.count + 0.02;
}

/** The better of two runs by validation; diverged ones last. */
export function compareRuns(task: Session["model"]["purpose"]["task"], a: Run, b: Run): number {
  const name = rankedBy(task);
  const sign = higherIsBetter(name) ? -1 : 1;
  const value = (run: Run): number => {
    const told: Metric | undefined = run.metrics?.validation?.[name] ?? run.history.valQuality.at(-1);
    return typeof told === "number" && Number.isFinite(told) && run.status !== "diverged" ? sign * told : Infinity;
  };
  return value(a) - value(b) || a.seed - b.seed;
}

/** The run that is looked at: the one chosen, else the best. */
export const run = computed<Run | null>(() => {
  watch();
  const now = session.value;
  if (!now) return null;
  const chosen = now.runs.find((one) => one.seed === chosenSeed.value);
  return chosen ?? [...now.runs].sort((a, b) => compareRuns(now.model.purpose.task, a, b))[0] ?? null;
});

/** Weights to look at: of the run and epoch chosen. */
export const weights = computed<Float32Array | null>(() => {
  watch();
  const one = run.value;
  if (!one) return null;
  if (chosenEpoch.value === null) return one.weights;
  const kept = [...one.snapshots.keys()].filter((epoch) => epoch <= (chosenEpoch.value ?? 0)).sort((a, b) => b - a);
  return one.snapshots.get(kept[0] ?? 0) ?? one.weights;
});

/** Borrowed by searches and comparisons, which train by themselves meanwhile. */
export function borrow(): Pool | undefined {
  if (isRunning.value) stop();
  return open();
}

export const nextId = () => ++sessions;

// The workers start as soon as the engine is compiled, and have the data before anybody asks.
effect(() => {
  const data = dataset.value;
  if (!module.value || !data) return;
  if (session.peek() && session.peek()?.dataset !== data.name) stop();
  open()?.use(source(data));
});
