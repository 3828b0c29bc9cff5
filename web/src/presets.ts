/** Networks to begin with: those of the exercise, by dataset. */
import { truth, type NamedNetwork } from "./truth.ts";

export interface Preset extends NamedNetwork {
  key: string;
  /** The question that asks for it first; 0 if none does. */
  question: number;
}

/** The exercise has none for these. */
const MORE: Preset[] = [
  {
    key: "memory",
    question: 0,
    name: "LSTM of 8",
    dataset: "pulses-memory",
    architecture: "lstm(8) - dense(1)",
    settings: {},
  },
];

export const presets: Preset[] = [
  ...Object.entries(truth.exercise.networks).map(([key, network]) => ({
    ...network,
    key,
    question: Object.values(truth.exercise.questions).find(({ networks }) => networks.includes(key))?.number ?? 0,
  })),
  ...MORE,
];

/** What the page begins with: small, fast, and good. */
export const FIRST = presets.find((preset) => preset.key === "cell") ?? presets[0];

export const presetsOf = (dataset: string) =>
  presets.filter((preset) => preset.dataset === dataset).sort((a, b) => a.question - b.question);

/** Settings that say no more than the dataset's own are none. */
export const settingsOf = (preset: NamedNetwork) =>
  Object.fromEntries(
    Object.entries(preset.settings).filter(
      ([name, value]) => truth.datasets[preset.dataset]?.training[name as keyof typeof truth.training] !== value,
    ),
  );
