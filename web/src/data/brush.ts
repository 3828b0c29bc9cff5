/** Drawing on a grid of pixels: soft as a pen on paper, or hard as the outlines of the exercise. */

/** Draws a line from one place to another (in pixels, fractions allowed), changing the pixels. */
export function stroke(
  pixels: Float32Array,
  height: number,
  width: number,
  from: readonly [number, number],
  to: readonly [number, number],
  brush: { radius: number; isSoft: boolean; level: number },
): void {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const steps = Math.max(1, Math.ceil(length * 2));
  for (let i = 0; i <= steps; i++) {
    const x = from[0] + ((to[0] - from[0]) * i) / steps;
    const y = from[1] + ((to[1] - from[1]) * i) / steps;
    dab(pixels, height, width, x, y, brush);
  }
}

function dab(
  pixels: Float32Array,
  height: number,
  width: number,
  x: number,
  y: number,
  { radius, isSoft, level }: { radius: number; isSoft: boolean; level: number },
): void {
  const reach = Math.ceil(radius + 1);
  for (let row = Math.floor(y) - reach; row <= Math.floor(y) + reach; row++)
    for (let column = Math.floor(x) - reach; column <= Math.floor(x) + reach; column++) {
      if (row < 0 || column < 0 || row >= height || column >= width) continue;
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const share = isSoft ? Math.min(1, Math.max(0, radius + 0.5 - distance)) : Number(distance < radius);
      const at = row * width + column;
      const before = pixels[at] ?? 0;
      pixels[at] = level > 0 ? Math.max(before, share * level) : before * (1 - share);
    }
}
