/** What Python wrote down for the page (web/pack.py): names, defaults, rules, datasets, presets. */
import written from "../generated/truth.json";

export type Task = "binary" | "categorical" | "regression";
export type SplitName = "training" | "validation" | "test";

export interface FieldTruth {
  name: string;
  required: boolean;
  default?: unknown;
}

export interface LayerTruth {
  keras: string;
  takes: number[];
  positional: string[];
  kerasDefaults: Record<string, unknown>;
  kerasArguments: Record<string, string>;
  gates: number;
  averages: number;
  /** What an argument may be, by another name than its own. */
  rules: Record<string, string>;
  /** Of a layer over steps: the one that does the same on images. */
  onImages: string | null;
  fields: FieldTruth[];
}

/** Settings of a training, by Python's names. */
export interface Training {
  epochs: number;
  batch_size: number;
  optimizer: string;
  learning_rate: number;
  momentum: number;
  nesterov: boolean;
  rho: number;
  beta_1: number;
  beta_2: number;
  epsilon: number;
  schedule: string;
  clip_norm: number | null;
  global_clip_norm: number | null;
  l2: number;
  patience: number | null;
  plateau_factor: number;
  plateau_patience: number;
  weight_decay: number;
  loss: string;
  shuffle: boolean;
  truncation: number | null;
}

/** What is known of a setting beside its default. */
export interface SettingTruth {
  help: string;
  /** The words that are allowed, if it is one of several. */
  choices: string[];
  /** Another setting and its values that this one has an effect with; null for all. */
  only: [keyof Training, string[]] | null;
}

export interface DatasetTruth {
  task: Task;
  inputShape: number[];
  outputs: number;
  perStep: boolean;
  classNames: string[];
  source: string;
  seed: number | null;
  counts: Record<string, number>;
  content: string;
  training: Training;
  bits?: boolean;
}

/** A network of the exercise, by the document's names. */
export interface NamedNetwork {
  name: string;
  dataset: string;
  architecture: string;
  settings: Partial<Training>;
}

export interface Question {
  number: number;
  title: string;
  asks: string;
  networks: string[];
}

export interface Exercise {
  title: string;
  parts: { key: string; title: string; subject: string; questions: string[] }[];
  questions: Record<string, Question>;
  networks: Record<string, NamedNetwork>;
}

export interface Truth {
  version: string;
  layers: Record<string, LayerTruth>;
  names: Record<string, string>;
  kerasNames: Record<string, string>;
  outOfScope: Record<string, string>;
  /** Layers that the page has not, and what it says of them. */
  absent: Record<string, string>;
  notSaidHere: Record<string, string>;
  examples: Record<string, string>;
  excerpt: number;
  rules: Record<string, { expected: string; words: string[] }>;
  largestSize: number;
  largestShare: number;
  longestWord: number;
  activations: string[];
  initializers: string[];
  taskActivations: Record<Task, string>;
  mostLayers: number;
  mostParameters: number;
  mostOutputs: number;
  metrics: Record<Task, string[]>;
  higherIsBetter: string[];
  /** Of metrics that can be bad without end there is none. */
  worst: Record<string, number>;
  resultsVersion: number;
  training: Training;
  settings: Record<keyof Training, SettingTruth>;
  datasets: Record<string, DatasetTruth>;
  exercise: Exercise;
}

export const truth = written as unknown as Truth;
