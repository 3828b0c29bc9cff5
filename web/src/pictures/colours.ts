/** Colours of pictures: blue for positive, orange for negative, told apart by every eye, in the light and in the dark. */

export interface Palette {
  ink: string;
  soft: string;
  line: string;
  blue: string;
  orange: string;
  green: string;
  card: string;
}

/** The page's colours in a theme: asked for with the one that is on, so that whoever asks is drawn anew with it. */
export function palette(_theme: string): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    soft: read("--soft"),
    line: read("--line"),
    blue: read("--blue"),
    orange: read("--orange-bright"),
    green: read("--green"),
    card: read("--card"),
  };
}

/** Colours of lines that stand for one thing each, after Okabe and Ito. */
export const LINES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a6fd1", "#7f7f7f"];
export const lineColour = (index: number): string => LINES[index % LINES.length] ?? "#0072b2";

type Rgb = [number, number, number];
const POSITIVE: Rgb = [11, 99, 181];
const NEGATIVE: Rgb = [224, 123, 0];
const WHITE: Rgb = [255, 255, 255];

/** Of -1..1: orange, white at 0, blue. */
export function diverging(value: number): Rgb {
  const share = Math.min(1, Math.abs(value)) ** 0.8;
  const to = value < 0 ? NEGATIVE : POSITIVE;
  return [0, 1, 2].map((i) => Math.round((WHITE[i] ?? 0) * (1 - share) + (to[i] ?? 0) * share)) as Rgb;
}

/** Of 0..1: white ink on black, as the images are. */
export function grey(value: number): Rgb {
  const level = Math.round(255 * Math.min(1, Math.max(0, value)));
  return [level, level, level];
}
