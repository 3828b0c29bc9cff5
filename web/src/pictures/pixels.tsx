/** A grid of numbers as an image, a pixel a number. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { diverging, grey } from "./colours.ts";

interface PixelsProps {
  values: ArrayLike<number>;
  height: number;
  width: number;
  /** Channels that lie side by side in the values, and which one is shown. */
  channels?: number;
  channel?: number;
  /** "grey": 0..1 as in images; "signed": scaled by the largest, around 0. */
  colours: "grey" | "signed";
  /** Values that get full colour; by default the largest there is. */
  largest?: number;
  /** Size on the page, in CSS pixels. */
  size: number;
  label?: string;
}

export function largestOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i] ?? 0);
    if (value > most) most = value;
  }
  return most || 1;
}

export function Pixels({ values, height, width, channels = 1, channel = 0, colours, largest, size, label }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    const scale = largest ?? (colours === "signed" ? largestOf(values) : 1);
    for (let i = 0; i < height * width; i++) {
      const value = (values[i * channels + channel] ?? 0) / scale;
      const [r, g, b] = colours === "grey" ? grey(value) : diverging(value);
      image.data.set([r, g, b, 255], i * 4);
    }
    context.putImageData(image, 0, 0);
  });
  const ratio = height / width;
  const style = ratio > 1 ? { width: `${size / ratio}px`, height: `${size}px` } : { width: `${size}px`, height: `${size * ratio}px` };
  return (
    <canvas
      ref={canvas}
      class="pixels"
      width={width}
      height={height}
      style={style}
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    />
  );
}
