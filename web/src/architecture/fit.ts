/** Fits layers to an input and a task: shapes, what was left open, and the last layer; see netlet/architecture/fit.py. */
import { truth, type Task } from "../truth.ts";
import { ArchitectureError } from "./arguments.ts";
import {
  IMAGE,
  isRecurrent,
  isWeighted,
  known,
  makeLayer,
  outputShape,
  SEQUENCE,
  VECTOR,
  weightShapes,
  withArgs,
  writeLayer,
  type Layer,
  type Shape,
} from "./layers.ts";
import { grouped } from "./python.ts";

/** What an architecture is to be trained on. */
export interface Purpose {
  inputShape: Shape;
  task: Task;
  outputs: number;
  perStep: boolean;
  name: string;
}

const KINDS: Record<number, string> = {
  [VECTOR]: "a vector",
  [SEQUENCE]: "a sequence (steps, channels)",
  [IMAGE]: "an image (height, width, channels)",
};

const product = (sizes: Shape) => sizes.reduce<number>((all, n) => all * (n ?? 1), 1);

/** Layers with every activation and return_sequences explicit, checked to fit a task. */
export function fitted(layers: readonly Layer[], purpose: Purpose): Layer[] {
  const settled = withSequences(layers, purpose.perStep);
  const shapes = outputShapes(settled, purpose.inputShape);
  checkSizes(settled, purpose.inputShape, shapes);
  checkOutput(settled, [purpose.inputShape, ...shapes], purpose);
  const activated = withActivations(settled, truth.taskActivations[purpose.task]);
  checkCount(activated);
  checkActivations(activated, purpose);
  return activated;
}

/** The shape of every layer's output; an error names the layer that does not fit. */
export function outputShapes(layers: readonly Layer[], inputShape: Shape): Shape[] {
  checkCount(layers);
  const shapes: Shape[] = [inputShape];
  layers.forEach((layer, index) => {
    const given = shapes[shapes.length - 1] as Shape;
    if (!known(layer.kind).takes.includes(given.length))
      throw new ArchitectureError(misplaced(layers, shapes, index), { layer: index });
    try {
      shapes.push(outputShape(layer, given));
    } catch (error) {
      if (!(error instanceof ArchitectureError)) throw error;
      throw new ArchitectureError(`${label(layers, index)}, ${error.message}`, { layer: index });
    }
  });
  return shapes.slice(1);
}

/** The shapes of every layer's weights, a list a layer. */
export function layerWeightShapes(layers: readonly Layer[], inputShape: Shape): number[][][] {
  const inputs = [inputShape, ...outputShapes(layers, inputShape)];
  return layers.map((layer, index) => weightShapes(layer, inputs[index] as Shape));
}

export function parameters(layers: readonly Layer[], inputShape: Shape): number {
  const all = layerWeightShapes(withSequences(layers, false), inputShape).flat();
  return all.reduce((sum, shape) => sum + product(shape), 0);
}

/** Layers with return_sequences settled: true but for the last recurrent one, whose is `perStep`. */
export function withSequences(layers: readonly Layer[], perStep: boolean): Layer[] {
  const last = layers.findLastIndex(isRecurrent);
  return layers.map((layer, index) =>
    isRecurrent(layer) && layer.args.return_sequences === null
      ? withArgs(layer, { return_sequences: perStep || index !== last })
      : layer,
  );
}

/** Layers with the activations left out put in, and the task's after the last layer if that takes none. */
export function withActivations(layers: readonly Layer[], taskActivation: string): Layer[] {
  const last = layers.length - 1;
  const lastWeighted = layers.findLastIndex((layer) => isWeighted(layer) || isRecurrent(layer));
  const settled = layers.map((layer, index) => {
    if (layer.args.activation !== null) return layer;
    if (isRecurrent(layer)) return withArgs(layer, { activation: "tanh" });
    const isFollowed = index === lastWeighted || isActivated(layers.slice(index + 1));
    return withArgs(layer, { activation: index === last ? taskActivation : isFollowed ? "linear" : "relu" });
  });
  const end = layers[last];
  if (end && !isWeighted(end) && end.kind !== "activation" && taskActivation !== "linear")
    settled.push(makeLayer("activation", { function: taskActivation }));
  return settled;
}

/** Whether layers begin with an activation, or with a normalisation and then one. */
function isActivated(layers: readonly Layer[]): boolean {
  return layers.find((layer) => layer.kind !== "batchnorm" && layer.kind !== "layernorm")?.kind === "activation";
}

