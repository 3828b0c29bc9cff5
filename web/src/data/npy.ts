/** numpy's files: arrays out of .npy, and into it. */

/** An array: its numbers (or one text), its shape. */
export interface NumpyArray {
  shape: number[];
  values: Float64Array | Float32Array | string[];
}

/** A file that cannot be read; the message is one line for people. */
export class FileProblem extends Error {
  override name = "FileProblem";
}

type Read = (view: DataView, at: number) => number;

const READERS: Record<string, [bytes: number, read: Read]> = {
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  u8: [8, (view, at) => Number(view.getBigUint64(at, true))],
  i8: [8, (view, at) => Number(view.getBigInt64(at, true))],
  b1: [1, (view, at) => view.getUint8(at)],
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export function readNpy(bytes: Uint8Array, name: string): NumpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) throw new FileProblem(`${name} is no .npy array`);
  const isShort = bytes[6] === 1;
  const length = isShort ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = (isShort ? 10 : 12) + length;
  if (start > bytes.length) throw new FileProblem(`${name} is cut off`);
  const head = new TextDecoder("latin1").decode(bytes.subarray(isShort ? 10 : 12, start));
  const type = /'descr':\s*'([^']+)'/.exec(head)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(head)?.[1];
  if (type === undefined || shapeText === undefined) throw new FileProblem(`${name} holds no plain array`);
  if (/'fortran_order':\s*True/.test(head)) throw new FileProblem(`${name} is in Fortran's order: save it with numpy.ascontiguousarray`);
  const shape = shapeText
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  const count = shape.reduce((product, n) => product * n, 1);
  const body = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const kind = type.slice(1);
  const isOther = type.startsWith(">");
  if (kind.startsWith("U")) return { shape, values: texts(body, count, Number(kind.slice(1)), name) };
  const reader = READERS[kind];
  if (!reader || isOther) throw new FileProblem(`${name} holds ${type}, which cannot be read here: save numbers as float32`);
  const [size, read] = reader;
  if (body.byteLength < count * size) throw new FileProblem(`${name} is cut off`);
  return { shape, values: Float64Array.from({ length: count }, (_, i) => read(body, i * size)) };
}

function texts(body: DataView, count: number, length: number, name: string): string[] {
  if (body.byteLength < count * length * 4) throw new FileProblem(`${name} is cut off`);
  return Array.from({ length: count }, (_, i) => {
    let text = "";
    for (let k = 0; k < length; k++) {
      const code = body.getUint32((i * length + k) * 4, true);
      if (code > 0x10ffff) throw new FileProblem(`${name} holds no text`);
      if (code) text += String.fromCodePoint(code);
    }
    return text;
  });
}

function header(type: string, shape: readonly number[]): Uint8Array {
  const written = shape.length === 1 ? `(${shape.join("")},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${written}, }`;
  const padded = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n";
  const bytes = new Uint8Array(10 + padded.length);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), 10);
  return bytes;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Float32 numbers as .npy. */
export function writeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const copy = values.slice();
  return joined(header("<f4", shape), new Uint8Array(copy.buffer));
}

/** One text as an array without dimensions, as numpy.array("...") is. */
export function writeText(text: string): Uint8Array {
  const codes = Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return joined(header(`<U${Math.max(1, codes.length)}`, []), new Uint8Array(codes.buffer));
}
