/** A dataset of one's own from inputs and targets: split, scaled and said. */
import { truth, type Task } from "../../truth.ts";
import { FileProblem } from "../npy.ts";
import { standard } from "../scaling.ts";
import { targets, type Dataset, type Split } from "../dataset.ts";

/** Every fifth example of each class is kept for validation. */
const EVERY = 5;
const FEWEST = 2;

export interface Raw {
  name: string;
  inputShape: number[];
  /** Inputs as rows. */
  x: Float32Array;
  /** The class of every example, by its place among the names; or numbers to be told. */
  labels?: number[];
  classNames?: string[];
  y?: Float32Array;
  perStep?: boolean;
  notes: string[];
}

export function assembled(raw: Raw): Dataset {
  const size = raw.inputShape.reduce((product, n) => product * n, 1);
  const count = raw.x.length / size;
  const isClassified = raw.labels !== undefined;
  const classNames = raw.classNames ?? [];
  const task: Task = !isClassified ? "regression" : classNames.length === 2 ? "binary" : "categorical";
  if (isClassified && classNames.length < 2)
    throw new FileProblem(`${raw.name} has one class only (${classNames[0] ?? "none"}): there must be two to tell apart`);
  if (!raw.x.every(Number.isFinite)) throw new FileProblem(`${raw.name} has inputs that are no finite numbers`);
  const outputs = task === "binary" ? 1 : isClassified ? classNames.length : (raw.y?.length ?? 0) / count / (raw.perStep ? (raw.inputShape[0] ?? 1) : 1);
  const y = raw.labels ? targets({ task, outputs }, raw.labels) : (raw.y ?? new Float32Array());
  if (!y.every(Number.isFinite)) throw new FileProblem(`${raw.name} has targets that are no finite numbers`);
  const isKept = held(raw.labels ?? new Array<number>(count).fill(0));
  const validation = isKept.filter(Boolean).length;
  if (validation < FEWEST || count - validation < FEWEST)
    throw new FileProblem(`${raw.name} has ${count} examples, too few to learn from and to validate on: give at least ${FEWEST * EVERY}`);
  const pick = (rows: Float32Array, width: number, wanted: boolean): Split["x"] => {
    const found = new Float32Array(width * (wanted ? validation : count - validation));
    let at = 0;
    isKept.forEach((kept, i) => {
      if (kept !== wanted) return;
      found.set(rows.subarray(i * width, (i + 1) * width), at);
      at += width;
    });
    return found;
  };
  const width = y.length / count;
  const split = (wanted: boolean): Split => ({ x: pick(raw.x, size, wanted), y: pick(y, width, wanted), count: wanted ? validation : count - validation });
  const training = { ...truth.training, batch_size: Math.min(truth.training.batch_size, Math.max(8, Math.round((count - validation) / 20))) };
  const splits = { training: split(false), validation: split(true) };
  const isTable = raw.inputShape.length === 1;
  const targetScaling = isTable && task === "regression" ? standard(splits.training.y, outputs) : null;
  const scaled = isTable ? [`Every input${targetScaling ? " and target" : ""} is brought to mean 0 and deviation 1 of the training examples; answers are in its own units.`] : [];
  return {
    name: raw.name,
    task,
    inputShape: raw.inputShape,
    outputs,
    perStep: raw.perStep ?? false,
    classNames,
    source: "",
    seed: null,
    counts: { training: count - validation, validation },
    content: "",
    training,
    splits,
    inputScaling: isTable ? standard(splits.training.x, size) : null,
    targetScaling,
    isOwn: true,
    notes: [...raw.notes, ...scaled, "Every fifth example of each class was kept for validation."],
  };
}

/** Which examples are held back: every fifth of its class. */
function held(labels: number[]): boolean[] {
  const seen = new Map<number, number>();
  return labels.map((label) => {
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    return before % EVERY === EVERY - 1;
  });
}
