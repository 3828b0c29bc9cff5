/** What somebody has written and measured for the exercise: the plain data behind answers.md and results.json. */
import type { Metric } from "../metrics.ts";
import type { Task, Training } from "../truth.ts";

/** A network trained from several seeds, with what `netlet check` needs to train it again. */
export interface Measured {
  name: string;
  dataset: string;
  task: Task;
  architecture: string;
  parameters: number;
  settings: Training;
  /** Those that differ from the dataset's own. */
  changes: Partial<Training>;
  seeds: number[];
  /** SHA-256 of every seed's weights. */
  digests: string[];
  /** By split, then by metric, one value a seed; null where it diverged or is undefined. */
  metrics: Record<string, Record<string, Metric[]>>;
  hasDiverged: boolean[];
  seconds: number;
  /** Whether it was trained on data that only this visitor has. */
  isOwnData: boolean;
}

export interface Answer {
  text: string;
  measured: Measured[];
}

export interface Written {
  name: string;
  introduction: string;
  summary: string;
  /** By question. */
  answers: Record<string, Answer>;
}

export const NOTHING: Written = { name: "", introduction: "", summary: "", answers: {} };

export const answerOf = (written: Written, question: string): Answer => written.answers[question] ?? { text: "", measured: [] };
