/** The nearest of several words, by the measure of Python's difflib: Ratcliff and Obershelp's. */

interface Block {
  a: number;
  b: number;
  size: number;
}

function longestMatch(a: string[], b: string[], aFrom: number, aTo: number, bFrom: number, bTo: number): Block {
  const best: Block = { a: aFrom, b: bFrom, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aFrom; i < aTo; i++) {
    const next = new Map<number, number>();
    for (let j = bFrom; j < bTo; j++) {
      if (a[i] !== b[j]) continue;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) Object.assign(best, { a: i - size + 1, b: j - size + 1, size });
    }
    lengths = next;
  }
  return best;
}

function matches(a: string[], b: string[], aFrom: number, aTo: number, bFrom: number, bTo: number): number {
  const block = longestMatch(a, b, aFrom, aTo, bFrom, bTo);
  if (block.size === 0) return 0;
  return (
    block.size +
    matches(a, b, aFrom, block.a, bFrom, block.b) +
    matches(a, b, block.a + block.size, aTo, block.b + block.size, bTo)
  );
}

/** How alike two words are, 0..1; which comes first matters a little. */
export function ratio(first: string, second: string): number {
  const a = [...first];
  const b = [...second];
  const length = a.length + b.length;
  return length ? (2 * matches(a, b, 0, a.length, 0, b.length)) / length : 1;
}

/** The candidate nearest to a word; undefined if none is as near as the cutoff. */
export function nearest(word: string, candidates: string[], cutoff = 0.6): string | undefined {
  let best: { score: number; word: string } | undefined;
  for (const candidate of candidates) {
    const score = ratio(candidate, word);
    if (score < cutoff) continue;
    // heapq.nlargest compares pairs: of equal scores the word that sorts last.
    if (!best || score > best.score || (score === best.score && candidate > best.word)) best = { score, word: candidate };
  }
  return best?.word;
}
