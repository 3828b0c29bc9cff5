/** Values as Python writes them, since errors quote what was given. */

/** A value of an architecture's text: whole numbers are bigints, so that floats stay apart from them. */
export type Value = bigint | number | boolean | string | null | Value[];

// Python's str.isprintable: nothing of Unicode's "other" and "separator", but for the space.
const PRINTABLE = /^(?:[^\p{C}\p{Z}]| )$/u;

export function isPrintable(character: string): boolean {
  return PRINTABLE.test(character);
}

/** repr() of a float. */
export function floatText(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0.0";
  if (x === 0) return "0.0";
  const [digits = "", exponentText = "0"] = x.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${digits}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  const sign = digits.startsWith("-") ? "-" : "";
  const figures = digits.replace(/[-.]/g, "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${figures.slice(exponent + 1) || "0"}`;
}

/** f"{x:.{digits}g}" of a finite float. */
export function general(x: number, digits: number): string {
  const [figures = "0", exponentText = "0"] = x.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  const bare = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < digits) return bare(x.toFixed(Math.max(0, digits - 1 - exponent)));
  return `${bare(figures)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function stringText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let written = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === "\\" || character === quote) written += `\\${character}`;
    else if (character === "\n") written += "\\n";
    else if (character === "\r") written += "\\r";
    else if (character === "\t") written += "\\t";
    else if (isPrintable(character)) written += character;
    else if (code < 0x100) written += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code < 0x10000) written += `\\u${code.toString(16).padStart(4, "0")}`;
    else written += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return quote + written + quote;
}

/** repr() of a value. */
export function repr(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return floatText(value);
  if (typeof value === "string") return stringText(value);
  return value.length === 1 ? `(${repr(value[0] ?? null)},)` : `(${value.map(repr).join(", ")})`;
}

/** Thousands apart, as f"{n:,}". */
export function grouped(n: number | bigint): string {
  return n.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
