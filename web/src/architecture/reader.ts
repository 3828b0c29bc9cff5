/** Reads an architecture's text into names and arguments, with the place of every mistake; see netlet/architecture/text.py. */
import { truth } from "../truth.ts";
import { ArchitectureError, didYouMean, quoted } from "./arguments.ts";
import { isPrintable, type Value } from "./python.ts";

/** An argument as it stands in the text, and where. */
export interface WrittenArgument {
  name: string | null;
  value: Value;
  place: number;
}

/** A layer as it stands in the text. */
export interface WrittenLayer {
  name: string;
  kind: string;
  isKeras: boolean;
  args: WrittenArgument[];
  place: number;
}

// Python's \s, \w and [^\W\d].
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const WORD = "[\\p{L}\\p{N}_]";
const START = "[\\p{L}\\p{Nl}\\p{No}_]";
const TIMES = "[xX×]";
const NUMBER = "[-+]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?";

const pattern = (source: string, flags = "") => new RegExp(source, `uy${flags}`);
const JOIN = pattern("[-–—−]");
const NAME = pattern(`${START}${WORD}*`);
const ARGUMENT_NAME = pattern(`(${START}${WORD}*)${SPACE}*=`);
const SHORTHAND_SOURCE =
  `(?<![0-9])([0-9]+)${SPACE}*${TIMES}${SPACE}*\\(${SPACE}*([0-9]+)${SPACE}*` +
  `(?:${TIMES}${SPACE}*([0-9]+)${SPACE}*)?kernels?${SPACE}*\\)`;
const SHORTHAND = pattern(SHORTHAND_SOURCE, "i");
const ALMOST_SHORTHAND = pattern(`[0-9]+${SPACE}*${TIMES}`);
const ONE_SPACE = pattern(SPACE);
const VALUE = pattern(
  `(?<pair>[-+]?[0-9]+${SPACE}*${TIMES}${SPACE}*[-+]?[0-9]+)|(?<number>${NUMBER})` +
    `|[(\\[](?<several>[^()\\[\\]]*)[)\\]]|"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<word>${START}(?:${WORD}|-)*)`,
);
const WHOLE_NUMBER = new RegExp(`^(?:${NUMBER})$`);
const INTEGER = /^[-+]?[0-9]+$/;
const WORDS: Record<string, Value> = { true: true, false: false, none: null };
const SHARED = Object.keys(truth.kerasNames).filter((name) => name.toLowerCase() in truth.names);
const SPACES_AROUND = new RegExp(`^${SPACE}+|${SPACE}+$`, "gu");

const strip = (text: string) => text.replace(SPACES_AROUND, "");

/** The text around a mistake, on one line. */
export function mistake(text: string, message: string, place: number): ArchitectureError {
  const characters = [...text];
  const at = [...text.slice(0, place)].length;
  const start = Math.max(0, at - truth.excerpt);
  const end = at + truth.excerpt;
  const shown = characters.slice(start, end).map((character) => (isPrintable(character) ? character : " "));
  const excerpt = (start ? "…" : "") + strip(shown.join("")) + (end < characters.length ? "…" : "");
  return new ArchitectureError(`${excerpt}: ${message}`, { place });
}

export class Reader {
  private place = 0;
  private readonly isShorthand: boolean;

  constructor(private readonly text: string) {
    this.isShorthand = new RegExp(SHORTHAND_SOURCE, "iu").test(text);
  }

  // The grammar, top-down. Every method stops at the first place that is not its own and no space.

  layers(): WrittenLayer[] {
    this.skipSpace();
    if (this.isAtEnd())
      throw new ArchitectureError(
        "the architecture is empty: write layers joined by '-', such as conv(4, 3x3) - flatten - dense(1)",
      );
    const found = [this.layer()];
    while (!this.isAtEnd()) {
      if (!this.accept(JOIN)) throw this.afterLayer();
      found.push(this.layer());
    }
    return found;
  }

  /** A layer, perhaps in parentheses of its own. */
  private layer(): WrittenLayer {
    const opening = this.place;
    if (!this.acceptCharacter("(")) return this.bareLayer();
    const layer = this.bareLayer();
    this.close(opening);
    return layer;
  }

  private bareLayer(): WrittenLayer {
    const place = this.place;
    const shorthand = this.accept(SHORTHAND);
    if (shorthand) return this.shorthandLayer(shorthand, place);
    const name = this.name("a layer");
    if (name.toLowerCase() === "timedistributed") return this.denseOnEveryStep(name, place);
    const [kind, isKeras] = this.kind(name, place);
    return { name, kind, isKeras, args: this.args(), place };
  }

  private shorthandLayer(match: RegExpExecArray, place: number): WrittenLayer {
    const [, filters = "", height = "", width = height] = match;
    const args = [
      { name: "filters", value: this.number(filters, place), place },
      { name: "kernel_size", value: [this.number(height, place), this.number(width, place)], place },
    ];
    return { name: "conv", kind: "conv", isKeras: false, args, place };
  }

  /** `TimeDistributed(Dense(1))`, which is what a dense layer does on a sequence anyway. */
  private denseOnEveryStep(name: string, place: number): WrittenLayer {
    const opening = this.place;
    if (!this.acceptCharacter("("))
      throw this.mistake(`${name} at column ${this.column(place)} needs a layer in it: TimeDistributed(Dense(1))`, place);
    const inner = this.place;
    const [kind, isKeras] = this.kind(this.name("Dense"), inner);
    if (kind !== "dense") throw this.mistake(`${name} at column ${this.column(place)} takes Dense, not ${kind}`, inner);
    const args = this.args();
    this.close(opening);
    return { name: kind, kind, isKeras, args, place: inner };
  }

