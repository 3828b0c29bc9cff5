/** Points on two axes, the first logarithmic, and a line through those that lead. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ticks } from "./dots.tsx";

export interface Point {
  x: number;
  y: number;
  /** How surely it is known, 0..1. */
  weight: number;
}

interface ScatterProps {
  points: Point[];
  line: { x: number; y: number }[];
  chosen: { x: number; y: number } | null;
  goal: number;
  xLabel: string;
  yLabel: string;
  text: (value: number) => string;
  summary: string;
}

const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 14;
const TOP = 10;
const BOTTOM = 44;

export function Scatter({ points, line, chosen, goal, xLabel, yLabel, text, summary }: ScatterProps) {
  const holder = useRef<HTMLDivElement>(null);
  const width = useSignal(700);
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => (width.value = Math.max(260, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);
  const shown = points.filter((point) => Number.isFinite(point.y));
  const xs = shown.map((point) => point.x);
  const ys = [...shown.map((point) => point.y), goal];
  const [xLow, xHigh] = [Math.max(1, Math.min(...xs, 10)), Math.max(...xs, 100)];
  const [yLow, yHigh] = [Math.min(...ys), Math.max(...ys)];
  const pad = (yHigh - yLow) * 0.06 || 0.01;
  const x = (value: number) =>
    LEFT + (Math.log(value / xLow) / Math.log(xHigh / xLow)) * (width.value - LEFT - RIGHT - 12) + 6;
  const y = (value: number) => TOP + ((yHigh + pad - value) / (yHigh - yLow + 2 * pad)) * (HEIGHT - TOP - BOTTOM);
  const decades = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000].filter(
    (n) => n >= xLow && n <= xHigh,
  );
  const path = line
    .filter((point) => Number.isFinite(point.y))
    .map((point, i, all) => `${i ? `H${x(point.x)}V` : `M${x(point.x)} `}${y(point.y)}${i === all.length - 1 ? `H${width.value - RIGHT}` : ""}`)
    .join("");
  return (
    <div ref={holder} class="fit" role="img" aria-label={summary}>
      <svg width={width.value} height={HEIGHT} class="dots">
        {decades.map((n) => (
          <g key={n}>
            <line class="grid" x1={x(n)} x2={x(n)} y1={TOP} y2={HEIGHT - BOTTOM} />
            <text x={x(n)} y={HEIGHT - BOTTOM + 16}>
              {n}
            </text>
          </g>
        ))}
        {ticks(yLow - pad, yHigh + pad, 5).map((at) => (
          <g key={at}>
            <line class="grid" x1={LEFT} x2={width.value - RIGHT} y1={y(at)} y2={y(at)} />
            <text class="end" x={LEFT - 6} y={y(at) + 4}>
              {text(at)}
            </text>
          </g>
        ))}
        <line class="goal" x1={LEFT} x2={width.value - RIGHT} y1={y(goal)} y2={y(goal)} />
        {shown.map((point, i) => (
          <circle key={i} cx={x(point.x)} cy={y(point.y)} r={3 + 2 * point.weight} class="tried" fill-opacity={0.25 + 0.5 * point.weight} />
        ))}
        {path ? <path class="front" d={path} /> : null}
        {chosen ? <circle cx={x(chosen.x)} cy={y(chosen.y)} r={8} class="winner" /> : null}
        <text x={width.value / 2} y={HEIGHT - 6}>
          {xLabel}
        </text>
        <text class="yLabel" transform={`translate(14 ${HEIGHT / 2}) rotate(-90)`}>
          {yLabel}
        </text>
      </svg>
    </div>
  );
}
