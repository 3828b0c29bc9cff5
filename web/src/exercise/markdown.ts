/** answers.md, as `netlet lab --answers` reads it (netlet/lab/own.py). */
import { truth, type Training } from "../truth.ts";
import { answerOf, type Measured, type Written } from "./written.ts";

/** What the template says in the place of a name; it counts as none. */
const NO_NAME = "Your name";

export function answersFile(written: Written): string {
  const parts = [`# ${line(written.name) || NO_NAME}`, "## Introduction", words(written.introduction)];
  for (const key of Object.keys(truth.exercise.questions)) {
    const { text, measured } = answerOf(written, key);
    parts.push(`## ${key}`, words(text), ...named(measured.filter((one) => !one.isOwnData)).map(network));
  }
  parts.push("## Summary", words(written.summary));
  return parts.filter(Boolean).join("\n\n") + "\n";
}

const line = (text: string) => text.replace(/\s+/g, " ").trim();

/** Words that cannot be taken for the file's own marks: headings of two, networks, comments, figures. */
function words(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/^##? /gm, "### ")
    .replace(/^(```+|~~~+)(\s*)network\s*$/gm, "$1$2text")
    .replaceAll("<!--", "<! --")
    .replaceAll("![", "! [")
    .trim();
}

/** Each of another name, so that the report can tell them apart. */
function named(measured: Measured[]): Measured[] {
  const seen = new Map<string, number>();
  return measured.map((one) => {
    const count = (seen.get(one.name) ?? 0) + 1;
    seen.set(one.name, count);
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
  });
}

function network(measured: Measured): string {
  const rows: [string, string][] = [
    ["name", JSON.stringify(measured.name)],
    ["architecture", JSON.stringify(measured.architecture)],
    ["dataset", JSON.stringify(measured.dataset)],
    ...Object.entries(measured.changes).map(([name, value]): [string, string] => [name, toml(value)]),
  ];
  return ["```network", ...rows.map(([name, value]) => `${name} = ${value}`), "```"].join("\n");
}

/** TOML has no null: a document says "none". */
function toml(value: Training[keyof Training]): string {
  if (value === null) return '"none"';
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toString().replace(/^(-?\d+)e/, "$1.0e");
  return JSON.stringify(value);
}
