/** The race for the fewest weights: candidates are made up, trained from one seed, and the promising ones from more. */
import { quantile, summarise } from "../metrics.ts";
import { changed, random, written, type Dice, type Genes, type Space } from "./space.ts";

export interface Candidate {
  genes: Genes;
  text: string;
  parameters: number;
  /** The metric on validation data, one value a seed; NaN if it diverged. */
  values: number[];
  /** Seeds that are being trained. */
  under: number;
}

/** How many seeds a candidate is trained from, one after the other. */
const RUNGS = [1, 3, 8];
export const FULL = RUNGS[RUNGS.length - 1] ?? 8;
/** Of all work, what goes into more seeds of the promising. */
const PROMOTED = 0.2;
const RANDOM_PART = 0.15;
const TRIES = 40;

export class Race {
  readonly candidates: Candidate[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly space: Space,
    private readonly goal: { value: number; isHigherBetter: boolean },
    /** Weights of an architecture; null if it does not fit. */
    private readonly measure: (text: string) => number | null,
    private readonly dice: Dice,
  ) {}

  /** The median over seeds, the worst if there is none. */
  value(candidate: Candidate): number {
    const { isHigherBetter } = this.goal;
    return summarise(candidate.values, isHigherBetter).median ?? (isHigherBetter ? 0 : Infinity);
  }

  private isBetter(a: number, b: number): boolean {
    return this.goal.isHigherBetter ? a > b : a < b;
  }

  reaches(candidate: Candidate): boolean {
    return candidate.values.length > 0 && !this.isBetter(this.goal.value, this.value(candidate));
  }

  /** From small to large, each better than all that are smaller. */
  get front(): Candidate[] {
    const ordered = this.candidates
      .filter((candidate) => candidate.values.length > 0)
      .sort((a, b) => a.parameters - b.parameters || b.values.length - a.values.length);
    const found: Candidate[] = [];
    for (const candidate of ordered) {
      const last = found.at(-1);
      if (!last || this.isBetter(this.value(candidate), this.value(last))) found.push(candidate);
    }
    return found;
  }

  /** The smallest that reaches the goal over all seeds that are asked for. */
  get answer(): Candidate | null {
    const enough = this.candidates.filter((candidate) => candidate.values.length >= FULL && this.reaches(candidate));
    return enough.sort((a, b) => a.parameters - b.parameters)[0] ?? null;
  }

  /** What to train next: a candidate, and from which seeds. `spent`: share of the time that is gone. */
  next(spent: number): { candidate: Candidate; seeds: number[] } | null {
    const promoted = this.dice() < PROMOTED ? this.promoted() : null;
    const candidate = promoted ?? this.child(spent) ?? this.promoted();
    if (!candidate) return null;
    const done = candidate.values.length;
    const rung = RUNGS.find((count) => count > done) ?? FULL;
    const seeds = Array.from({ length: rung - done }, (_, i) => done + i);
    candidate.under += seeds.length;
    return { candidate, seeds };
  }

  /** The smallest that reaches the goal so far and wants more seeds, else one of the front. */
  private promoted(): Candidate | null {
    const wants = (candidate: Candidate) => candidate.values.length < FULL && candidate.under === 0 && candidate.values.length > 0;
    const smaller = this.candidates.filter((one) => wants(one) && this.reaches(one) && one.parameters < (this.answer?.parameters ?? Infinity));
    smaller.sort((a, b) => a.parameters - b.parameters);
    return smaller[0] ?? this.front.find(wants) ?? null;
  }

  private child(spent: number): Candidate | null {
    const limit = this.answer?.parameters ?? Infinity;
    for (let tried = 0; tried < TRIES; tried++) {
      const parent = spent < RANDOM_PART || this.dice() < 0.1 ? null : this.parent();
      const genes = parent ? changed(this.space, parent.genes, this.dice) : random(this.space, this.dice);
      const text = written(this.space, genes);
      const key = `${text} ${genes.rate}`;
      if (this.seen.has(key)) continue;
      const parameters = this.measure(text);
      if (parameters === null || (parameters >= limit && this.dice() > 1 / 12)) continue;
      this.seen.add(key);
      const candidate: Candidate = { genes, text, parameters, values: [], under: 0 };
      this.candidates.push(candidate);
      return candidate;
    }
    return null;
  }

  /** One of the front or near it, those next to the goal most often. */
  private parent(): Candidate | null {
    const trained = this.candidates.filter((candidate) => candidate.values.length > 0);
    if (!trained.length) return null;
    const front = this.front;
    if (this.dice() < 0.75) {
      const first = front.findIndex((candidate) => this.reaches(candidate));
      const centre = first < 0 ? front.length - 1 : first;
      const place = Math.round(centre + (this.dice() + this.dice() + this.dice() - 1.5) * 3);
      return front[Math.max(0, Math.min(front.length - 1, place))] ?? null;
    }
    const values = trained.map((candidate) => this.value(candidate)).sort((a, b) => a - b);
    const middle = quantile(values, 0.5) ?? 0;
    const upper = trained.filter((candidate) => !this.isBetter(middle, this.value(candidate)));
    return upper[Math.floor(this.dice() * upper.length)] ?? null;
  }
}
