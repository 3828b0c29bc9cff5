/** The exercise's answers: what was written, and what was measured for them; kept for this visit. */
import { effect, signal } from "@preact/signals";
import { rankedBy, type Metric } from "../metrics.ts";
import { metricText } from "../texts/text.ts";
import { truth } from "../truth.ts";
import { session } from "./training.ts";
import { commandLine } from "./share.ts";

export interface Measured {
  network: string;
  dataset: string;
  parameters: number;
  command: string;
  seeds: number[];
  /** By split, then by metric, one value a seed. */
  metrics: Record<string, Record<string, Metric[]>>;
}

export interface AnswerState {
  text: string;
  measured: Measured[];
}

const KEPT = "netlet-answers";

function remembered(): Record<string, AnswerState> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Record<string, AnswerState>;
  } catch {
    return {}; // nothing is kept where a browser forbids it
  }
}

export const answers = signal<Record<string, AnswerState>>(remembered());

effect(() => {
  const all = JSON.stringify(answers.value);
  try {
    sessionStorage.setItem(KEPT, all);
  } catch {
    // As above.
  }
});

export const answerTo = (question: string): AnswerState => answers.value[question] ?? { text: "", measured: [] };

export function write(question: string, text: string): void {
  answers.value = { ...answers.value, [question]: { ...answerTo(question), text } };
}

/** What the present training has come to. */
export function measured(): Measured | null {
  const now = session.value;
  const done = now?.runs.filter((run) => run.metrics) ?? [];
  if (!now || !done.length) return null;
  const metrics: Measured["metrics"] = {};
  for (const [split, values] of Object.entries(done[0]?.metrics ?? {}))
    metrics[split] = Object.fromEntries(
      Object.keys(values).map((name) => [name, done.map((run) => run.metrics?.[split as "test"]?.[name] ?? null)]),
    );
  return {
    network: now.model.text,
    dataset: now.dataset,
    parameters: now.model.parameters,
    command: commandLine(),
    seeds: done.map((run) => run.seed),
    metrics,
  };
}

export function addMeasured(question: string): void {
  const found = measured();
  if (!found) return;
  const own = answerTo(question);
  answers.value = { ...answers.value, [question]: { ...own, measured: [...own.measured, found] } };
}

/** One line about what was measured. */
export function measuredText(found: Measured): string {
  const task = truth.datasets[found.dataset]?.task ?? "regression";
  const name = rankedBy(task);
  const parts = Object.entries(found.metrics).map(([split, metrics]) => {
    const values = (metrics[name] ?? []).filter((value) => value !== null).sort((a, b) => a - b);
    return `${split} ${metricText(name, values[Math.floor(values.length / 2)] ?? null)}`;
  });
  return `${found.network} (${found.parameters} weights, ${found.seeds.length} seeds): ${name.replaceAll("_", " ")} ${parts.join(", ")}`;
}

/** All answers as one document. */
export function asMarkdown(): string {
  const lines = [`# ${truth.exercise.title}`, ""];
  for (const [key, question] of Object.entries(truth.exercise.questions)) {
    const own = answerTo(key);
    lines.push(`## ${question.number}. ${question.title}`, "", `> ${question.asks.replaceAll("\n", " ")}`, "", own.text, "");
    for (const found of own.measured) lines.push(`- ${measuredText(found)}`, `  \`${found.command}\``);
    if (own.measured.length) lines.push("");
  }
  return lines.join("\n");
}

export const asJson = (): string => JSON.stringify({ netlet: truth.version, answers: answers.value }, null, 2);
