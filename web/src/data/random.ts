/** numpy's PCG64 from a SeedSequence, so that the page generates what Python generates, to the bit. */

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const MASK_128 = (1n << 128n) - 1n;
const MASK_64 = (1n << 64n) - 1n;

// numpy/random/bit_generator.pyx: SeedSequence.
const [INIT_A, MULT_A, INIT_B, MULT_B] = [0x43b0d7e5, 0x931e8875, 0x8b51f9dd, 0x58f38ded];
const [MIX_LEFT, MIX_RIGHT] = [0xca01f9dd, 0x4973f715];
const POOL = 4;

function words(entropy: number): number[] {
  const found = [entropy >>> 0];
  for (let rest = Math.floor(entropy / 2 ** 32); rest > 0; rest = Math.floor(rest / 2 ** 32)) found.push(rest >>> 0);
  return found;
}

/** 32-bit words from a seed and the number of a child of it. */
function seedWords(entropy: number, child: number, count: number): number[] {
  const assembled = words(entropy);
  while (assembled.length < POOL) assembled.push(0);
  assembled.push(child);
  let constant = INIT_A;
  const hashed = (value: number) => {
    value ^= constant;
    constant = Math.imul(constant, MULT_A) >>> 0;
    value = Math.imul(value, constant) >>> 0;
    return (value ^ (value >>> 16)) >>> 0;
  };
  const mixed = (a: number, b: number) => {
    const result = (Math.imul(a, MIX_LEFT) - Math.imul(b, MIX_RIGHT)) >>> 0;
    return (result ^ (result >>> 16)) >>> 0;
  };
  const pool = Array.from({ length: POOL }, (_, i) => hashed(assembled[i] ?? 0));
  for (let from = 0; from < POOL; from++)
    for (let to = 0; to < POOL; to++) if (from !== to) pool[to] = mixed(pool[to] ?? 0, hashed(pool[from] ?? 0));
  for (let from = POOL; from < assembled.length; from++)
    for (let to = 0; to < POOL; to++) pool[to] = mixed(pool[to] ?? 0, hashed(assembled[from] ?? 0));
  let output = INIT_B;
  return Array.from({ length: count }, (_, i) => {
    let value = (pool[i % POOL] ?? 0) ^ output;
    output = Math.imul(output, MULT_B) >>> 0;
    value = Math.imul(value, output) >>> 0;
    return (value ^ (value >>> 16)) >>> 0;
  });
}

export class Random {
  private state = 0n;
  private readonly increment: bigint;

  /** The stream of `SeedSequence(seed).spawn(...)[child]`. */
  constructor(seed: number, child: number) {
    const w = seedWords(seed, child, 8).map(BigInt);
    const long = (i: number) => (w[2 * i] ?? 0n) | ((w[2 * i + 1] ?? 0n) << 32n);
    this.increment = ((((long(2) << 64n) | long(3)) << 1n) | 1n) & MASK_128;
    this.step();
    this.state = (this.state + ((long(0) << 64n) | long(1))) & MASK_128;
    this.step();
  }

  private step(): void {
    this.state = (this.state * MULTIPLIER + this.increment) & MASK_128;
  }

  /** A double in [0, 1). */
  uniform(): number {
    this.step();
    const rotation = this.state >> 122n;
    const folded = (this.state >> 64n) ^ (this.state & MASK_64);
    const rotated = ((folded >> rotation) | (folded << (64n - rotation))) & MASK_64;
    return Number(rotated >> 11n) / 2 ** 53;
  }

  uniforms(count: number): Float64Array {
    return Float64Array.from({ length: count }, () => this.uniform());
  }
}