  /** The kind a name stands for, and whether Keras's defaults hold for it. */
  private kind(name: string, place: number): [string, boolean] {
    const keras = Object.hasOwn(truth.kerasNames, name) ? truth.kerasNames[name] : undefined;
    const own = name.toLowerCase().replaceAll("_", "");
    const kind = Object.hasOwn(truth.names, own) ? truth.names[own] : undefined;
    const absent = truth.absent[keras ?? kind ?? ""];
    if (absent) throw this.mistake(`${name} at column ${this.column(place)}: ${absent}`, place);
    if (keras && !(this.isShorthand && SHARED.includes(name))) return [keras, true];
    if (kind) return [kind, false];
    if (Object.hasOwn(truth.outOfScope, own))
      throw this.mistake(`${name} at column ${this.column(place)}: ${truth.outOfScope[own]}`, place);
    const hint = truth.activations.includes(own)
      ? `; did you mean 'activation(${own})'?`
      : didYouMean(name, [...Object.keys(truth.names), ...Object.keys(truth.kerasNames)]) || ";";
    const names = Object.keys(truth.layers).filter((one) => !truth.layers[one]?.onImages);
    throw this.mistake(
      `unknown layer ${quoted(name)} at column ${this.column(place)}${hint} ` +
        `allowed: ${names.join(", ")} (on steps with 1d behind), and Keras's names for them`,
      place,
    );
  }

  /** What stands in parentheses after a name, if anything does. */
  private args(): WrittenArgument[] {
    const opening = this.place;
    const found: WrittenArgument[] = [];
    if (!this.acceptCharacter("(")) return found;
    while (!this.acceptCharacter(")")) {
      found.push(this.argument());
      if (!this.acceptCharacter(",") && this.nextCharacter() !== ")") throw this.unclosed(opening, "',' or ')'");
    }
    return found;
  }

  private argument(): WrittenArgument {
    const place = this.place;
    const name = this.accept(ARGUMENT_NAME)?.[1];
    return { name: name === undefined ? null : name.toLowerCase(), value: this.value(), place };
  }

  private value(): Value {
    const place = this.place;
    const groups = this.accept(VALUE)?.groups;
    if (!groups) throw this.mistake(`expected a value at column ${this.column(place)}, found ${this.found()}`, place);
    if (groups.pair !== undefined)
      return groups.pair.split(/[xX×]/).map((part) => this.number(strip(part), place));
    if (groups.number !== undefined) return this.number(groups.number, place);
    if (groups.several !== undefined)
      return groups.several
        .split(",")
        .map(strip)
        .filter((part) => part !== "")
        .map((part) => this.number(part, place));
    if (groups.word === undefined) return groups.double ?? groups.single ?? "";
    const word = groups.word.toLowerCase();
    return Object.hasOwn(WORDS, word) ? (WORDS[word] as Value) : groups.word;
  }

  private number(written: string, place: number): bigint | number {
    if (!WHOLE_NUMBER.test(written))
      throw this.mistake(`expected a number at column ${this.column(place)}, found ${quoted(written)}`, place);
    if (!INTEGER.test(written)) return Number(written);
    return BigInt(written.slice(0, 2 * truth.longestWord).replace(/^\+/, ""));
  }

  // Pieces of text.

  private column(place: number): number {
    return [...this.text.slice(0, place)].length + 1;
  }

  private name(what: string): string {
    const place = this.place;
    const found = this.accept(NAME);
    if (found) return found[0];
    ALMOST_SHORTHAND.lastIndex = this.place;
    const hint = ALMOST_SHORTHAND.test(this.text) ? "; the shorthand is written 3x(3x3 kernel)" : "";
    throw this.mistake(`expected ${what} at column ${this.column(place)}, found ${this.found()}${hint}`, place);
  }

  /** What matches here, stepped over with the spaces after it; null if nothing does. */
  private accept(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.place;
    const found = expression.exec(this.text);
    if (found) {
      this.place += found[0].length;
      this.skipSpace();
    }
    return found;
  }

  private acceptCharacter(character: string): boolean {
    if (this.nextCharacter() !== character) return false;
    this.place += 1;
    this.skipSpace();
    return true;
  }

  private nextCharacter(): string {
    const code = this.text.codePointAt(this.place);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  private skipSpace(): void {
    for (;;) {
      ONE_SPACE.lastIndex = this.place;
      if (!ONE_SPACE.test(this.text)) return;
      this.place += 1;
    }
  }

  private isAtEnd(): boolean {
    return this.place >= this.text.length;
  }

  private close(opening: number): void {
    if (!this.acceptCharacter(")")) throw this.unclosed(opening, "')'");
  }

  // Mistakes.

  /** What stands at the present place, in words. */
  private found(): string {
    if (this.isAtEnd()) return "the end of the text";
    NAME.lastIndex = this.place;
    return quoted(NAME.exec(this.text)?.[0] ?? this.nextCharacter());
  }

  private afterLayer(): ArchitectureError {
    const column = this.column(this.place);
    if (this.nextCharacter() === ")" || this.nextCharacter() === "]")
      return this.mistake(`${this.found()} at column ${column} closes no parenthesis: remove it`, this.place);
    return this.mistake(`expected '-' and another layer at column ${column}, found ${this.found()}`, this.place);
  }

  private unclosed(opening: number, expected: string): ArchitectureError {
    if (this.isAtEnd())
      return this.mistake(`the parenthesis opened at column ${this.column(opening)} is never closed`, opening);
    return this.mistake(
      `expected ${expected} at column ${this.column(this.place)}, found ${this.found()}`,
      this.place,
    );
  }

  private mistake(message: string, place: number): ArchitectureError {
    return mistake(this.text, message, place);
  }
}
