/** The page's state: what is to be trained on what and how, and what came of it. One value a fact; views only read and call. */
import { batch, computed, effect, signal } from "@preact/signals";
import { ArchitectureError } from "../architecture/arguments.ts";
import { writeLayers, type Layer } from "../architecture/layers.ts";
import { readLayers } from "../architecture/text.ts";
import { load, type Dataset } from "../data/dataset.ts";
import { unpacked } from "../data/packed.ts";
import { Engine } from "../engine/engine.ts";
import type { Source } from "../engine/messages.ts";
import { Model } from "../engine/model.ts";
import { FIRST, presetsOf } from "../presets.ts";
import { truth, type Training } from "../truth.ts";

export type View = "train" | "look" | "try" | "compare" | "small" | "exercise" | "data";

// --- what is chosen --------------------------------------------------------------------------------------------------

export const view = signal<View>("train");
export const datasetName = signal(FIRST?.dataset ?? "mnist56");
/** The architecture as it is written, right or wrong. */
export const text = signal(FIRST?.architecture ?? "flatten - dense(1)");
/** Settings that differ from the dataset's own. */
export const changes = signal<Partial<Training>>({});
export const seeds = signal(4);
export const firstSeed = signal(0);
/** Where a seed's training stops early: an accuracy or normalised error on the validation data; null for nowhere. */
export const goal = signal<number | null>(null);
/** Own datasets by name. */
export const own = signal<ReadonlyMap<string, Dataset>>(new Map());

/** The dataset chosen, once its numbers are there. */
export const dataset = signal<Dataset | null>(null);
export const module = signal<WebAssembly.Module | null>(null);
/** The page's own engine, for all but training. */
export const engine = signal<Engine | null>(null);
/** What went wrong with the page itself. */
export const trouble = signal<string | null>(null);

// --- what follows from it --------------------------------------------------------------------------------------------

export const known = computed(() => own.value.get(datasetName.value) ?? truth.datasets[datasetName.value]);

/** The layers as written, or the mistake. */
export const read = computed<{ layers: Layer[]; error: ArchitectureError | null }>(() => {
  try {
    return { layers: readLayers(text.value), error: null };
  } catch (error) {
    if (error instanceof ArchitectureError) return { layers: [], error };
    throw error;
  }
});

/** The network fitted to the dataset, or the mistake. */
export const fit = computed<{ model: Model | null; error: ArchitectureError | null }>(() => {
  const { layers, error } = read.value;
  const purpose = known.value;
  if (error || !purpose) return { model: null, error };
  try {
    return { model: Model.fit(layers, { ...purpose, name: datasetName.value }), error: null };
  } catch (mistake) {
    if (mistake instanceof ArchitectureError) return { model: null, error: mistake };
    throw mistake;
  }
});
export const model = computed(() => fit.value.model);

/** The dataset's own settings, without a truncation that the architecture does not allow. */
export const usual = computed<Training>(() => {
  const settings = known.value?.training ?? truth.training;
  const isWhole = read.value.layers.some((layer) => layer.kind === "flatten" || truth.layers[layer.kind]?.onImages);
  return isWhole ? { ...settings, truncation: null } : settings;
});

/** Settings that Python has and the page has not. */
const ELSEWHERE = ["shift", "flip", "turn", "zoom", "erase", "noise", "fill"];

/** Whether a setting has any effect among these, such as momentum, which only some optimizers know. */
export function hasEffect(name: keyof Training, settings: Training): boolean {
  if (ELSEWHERE.includes(name)) return false;
  const only = truth.settings[name].only;
  if (name === "loss") return known.value?.task === "regression";
  return !only || only[1].includes(String(settings[only[0]]));
}

/** The changes that have an effect: Python refuses the others. */
export const effective = computed<Partial<Training>>(() => {
  const all: Training = { ...usual.value, ...changes.value };
  return Object.fromEntries(Object.entries(changes.value).filter(([name]) => hasEffect(name as keyof Training, all)));
});
export const training = computed<Training>(() => ({ ...usual.value, ...effective.value }));

// --- how it is changed -----------------------------------------------------------------------------------------------

export function setting<K extends keyof Training>(name: K, value: Training[K]): void {
  const next = { ...changes.value, [name]: value };
  if (next[name] === usual.value[name]) Reflect.deleteProperty(next, name);
  changes.value = next;
}

export function setLayers(layers: readonly Layer[]): void {
  text.value = writeLayers(layers);
}

/** Chooses a dataset and, unless one is given, the first of its networks. */
export function choose(name: string, architecture?: string, settings: Partial<Training> = {}): void {
  batch(() => {
    if (known.value?.task !== (own.value.get(name) ?? truth.datasets[name])?.task) goal.value = null;
    datasetName.value = name;
    changes.value = settings;
    text.value = architecture ?? firstNetwork(name);
  });
}

function firstNetwork(name: string): string {
  const preset = FIRST?.dataset === name ? FIRST : presetsOf(name)[0];
  if (preset) return preset.architecture;
  const data = own.value.get(name);
  const outputs = data?.task === "binary" ? 1 : (data?.outputs ?? 1);
  const body = { 1: "dense(8)", 2: "gru(6)", 3: "conv(4, 3x3) - maxpool(2) - flatten" }[data?.inputShape.length ?? 1];
  return `${body ?? "flatten"} - dense(${outputs})`;
}

// --- data ------------------------------------------------------------------------------------------------------------

const sources = new Map<string, Source>();

/** Where workers get the chosen dataset from. */
export function source(data: Dataset): Source {
  const found = sources.get(data.name);
  if (!found) throw new Error(`${data.name} has not been loaded`);
  return found;
}

export function addOwn(data: Dataset): void {
  sources.set(data.name, { name: data.name, known: data, splits: data.splits });
  own.value = new Map([...own.value, [data.name, data]]);
  choose(data.name);
}

async function fetchDataset(name: string): Promise<Dataset> {
  const mine = own.value.get(name);
  if (mine) return mine;
  const packed = await unpacked(name);
  const details = truth.datasets[name];
  if (!details) throw new Error(`there is no dataset called ${name}`);
  sources.set(name, { name, known: details, ...(packed ? { packed } : {}) });
  return load(name, packed);
}

effect(() => {
  const name = datasetName.value;
  if (dataset.peek()?.name === name) return;
  fetchDataset(name).then(
    (data) => {
      if (datasetName.peek() === name) dataset.value = data;
    },
    (error: unknown) => (trouble.value = error instanceof Error ? error.message : String(error)),
  );
});

/** The chosen dataset as soon as its numbers are there. */
export function loaded(name: string): Promise<Dataset> {
  return new Promise((resolve) => {
    const stop = dataset.subscribe((data) => {
      if (data?.name !== name) return;
      resolve(data);
      queueMicrotask(() => {
        stop();
      });
    });
  });
}
