/** Values of several groups as dots on one axis, with the median of each. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { summarise } from "../metrics.ts";

export interface Group {
  label: string;
  colour: string;
  values: number[];
}

const LEFT = 16;
const RIGHT = 16;
const ROW = 64;
const AXIS = 40;

/** Round places on an axis, about so many. */
export function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
  const found: number[] = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

interface DotsProps {
  groups: Group[];
  axis: string;
  text: (value: number) => string;
  summary: string;
}

export function Dots({ groups, axis, text, summary }: DotsProps) {
  const holder = useRef<HTMLDivElement>(null);
  const width = useSignal(600);
  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => (width.value = Math.max(240, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);
  const finite = groups.flatMap((group) => group.values).filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const margin = (high - low) * 0.05 || 0.01;
  const x = (value: number) =>
    LEFT + ((value - low + margin) / (high - low + 2 * margin)) * (width.value - LEFT - RIGHT);
  const height = ROW * groups.length + AXIS;
  return (
    <div ref={holder} class="fit" role="img" aria-label={summary}>
      {finite.length ? (
        <svg width={width.value} height={height} class="dots">
          {ticks(low - margin, high + margin, width.value / 110).map((at) => (
            <g key={at}>
              <line class="grid" x1={x(at)} x2={x(at)} y1={0} y2={height - AXIS} />
              <text x={x(at)} y={height - AXIS + 16}>
                {text(at)}
              </text>
            </g>
          ))}
          <text x={width.value / 2} y={height - 4}>
            {axis}
          </text>
          {groups.map((group, row) => {
            const median = summarise(group.values, true).median;
            return (
              <g key={row}>
                <text class="label" x={LEFT} y={row * ROW + 16}>
                  {group.label}
                </text>
                {group.values.map((value, i) =>
                  Number.isFinite(value) ? (
                    <circle key={i} cx={x(value)} cy={row * ROW + 36 + ((i * 7) % 13) - 6} r={5} fill={group.colour} fill-opacity={0.55} />
                  ) : null,
                )}
                {median === null || !Number.isFinite(median) ? null : (
                  <line x1={x(median)} x2={x(median)} y1={row * ROW + 22} y2={row * ROW + 52} stroke={group.colour} stroke-width={3} />
                )}
              </g>
            );
          })}
        </svg>
      ) : null}
    </div>
  );
}
