/** Networks as a handful of genes: made up at random, and changed by one. */

/** A block of an image's network: a convolution and, if the window is above 1, pooling. */
interface Block {
  filters: number;
  kernel: number;
  stride: number;
  pool: number;
}

export interface Genes {
  blocks: Block[];
  /** Recurrent layers. */
  cells: { kind: string; units: number }[];
  /** Nodes of a hidden dense layer; 0 for none. */
  hidden: number;
  activation: string;
  isGlobal: boolean;
  /** The rate as it is usual, times this. */
  rate: number;
}

export interface Space {
  kind: "image" | "sequence" | "table";
  /** Numbers of the last layer. */
  outputs: number;
}

const FILTERS = [1, 2, 3, 4, 6, 8];
const KERNELS = [1, 2, 3, 4, 5, 7];
const STRIDES = [1, 2, 3];
const POOLS = [1, 2, 3, 4];
const UNITS = [1, 2, 3, 4, 5, 6, 8];
const HIDDEN = [0, 2, 3, 4, 6, 8];
const KINDS = ["rnn", "gru", "lstm"];
const ACTIVATIONS = ["relu", "tanh", "elu"];
const RATES = [0.5, 1, 2, 4, 8];
const MOST_BLOCKS = 3;

export type Dice = () => number;

const pick = <T>(dice: Dice, values: readonly T[]): T => values[Math.floor(dice() * values.length)] as T;

/** A neighbour of a value among those there are. */
function beside(dice: Dice, values: readonly number[], value: number): number {
  const place = values.indexOf(value) + (dice() < 0.6 ? -1 : 1);
  return values[Math.max(0, Math.min(values.length - 1, place))] ?? value;
}

const block = (dice: Dice): Block => ({
  filters: pick(dice, FILTERS.slice(0, 4)),
  kernel: pick(dice, KERNELS),
  stride: pick(dice, [1, 1, 2]),
  pool: pick(dice, POOLS),
});
const cell = (dice: Dice) => ({ kind: pick(dice, KINDS), units: pick(dice, UNITS) });

export function random(space: Space, dice: Dice): Genes {
  return {
    blocks: space.kind === "image" ? Array.from({ length: pick(dice, [0, 1, 1, 2, 2]) }, () => block(dice)) : [],
    cells: space.kind === "sequence" ? Array.from({ length: pick(dice, [1, 1, 2]) }, () => cell(dice)) : [],
    hidden: pick(dice, [0, 0, ...HIDDEN]),
    activation: pick(dice, ACTIVATIONS),
    isGlobal: dice() < 0.3,
    rate: pick(dice, RATES),
  };
}

/** One or two genes changed. */
export function changed(space: Space, genes: Genes, dice: Dice): Genes {
  const next = structuredClone(genes);
  const times = dice() < 0.7 ? 1 : 2;
  for (let i = 0; i < times; i++) change(space, next, dice);
  return next;
}

function change(space: Space, genes: Genes, dice: Dice): void {
  const roll = dice();
  if (roll < 0.15) genes.rate = beside(dice, RATES, genes.rate);
  else if (roll < 0.3) genes.hidden = beside(dice, HIDDEN, genes.hidden);
  else if (roll < 0.38) genes.activation = pick(dice, ACTIVATIONS);
  else if (space.kind === "image") changeBlocks(genes, dice);
  else if (space.kind === "sequence") changeCells(genes, dice);
  else genes.hidden = pick(dice, HIDDEN);
}

function changeBlocks(genes: Genes, dice: Dice): void {
  const roll = dice();
  const one = genes.blocks[Math.floor(dice() * genes.blocks.length)];
  if (!one || (roll < 0.12 && genes.blocks.length < MOST_BLOCKS)) genes.blocks.push(block(dice));
  else if (roll < 0.24) genes.blocks.splice(genes.blocks.indexOf(one), 1);
  else if (roll < 0.34) genes.isGlobal = !genes.isGlobal;
  else if (roll < 0.56) one.filters = beside(dice, FILTERS, one.filters);
  else if (roll < 0.74) one.kernel = beside(dice, KERNELS, one.kernel);
  else if (roll < 0.84) one.stride = beside(dice, STRIDES, one.stride);
  else one.pool = beside(dice, POOLS, one.pool);
}

function changeCells(genes: Genes, dice: Dice): void {
  const roll = dice();
  const one = genes.cells[Math.floor(dice() * genes.cells.length)];
  if (!one || (roll < 0.1 && genes.cells.length < 2)) genes.cells.push(cell(dice));
  else if (roll < 0.22 && genes.cells.length > 1) genes.cells.splice(genes.cells.indexOf(one), 1);
  else if (roll < 0.45) one.kind = pick(dice, KINDS);
  else one.units = beside(dice, UNITS, one.units);
}

/** The architecture of genes, as text. */
export function written(space: Space, genes: Genes): string {
  const activation = genes.activation === "relu" ? "" : `, activation=${genes.activation}`;
  const layers = genes.blocks.flatMap(({ filters, kernel, stride, pool }) => [
    `conv(${filters}, ${kernel}x${kernel}${stride > 1 ? `, strides=${stride}` : ""}${activation})`,
    ...(pool > 1 ? [`maxpool(${pool})`] : []),
  ]);
  if (space.kind === "image") layers.push(genes.isGlobal && genes.blocks.length ? "globalmaxpool" : "flatten");
  layers.push(...genes.cells.map(({ kind, units }) => `${kind}(${units})`));
  if (genes.hidden) layers.push(`dense(${genes.hidden}${activation})`);
  layers.push(`dense(${space.outputs})`);
  return layers.join(" - ");
}
