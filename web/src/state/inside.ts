/** What is looked at: an example, what every layer makes of it, and what is switched off. */
import { computed, signal } from "@preact/signals";
import type { Split } from "../data/dataset.ts";
import type { Inside, Model } from "../engine/model.ts";
import { silenced, type Part } from "../engine/silencing.ts";
import { confusion, evaluate, labels, rankedBy, rowLoss, type Metric } from "../metrics.ts";
import { dataset, engine, model } from "./lab.ts";
import { isRunning, session, weights as trained } from "./training.ts";

export const example = signal(0);
export const off = signal<ReadonlySet<Part>>(new Set());

/** The network that is looked at: what is trained, or what would be. */
export const looked = computed<Model | null>(() => {
  const now = session.value;
  const net = model.value;
  // A dataset that was just chosen may not be there yet.
  if (!net || net.purpose.name !== dataset.value?.name) return null;
  return now?.model.text === net.text && now.dataset === net.purpose.name ? now.model : net;
});

/** Its weights; before any training those it would start from. */
export const weights = computed<Float32Array | null>(() => {
  const net = looked.value;
  const [own, data] = [engine.value, dataset.value];
  if (!net || !own || !data) return null;
  if (session.value?.model === net && trained.value) return trained.value;
  const network = own.network(data.inputShape, net.layers, data.task);
  const initial = network.initial(0);
  network.free();
  return initial;
});

export const isTrained = computed(() => {
  const now = session.value;
  return now !== null && now.model === looked.value;
});

/** As the weights are with some parts switched off. */
export const shown = computed(() => {
  const [net, all] = [looked.value, weights.value];
  return net && all ? silenced(net, all, off.value) : null;
});

export const split = computed<Split | null>(() => dataset.value?.splits.validation ?? null);

/** One sample's numbers out of a split. */
export function sample(from: Split, index: number): Float32Array {
  const size = from.x.length / from.count;
  return from.x.subarray(index * size, (index + 1) * size);
}
export function target(from: Split, index: number): Float32Array {
  const size = from.y.length / from.count;
  return from.y.subarray(index * size, (index + 1) * size);
}

/** What every layer makes of the example. */
export const inside = computed<Inside | null>(() => {
  const [net, own, all, from] = [looked.value, engine.value, shown.value, split.value];
  if (!net || !own || !all || !from || example.value >= from.count || all.length !== net.parameters) return null;
  return net.outputs(own, all, sample(from, example.value), 1);
});

/** The answers to the whole validation split: not while it trains, which would slow it down. */
export const answers = computed<Float32Array | null>(() => {
  const [net, own, all, from] = [looked.value, engine.value, shown.value, split.value];
  if (!net || !own || !all || !from || isRunning.value || all.length !== net.parameters) return null;
  return net.predict(own, all, from.x, from.count);
});

/** How good they are, by the metric that counts. */
function quality(prediction: Float32Array | null): Metric {
  const [net, from] = [looked.value, split.value];
  if (!net || !from || !prediction) return null;
  const { task } = net.purpose;
  return evaluate(task, from.y, prediction, outputsOf(net))[rankedBy(task)] ?? null;
}

export const outputsOf = (net: Model): number => net.shapes.at(-1)?.at(-1) ?? 1;

export const qualityNow = computed(() => quality(answers.value));
export const qualityWhole = computed(() => {
  const [net, own, all, from] = [looked.value, engine.value, weights.value, split.value];
  if (!net || !own || !all || !from || isRunning.value || off.value.size === 0) return null;
  return quality(net.predict(own, all, from.x, from.count));
});

export interface Judged {
  truly: Uint8Array;
  said: Uint8Array;
  matrix: number[][];
  /** Examples that it was wrong about, the worst first. */
  mistakes: number[];
}

export const judged = computed<Judged | null>(() => {
  const [net, from, prediction] = [looked.value, split.value, answers.value];
  if (!net || !from || !prediction || net.purpose.task === "regression") return null;
  const outputs = outputsOf(net);
  const truly = labels(from.y, outputs);
  const said = labels(prediction, outputs);
  const matrix = confusion(truly, said, Math.max(2, outputs));
  const loss = (i: number) => rowLoss(net.purpose.task, from.y, prediction, outputs, i);
  const mistakes = [...truly.keys()].filter((i) => truly[i] !== said[i]).sort((a, b) => loss(b) - loss(a));
  return { truly, said, matrix, mistakes };
});

export function toggle(part: Part): void {
  const next = new Set(off.value);
  if (!next.delete(part)) next.add(part);
  off.value = next;
}

const architecture = computed(() => looked.value?.text);
const name = computed(() => dataset.value?.name);

// Another network has other parts, other data other examples.
architecture.subscribe(() => (off.value = new Set()));
name.subscribe(() => (example.value = 0));
