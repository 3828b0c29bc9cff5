/** results.json, as `netlet lab` writes it (netlet/lab/report/results.py) and `netlet check` trains it again. */
import { higherIsBetter, rankedBy, summarise, worst, type Distribution, type Metric } from "../metrics.ts";
import { truth, type DatasetTruth } from "../truth.ts";
import { answerOf, type Answer, type Measured, type Written } from "./written.ts";

/** What a training's bits depend on besides: the engine is compiled, and its numbers added up, as for no other machine. */
export interface Kind {
  instruction_set: string;
  engine: string;
  system: string;
  libc: string;
}

/** The file's text; networks trained on data that only this visitor has are left out, since nobody could check them. */
export function resultsFile(written: Written, kind: Kind, when: Date): string {
  const used = new Set(Object.values(written.answers).flatMap(({ measured }) => checkable(measured).map((one) => one.dataset)));
  const all = Object.values(written.answers).flatMap(({ measured }) => checkable(measured));
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
  const answered = Object.keys(truth.exercise.questions).filter((key) => isAnswered(answerOf(written, key)));
  const content = {
    results_version: truth.resultsVersion,
    exercises: answered,
    seeds: Math.max(0, ...all.map((one) => one.seeds.length)),
    is_quick: false,
    is_complete: true,
    datasets: [...used].map((name) => facts(name, truth.datasets[name])),
    trainings: all.reduce((sum, one) => sum + one.seeds.length, 0),
    training_seconds: seconds,
    seconds,
    netlet: truth.version,
    python: "none: written by the page",
    numpy: "none: written by the page",
    machine: `a browser: ${navigator.userAgent}`,
    date: `${when.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    name: written.name.trim() || null,
    introduction: written.introduction,
    summary: written.summary,
    kind,
    answers: Object.fromEntries(answered.map((key) => [key, answer(key, answerOf(written, key))])),
  };
  return JSON.stringify(content, null, 2) + "\n";
}

export const isAnswered = ({ text, measured }: Answer): boolean => text.trim() !== "" || measured.length > 0;

const checkable = (measured: Measured[]) => measured.filter((one) => !one.isOwnData);

function facts(name: string, known: DatasetTruth | undefined) {
  return { name, source: known?.source ?? "", seed: known?.seed ?? null, counts: known?.counts ?? {}, content_hash: known?.content ?? "" };
}

function answer(key: string, { text, measured }: Answer) {
  const question = truth.exercise.questions[key];
  const isOfExercise = (one: Measured) => question?.networks.some((network) => truth.exercise.networks[network]?.name === one.name) ?? false;
  const networks = checkable(measured);
  return {
    exercise: truth.exercise.parts.find((part) => part.questions.includes(key))?.key ?? "",
    title: question?.title ?? key,
    question: question?.asks ?? "",
    networks: networks.filter(isOfExercise).map(network),
    own: {
      text: text.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean),
      networks: networks.filter((one) => !isOfExercise(one)).map(network),
    },
  };
}

function network(one: Measured) {
  const metric = rankedBy(one.task);
  const validation = (one.metrics.validation?.[metric] ?? []).map((value) => (value === null ? null : higherIsBetter(metric) ? -value : value));
  const best = validation.reduce<number>((found, value, i) => ((value ?? Infinity) < (validation[found] ?? Infinity) ? i : found), 0);
  const bySplit = <T>(told: (values: Metric[], name: string) => T) =>
    Object.fromEntries(
      Object.entries(one.metrics).map(([split, metrics]) => [
        split,
        Object.fromEntries(Object.entries(metrics).map(([name, values]) => [name, told(values, name)])),
      ]),
    );
  return {
    name: one.name,
    dataset: one.dataset,
    architecture: one.architecture,
    parameters: one.parameters,
    seeds: one.seeds.length,
    first_seed: one.seeds[0],
    seed_list: one.seeds,
    ranked_by: metric,
    values: Object.fromEntries(Object.entries(one.metrics).map(([split, metrics]) => [split, (metrics[metric] ?? []).map(finite)])),
    weights_sha256: one.digests,
    content_hash: truth.datasets[one.dataset]?.content ?? "",
    best_seed: one.seeds[best],
    diverged: one.hasDiverged.filter(Boolean).length,
    seconds: one.seconds,
    settings: one.settings,
    metrics: bySplit((values, name) =>
      spread(summarise(values.map((value, i) => (one.hasDiverged[i] ? NaN : value)), higherIsBetter(name), worst(name))),
    ),
    best_run: bySplit((values) => finite(values[best] ?? null)),
    notebook: null,
  };
}

const finite = (value: Metric): Metric => (value !== null && Number.isFinite(value) ? value : null);

const spread = (found: Distribution) => ({
  median: finite(found.median),
  lower_quartile: finite(found.lowerQuartile),
  upper_quartile: finite(found.upperQuartile),
  best: finite(found.best),
  count: found.count,
  diverged: found.diverged,
});
