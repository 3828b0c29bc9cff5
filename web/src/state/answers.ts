/** The exercise's answers as somebody writes them, kept in this browser, and what was measured for them. */
import { effect, signal } from "@preact/signals";
import { engineDigest } from "../data/packed.ts";
import { answersFile } from "../exercise/markdown.ts";
import { resultsFile } from "../exercise/results.ts";
import { answerOf, NOTHING, type Answer, type Measured, type Written } from "../exercise/written.ts";
import { quantile, rankedBy, type Metric } from "../metrics.ts";
import { settingsOf } from "../presets.ts";
import { weightsDigest } from "../sha256.ts";
import { metricText } from "../texts/text.ts";
import { truth, type NamedNetwork, type SplitName } from "../truth.ts";
import { download } from "./files.ts";
import { own } from "./lab.ts";
import { session, type Session } from "./training.ts";

const KEPT = "netlet-answers-2";

function remembered(): Written {
  try {
    return { ...NOTHING, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Written>) };
  } catch {
    return NOTHING; // nothing is kept where a browser forbids it
  }
}

export const written = signal<Written>(remembered());

effect(() => {
  const all = JSON.stringify(written.value);
  try {
    localStorage.setItem(KEPT, all);
  } catch {
    // As above.
  }
});

export const answerTo = (question: string): Answer => answerOf(written.value, question);

export function change(part: Partial<Written>): void {
  written.value = { ...written.value, ...part };
}

function changeAnswer(question: string, part: Partial<Answer>): void {
  change({ answers: { ...written.value.answers, [question]: { ...answerTo(question), ...part } } });
}

export const write = (question: string, text: string) => changeAnswer(question, { text });

export const forget = (question: string, measured: Measured) =>
  changeAnswer(question, { measured: answerTo(question).measured.filter((one) => one !== measured) });

export function addMeasured(question: string): void {
  const found = measured();
  if (found) changeAnswer(question, { measured: [...answerTo(question).measured, found] });
}

/** What the present training has come to, if it is over and anybody could repeat it. */
export function measured(): Measured | null {
  const now = session.value;
  const done = now?.runs.filter((run) => run.metrics) ?? [];
  if (!now?.isReproducible || now.runs.some((run) => run.status === "training") || !done.length) return null;
  const metrics: Measured["metrics"] = {};
  for (const [split, values] of Object.entries(done[0]?.metrics ?? {}))
    metrics[split] = Object.fromEntries(
      Object.keys(values).map((name) => [name, done.map((run) => finite(run.metrics?.[split as SplitName]?.[name]))]),
    );
  const isOwnData = own.value.has(now.dataset);
  return {
    name: nameOf(now),
    dataset: now.dataset,
    task: now.model.purpose.task,
    architecture: now.model.text,
    parameters: now.model.parameters,
    settings: now.training,
    changes: now.changes,
    seeds: done.map((run) => run.seed),
    digests: done.map((run) => weightsDigest(run.weights)),
    metrics,
    hasDiverged: done.map((run) => run.status === "diverged"),
    seconds: done.reduce((sum, run) => sum + run.seconds, 0),
    isOwnData,
  };
}

const finite = (value: Metric | undefined): Metric => (value !== undefined && value !== null && Number.isFinite(value) ? value : null);

/** As the exercise calls it, or one's own. */
function nameOf(now: Session): string {
  const isSame = (network: NamedNetwork) =>
    network.dataset === now.dataset &&
    now.written === network.architecture &&
    JSON.stringify(Object.entries(settingsOf(network)).sort()) === JSON.stringify(Object.entries(now.changes).sort());
  return Object.values(truth.exercise.networks).find(isSame)?.name ?? `my network of ${now.model.parameters} weights`;
}

/** The median on a split, as people read it. */
export function medianText(found: Measured, split: string): string {
  const name = rankedBy(found.task);
  const values = (found.metrics[split]?.[name] ?? []).filter((value) => value !== null).sort((a, b) => a - b);
  return metricText(name, quantile(values, 0.5));
}

export function downloadAnswers(): void {
  download("answers.md", answersFile(written.value), "text/markdown");
}

export async function downloadResults(): Promise<void> {
  const kind = { instruction_set: "wasm-simd128", engine: (await engineDigest()).slice(0, 16), system: "browser", libc: "none" };
  download("results.json", resultsFile(written.value, kind, new Date()), "application/json");
}
