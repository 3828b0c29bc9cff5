/** The arguments of layers: what each may be, and the value that netlet keeps of it. */
import { truth } from "../truth.ts";
import { nearest } from "./nearest.ts";
import { repr, type Value } from "./python.ts";

/** A value as a layer keeps it; sizes are pairs. */
export type Argument = number | boolean | string | [number, number] | null;

/** A mistake of whoever wrote an architecture. */
export class ArchitectureError extends Error {
  override name = "ArchitectureError";
  /** The layer that is wrong, from 0, and the place in the text, in code units from 0. */
  constructor(
    message: string,
    readonly at: { layer?: number; place?: number } = {},
  ) {
    super(message);
  }
}

class Refused extends Error {}

/** A value as it is shown in an error: never longer than a line can hold. */
export function quoted(value: Value): string {
  const text = [...repr(value)];
  if (text.length <= truth.longestWord + 2) return text.join("");
  return text.slice(0, truth.longestWord).join("") + (typeof value === "string" ? "…'" : "…");
}

/** The question "; did you mean 'same'?" if one of the words is near, else nothing. */
export function didYouMean(word: string, words: string[]): string {
  const byLowerCase = new Map(words.map((candidate) => [candidate.toLowerCase(), candidate]));
  const near = nearest([...word].slice(0, truth.longestWord).join("").toLowerCase(), [...byLowerCase.keys()]);
  return near === undefined ? "" : `; did you mean ${repr(byLowerCase.get(near) ?? near)}?`;
}

function whole(value: Value): number {
  if (typeof value !== "bigint" || value < 1n || value > BigInt(truth.largestSize)) throw new Refused();
  return Number(value);
}

function pair(value: Value): [number, number] {
  if (!Array.isArray(value)) return [whole(value), whole(value)];
  const [first, second] = value;
  if (value.length !== 2 || first === undefined || second === undefined) throw new Refused();
  return [whole(first), whole(second)];
}

function length(value: Value): number {
  if (!Array.isArray(value)) return whole(value);
  const [only] = value;
  if (value.length !== 1 || only === undefined) throw new Refused();
  return whole(only);
}

function share(value: Value): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !(number >= 0 && number <= truth.largestShare)) throw new Refused();
  return number;
}

function epsilon(value: Value): number {
  if (typeof value !== "number" || !(value > 0 && value < 1)) throw new Refused();
  return value;
}

function flag(value: Value): boolean {
  if (typeof value !== "boolean") throw new Refused();
  return value;
}

function oneOf(words: string[]): (value: Value) => string {
  return (value) => {
    const word = typeof value === "string" ? value.toLowerCase().replaceAll("-", "_") : "";
    if (!words.includes(word)) throw new Refused();
    return word;
  };
}

function reader(argument: string, words: string[]): (value: Value) => Argument {
  if (["filters", "units", "depth_multiplier"].includes(argument)) return whole;
  if (["kernel_size", "pool_size", "strides"].includes(argument)) return pair;
  if (argument === "length") return length;
  if (argument === "rate" || argument === "momentum") return share;
  if (argument === "epsilon") return epsilon;
  if (words.length === 2 && words.includes("true")) return flag;
  return oneOf(words);
}

/** The value of an argument as netlet keeps it, or an error with the sentence "kernel_size is 0, but must be ...". */
export function checked(argument: string, value: Value, ruled = argument): Argument {
  const rule = truth.rules[ruled];
  if (!rule) throw new Error(`there is no rule for ${ruled}`);
  try {
    return reader(ruled, rule.words)(value);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const hint = typeof value === "string" ? didYouMean(value, rule.words) : "";
    throw new ArchitectureError(`${argument} is ${quoted(value)}, but must be ${rule.expected}${hint}`);
  }
}
