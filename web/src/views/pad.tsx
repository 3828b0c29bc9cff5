/** A pad to draw on with mouse, finger or keyboard. */
import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { stroke } from "../data/brush.ts";
import { t } from "../texts/text.ts";

interface PadProps {
  pixels: Signal<Float32Array>;
  height: number;
  width: number;
  isSoft: boolean;
  isErasing: boolean;
  label: string;
}

/** On the page, in CSS pixels. */
const SIZE = 308;

const ARROWS: Partial<Record<string, [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

export function Pad({ pixels, height, width, isSoft, isErasing, label }: PadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<[number, number] | null>(null);
  const cursor = useSignal<[number, number] | null>(null);
  const isDown = useRef(false);
  const scale = SIZE / Math.max(height, width);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    pixels.value.forEach((value, i) => {
      const level = Math.round(255 * value);
      image.data.set([level, level, level, 255], i * 4);
    });
    context.putImageData(image, 0, 0);
    if (!cursor.value) return;
    context.fillStyle = "#e07b00";
    context.fillRect(cursor.value[0], cursor.value[1], 1, 1);
  });

  const draw = (from: [number, number], to: [number, number]) => {
    const next = pixels.value.slice();
    const radius = isErasing ? width / 14 : isSoft ? width / 24 : 1.15;
    stroke(next, height, width, from, to, { radius, isSoft: isSoft && !isErasing, level: isErasing ? 0 : 1 });
    pixels.value = next;
  };
  const at = (event: PointerEvent): [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };

  return (
    <canvas
      ref={canvas}
      class="pad pixels"
      width={width}
      height={height}
      style={{ width: `${width * scale}px`, height: `${height * scale}px` }}
      tabIndex={0}
      role="application"
      aria-label={`${label}. ${t("try.drawHint")}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        cursor.value = null;
        last.current = at(event);
        draw(last.current, last.current);
      }}
      onPointerMove={(event) => {
        if (!last.current) return;
        const here = at(event);
        draw(last.current, here);
        last.current = here;
      }}
      onPointerUp={() => (last.current = null)}
      onPointerCancel={() => (last.current = null)}
      onKeyDown={(event) => {
        const [x, y] = cursor.value ?? [Math.floor(width / 2), Math.floor(height / 2)];
        if (event.key === " ") {
          event.preventDefault();
          isDown.current = true;
          cursor.value = [x, y];
          draw([x + 0.5, y + 0.5], [x + 0.5, y + 0.5]);
        }
        const arrow = event.altKey ? undefined : ARROWS[event.key];
        if (!arrow) return;
        event.preventDefault();
        const next: [number, number] = [
          Math.max(0, Math.min(width - 1, x + arrow[0])),
          Math.max(0, Math.min(height - 1, y + arrow[1])),
        ];
        cursor.value = next;
        if (isDown.current) draw([x + 0.5, y + 0.5], [next[0] + 0.5, next[1] + 0.5]);
      }}
      onKeyUp={(event) => {
        if (event.key === " ") isDown.current = false;
      }}
      onBlur={() => {
        isDown.current = false;
        cursor.value = null;
      }}
    />
  );
}
