/** A chart of lines by uPlot: drawn anew when its numbers, its size or the page's colours change. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { theme } from "../state/theme.ts";
import { palette } from "./colours.ts";

// Its enum is one of types alone, which is not there when it runs.
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const LOGARITHMIC: uPlot.Scale.Distr = 3;

export interface Line {
  label: string;
  colour: string;
  values: (number | null)[];
  isDashed?: boolean;
  width?: number;
}

export interface Band {
  colour: string;
  low: (number | null)[];
  high: (number | null)[];
}

interface ChartProps {
  x: number[];
  lines: Line[];
  bands?: Band[];
  xLabel: string;
  yLabel: string;
  height: number;
  isLogarithmic?: boolean;
  yRange?: [number, number];
  /** The least width of the x axis. */
  xMost?: number;
  xLeast?: number;
  /** What the chart shows, for those who do not see it. */
  summary: string;
  onPick?: (x: number) => void;
}

function options(props: ChartProps, width: number): uPlot.Options {
  const colours = palette(theme.value);
  const axis: uPlot.Axis = {
    stroke: colours.soft,
    grid: { stroke: colours.line, width: 1 },
    ticks: { stroke: colours.line, width: 1 },
    font: "12px system-ui",
    labelFont: "12px system-ui",
  };
  const bands = props.bands ?? [];
  const hidden = bands.flatMap((): uPlot.Series[] => [{ stroke: "transparent" }, { stroke: "transparent" }].map((series) => ({ ...series, points: { show: false } })));
  return {
    width,
    height: props.height,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: false, range: (_, least, most) => [props.xLeast ?? least, Math.max(most, props.xMost ?? most)] },
      y: {
        ...(props.isLogarithmic ? { distr: LOGARITHMIC } : {}),
        ...(props.yRange ? { range: () => props.yRange as uPlot.Range.MinMax } : {}),
      },
    },
    axes: [
      { ...axis, label: props.xLabel, labelSize: 16, size: 34 },
      { ...axis, label: props.yLabel, labelSize: 16, size: 52 },
    ],
    series: [
      {},
      ...hidden,
      ...props.lines.map(
        (line): uPlot.Series => ({
          label: line.label,
          stroke: line.colour,
          width: line.width ?? 2,
          dash: line.isDashed ? [6, 5] : [],
          points: { show: props.x.length === 1 },
        }),
      ),
    ],
    bands: bands.map((band, i) => ({ series: [2 * i + 2, 2 * i + 1], fill: `${band.colour}38` })),
  };
}

function data(props: ChartProps): uPlot.AlignedData {
  const bands = (props.bands ?? []).flatMap((band) => [band.low, band.high]);
  return [props.x, ...bands, ...props.lines.map((line) => line.values)] as uPlot.AlignedData;
}

export function Chart(props: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  // What the chart is, its numbers aside: a change makes a new one.
  const key = JSON.stringify([
    theme.value,
    props.lines.map((line) => [line.label, line.colour, line.isDashed]),
    props.bands?.map((band) => band.colour),
    [props.isLogarithmic, props.yRange, props.xMost, props.xLeast, props.height, props.xLabel, props.yLabel, props.x.length === 1],
  ]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(latest.current, Math.max(200, element.clientWidth)), data(latest.current), element);
      plot.current.over.addEventListener("click", () => {
        const x = plot.current?.cursor.idx;
        const value = typeof x === "number" ? latest.current.x[x] : undefined;
        if (value !== undefined) latest.current.onPick?.(value);
      });
    };
    make();
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: Math.max(200, element.clientWidth), height: latest.current.height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [key]);

  useEffect(() => {
    plot.current?.setData(data(props));
  });

  return <div ref={holder} class="plot" role="img" aria-label={props.summary} style={{ height: `${props.height}px` }} />;
}