function label(layers: readonly Layer[], index: number): string {
  return `layer ${index + 1}, ${writeLayer(layers[index] as Layer)}`;
}

/** What a layer needs, what it is given, which layer made it so, and what to do. */
function misplaced(layers: readonly Layer[], shapes: readonly Shape[], index: number): string {
  const layer = layers[index] as Layer;
  const needed = known(layer.kind)
    .takes.map((kind) => KINDS[kind])
    .join(" or ");
  const maker = makerOf(shapes.slice(0, index + 1));
  let given = `the input is ${describe(shapes[0] as Shape)}`;
  if (index > 0) {
    const source = maker ?? index - 1;
    given = `${label(layers, source)}, gives ${describe(shapes[source + 1] as Shape)}`;
  }
  const advised = advice(layer, maker === undefined ? undefined : layers[maker], shapes[index]?.length);
  return `${label(layers, index)}, needs ${needed}, but ${given}: ${advised}`;
}

/** The last layer that changed the kind of data; undefined if the input was of that kind. */
function makerOf(shapes: readonly Shape[]): number | undefined {
  for (let index = shapes.length - 2; index >= 0; index--)
    if (shapes[index]?.length !== shapes[index + 1]?.length) return index;
  return undefined;
}

const onImages = (layer: Layer) => known(layer.kind).onImages;

function advice(layer: Layer, maker: Layer | undefined, given: number | undefined): string {
  if (layer.kind === "dense") return "add flatten before it";
  if (isRecurrent(layer)) {
    if (maker && isRecurrent(maker)) return "set return_sequences=true in that one";
    return "recurrent layers work on sequences only" + (maker ? `, not after ${maker.kind}` : "");
  }
  const ofSteps = onImages(layer);
  if (ofSteps && maker && isRecurrent(maker)) return "set return_sequences=true in that one";
  if (maker && (maker.kind === "flatten" || maker.kind.startsWith("global")))
    return `put ${layer.kind} before ${maker.kind}`;
  if (ofSteps) return given === IMAGE ? `use ${ofSteps}` : `${layer.kind} works on sequences only`;
  const sameOnSteps = Object.keys(truth.layers).find((kind) => known(kind).onImages === layer.kind);
  if (given === SEQUENCE && sameOnSteps) return `use ${sameOnSteps}`;
  return "convolution and pooling work on images only";
}

/** A shape in words, such as "an image of 28 x 28 x 1". */
export function describe(shape: Shape): string {
  if (shape.length === IMAGE) return `an image of ${shape.join(" x ")}`;
  if (shape.length === SEQUENCE) {
    const steps = shape[0] === null ? "open length" : `${shape[0]} steps`;
    return `a sequence of ${steps} with ${counted(shape[1] ?? 0, "channel")}`;
  }
  return `a vector of ${counted(shape[0] ?? 0, "number")}`;
}

function counted(number: number, what: string): string {
  return number === 1 ? `${number} ${what}` : `${number} ${what}s`;
}

function checkCount(layers: readonly Layer[]): void {
  if (layers.length > truth.mostLayers)
    throw new ArchitectureError(
      `the architecture has ${layers.length} layers, but ${truth.mostLayers} is the limit`,
    );
}

function checkSizes(layers: readonly Layer[], inputShape: Shape, shapes: readonly Shape[]): void {
  shapes.forEach((shape, index) => {
    const numbers = product(shape);
    if (numbers > truth.mostOutputs)
      throw new ArchitectureError(
        `${label(layers, index)}, gives ${grouped(numbers)} numbers for one sample, ` +
          `but ${grouped(truth.mostOutputs)} is the limit`,
        { layer: index },
      );
  });
  // Beyond 2^53 numbers are not exact any more, but Python's are.
  const all = layerWeightShapes(layers, inputShape)
    .flat()
    .reduce((sum, shape) => sum + shape.reduce((size, n) => size * BigInt(n), 1n), 0n);
  if (all > BigInt(truth.mostParameters))
    throw new ArchitectureError(
      `the architecture has ${grouped(all)} parameters, but ${grouped(truth.mostParameters)} is the limit: ` +
        "take fewer or smaller layers, or pool before flatten",
    );
}

