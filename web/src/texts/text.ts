/** The page's words, from a file for every language. */
import english from "./en.json";

const languages: Partial<Record<string, Record<string, string>>> = { en: english };

const chosen: Record<string, string> = languages[document.documentElement.lang] ?? english;

const fallback: Record<string, string> = english;

export type TextKey = keyof typeof english;

/** A text, with {names} replaced by values. */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  const text = chosen[key] ?? english[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** A text that may not be there, such as a dataset's own: by a key that is put together. */
export function maybe(key: string): string | undefined {
  return chosen[key] ?? fallback[key];
}

/** A number as people read it: so many digits that they tell something. */
export function number(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "∞";
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 100_000)) return value.toExponential(digits - 1);
  return value.toPrecision(digits).replace(/^(-?\d+)e\+(\d+)$/, (_, m: string, e: string) => String(Number(m) * 10 ** Number(e)));
}

export const percent = (value: number, digits = 1): string => `${(100 * value).toFixed(digits)} %`;

/** A metric's value: shares as percentages, the rest as numbers. */
export function metricText(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const isShare = ["accuracy", "sensitivity", "specificity", "balanced_accuracy", "f1", "auc"].includes(name);
  return isShare ? percent(value) : number(value);
}

export const seconds = (milliseconds: number): string =>
  milliseconds < 10_000 ? `${(milliseconds / 1000).toFixed(2)} s` : `${Math.round(milliseconds / 1000)} s`;
