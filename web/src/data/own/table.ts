/** A table in a CSV file: the last column is what is to be told. */
import { FileProblem } from "../npy.ts";
import type { Raw } from "./build.ts";

/** Whole numbers of no more different values are classes. */
const MOST_CLASSES = 20;

export function table(text: string, name: string): Raw {
  const separator = [",", ";", "\t"].reduce((best, one) => (count(text, one) > count(text, best) ? one : best), ",");
  const rows = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => cells(line, separator));
  const [first] = rows;
  if (!first || rows.length < 3) throw new FileProblem(`${name} has ${rows.length} lines, too few for a table`);
  const hasHead = first.slice(0, -1).some((cell) => !isNumber(cell));
  const body = hasHead ? rows.slice(1) : rows;
  const width = first.length;
  if (width < 2) throw new FileProblem(`${name} has one column only: there must be inputs, and the target in the last column`);
  body.forEach((row, i) => {
    if (row.length !== width)
      throw new FileProblem(`${name}, line ${i + 1 + Number(hasHead)} has ${row.length} cells, but the first has ${width}`);
  });
  const columns = width - 1;
  const x = new Float32Array(body.length * columns);
  body.forEach((row, i) => {
    row.slice(0, columns).forEach((cell, k) => {
      if (!isNumber(cell))
        throw new FileProblem(`${name}, line ${i + 1 + Number(hasHead)}, column ${k + 1} is '${cell}', but inputs must be numbers`);
      x[i * columns + k] = Number(cell);
    });
  });
  const notes = [`The last column${hasHead ? ` (${first[columns] ?? ""})` : ""} is what is to be told, the ${columns} others are the inputs.`];
  const last = body.map((row) => row[columns] ?? "");
  const different = [...new Set(last)];
  const isClass = different.some((cell) => !isNumber(cell)) || (different.length <= MOST_CLASSES && different.every((cell) => Number.isInteger(Number(cell))));
  if (!isClass) return { name, inputShape: [columns], x, y: Float32Array.from(last, Number), notes };
  const classNames = different.sort();
  if (classNames.length > 1000) throw new FileProblem(`${name} has ${classNames.length} different words in its last column, too many for classes`);
  return { name, inputShape: [columns], x, labels: last.map((cell) => classNames.indexOf(cell)), classNames, notes };
}

const count = (text: string, character: string) => text.slice(0, 5000).split(character).length;
const isNumber = (cell: string) => cell !== "" && Number.isFinite(Number(cell));

/** The cells of a line; what stands in double quotes may hold the separator. */
function cells(line: string, separator: string): string[] {
  const found: string[] = [];
  let [cell, isQuoted] = ["", false];
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      found.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  return [...found, cell.trim()];
}