/** Refuse a last output that is not one number a class or output, at every step if there are targets at every step. */
function checkOutput(layers: readonly Layer[], shapes: readonly Shape[], purpose: Purpose): void {
  const shape = shapes[shapes.length - 1] as Shape;
  const last = layers[layers.length - 1] as Layer;
  const at = { layer: layers.length - 1 };
  const wanted = purpose.task === "binary" ? 1 : purpose.outputs;
  if (purpose.perStep && shape.length !== SEQUENCE) throw lostSteps(layers, shapes, purpose.name);
  if (shape.length === IMAGE)
    throw new ArchitectureError(
      `the last layer, ${writeLayer(last)}, gives ${describe(shape)}, but ${purpose.name} needs ` +
        `${counted(wanted, "number")}: end with flatten - dense(${wanted})`,
      at,
    );
  if (shape.length === SEQUENCE && !purpose.perStep)
    throw new ArchitectureError(
      `the last layer, ${writeLayer(last)}, gives ${describe(shape)}, but ${purpose.name} has one target a ` +
        `sequence: ${howToEndSteps(layers)}`,
      at,
    );
  const steps = shapes[0]?.[0] ?? null;
  if (purpose.perStep && (shape[0] ?? null) !== steps)
    throw new ArchitectureError(
      `the last layer, ${writeLayer(last)}, gives ${describe(shape)}, but ${purpose.name} has a target at every ` +
        `step of ${steps ?? "None"}: take padding=same and strides of 1`,
      at,
    );
  if (shape[shape.length - 1] !== wanted) throw new ArchitectureError(wrongSize(last, shape, purpose, wanted), at);
}

function lostSteps(layers: readonly Layer[], shapes: readonly Shape[], name: string): ArchitectureError {
  const start = `${name} has a target at every step, but`;
  const maker = makerOf(shapes);
  const input = shapes[0] as Shape;
  if (maker === undefined || input.length !== SEQUENCE)
    return new ArchitectureError(`${start} its input is ${describe(input)}: only sequences have steps`);
  const cure = isRecurrent(layers[maker] as Layer) ? "set return_sequences=true in it" : "leave it out";
  return new ArchitectureError(
    `${start} ${label(layers, maker)}, gives ${describe(shapes[maker + 1] as Shape)}: ${cure}`,
    { layer: maker },
  );
}

function howToEndSteps(layers: readonly Layer[]): string {
  const last = layers.findLastIndex(isRecurrent);
  if (last >= 0) return `set return_sequences=false in ${label(layers, last)}`;
  return "add a recurrent layer, or flatten";
}

function wrongSize(last: Layer, shape: Shape, purpose: Purpose, wanted: number): string {
  const has = {
    binary: `${purpose.name} has two classes, which take one output`,
    categorical: `${purpose.name} has ${wanted} classes`,
    regression: `${purpose.name} has ${counted(wanted, "output")}`,
  }[purpose.task];
  if (last.kind === "dense") return `${writeLayer(last)} is the last layer, but ${has}: end with dense(${wanted})`;
  const given = counted(shape[shape.length - 1] ?? 0, "number");
  return `the last layer, ${writeLayer(last)}, gives ${given}, but ${has}: end with dense(${wanted})`;
}

function checkActivations(layers: readonly Layer[], purpose: Purpose): void {
  const needed = truth.taskActivations[purpose.task];
  layers.forEach((layer, index) => {
    const isOutput = index === layers.length - 1 && purpose.task === "categorical" && !isRecurrent(layer);
    if (!activations(layer).includes("softmax") || isOutput) return;
    const instead =
      index === layers.length - 1 ? `use ${needed}, or leave the activation out` : "use relu, tanh or another";
    throw new ArchitectureError(
      `${label(layers, index)}, has softmax, which only the last layer of a categorical task may have: ${instead}`,
      { layer: index },
    );
  });
  const last = layers[layers.length - 1] as Layer;
  const found = activations(last);
  if (needed !== "linear" && (found.length !== 1 || found[0] !== needed))
    throw new ArchitectureError(
      `the last layer, ${writeLayer(last)}, has ${found.join(" and ")}, but ${purpose.name} has classes, whose ` +
        `probabilities come from ${needed}: use ${needed}, or leave the activation out`,
      { layer: layers.length - 1 },
    );
}

function activations(layer: Layer): string[] {
  return ["activation", "recurrent_activation", "function"]
    .map((name) => layer.args[name])
    .filter((value): value is string => Boolean(value));
}
