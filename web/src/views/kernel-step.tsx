/** What one kernel does at one place: every weight times the pixel below it, and their sum. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { count, size, type Layer } from "../architecture/layers.ts";
import { Pixels, largestOf } from "../pictures/pixels.tsx";
import { example, inside, looked, sample, shown, split } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { number, t } from "../texts/text.ts";

/** Of the image on the page, in CSS pixels. */
const IMAGE_SIZE = 224;

export function KernelStep() {
  watch();
  const filter = useSignal(0);
  const place = useSignal({ row: 8, column: 8 });
  const [net, all, from, data, seen] = [looked.value, shown.value, split.value, dataset.value, inside.value];
  const layer = net?.layers.findIndex((one) => one.kind === "conv") ?? -1;
  const conv = net?.layers[layer];
  // The first layer, on one channel: what can be shown as products of pixels.
  if (!net || !all || !from || !data || !seen || !conv || layer !== 0 || data.inputShape[2] !== 1) return null;
  const [height = 1, width = 1] = data.inputShape;
  const geometry = geometryOf(conv, height, width, net.shapes[0] as number[]);
  const filters = count(conv, "filters");
  const chosen = Math.min(filter.value, filters - 1);
  const row = Math.min(place.value.row, geometry.rows - 1);
  const column = Math.min(place.value.column, geometry.columns - 1);
  const image = net.scaled(sample(from, example.value));
  const [kernels, biases] = net.weightsOf(all, 0);
  const products = productsAt(image, kernels ?? new Float32Array(), geometry, filters, chosen, row, column);
  const bias = biases?.[chosen] ?? 0;
  const sum = products.reduce((total, one) => total + one.product, 0) + bias;
  const gives = seen.layers[0]?.[(row * geometry.columns + column) * filters + chosen] ?? 0;
  const move = (rows: number, columns: number) => {
    place.value = {
      row: Math.max(0, Math.min(geometry.rows - 1, row + rows)),
      column: Math.max(0, Math.min(geometry.columns - 1, column + columns)),
    };
  };
  return (
    <section class="card" aria-labelledby="kernel-title">
      <header>
        <h2 id="kernel-title">{t("look.kernel")}</h2>
        <small>{t("look.kernelHint")}</small>
      </header>
      <div class="row" role="group" aria-label={t("look.filter")}>
        {Array.from({ length: filters }, (_, k) => (
          <button key={k} type="button" aria-pressed={k === chosen} onClick={() => (filter.value = k)}>
            {t("look.filterNumber", { number: k + 1 })}
          </button>
        ))}
      </div>
      <div class="row top-aligned step">
        <Window image={image} height={height} width={width} geometry={geometry} row={row} column={column} move={move} set={(r, c) => move(r - row, c - column)} />
        <div class="grow">
          <div class="products" style={{ gridTemplateColumns: `repeat(${geometry.kernelWidth}, minmax(74px, 1fr))` }}>
            {products.map((one, i) => (
              <span key={i} style={{ background: tint(one.product, largestOf(products.map((p) => p.product))) }}>
                {number(one.weight, 2)} × {number(one.pixel, 2)}
                <b>{number(one.product, 2)}</b>
              </span>
            ))}
          </div>
          <p class="formula">
            {t("look.formula", {
              sum: number(sum - bias, 3),
              bias: number(bias, 3),
              total: number(sum, 3),
              activation: String(conv.args.activation),
              value: number(gives, 3),
            })}
          </p>
        </div>
        <Pixels values={seen.layers[0] ?? []} height={geometry.rows} width={geometry.columns} channels={filters} channel={chosen} colours="signed" size={IMAGE_SIZE * 0.75} label={t("look.map", { layer: t("layer.conv"), number: chosen + 1 })} />
      </div>
    </section>
  );
}

interface Geometry {
  rows: number;
  columns: number;
  kernelHeight: number;
  kernelWidth: number;
  strides: [number, number];
  top: number;
  left: number;
  height: number;
  width: number;
}

function geometryOf(conv: Layer, height: number, width: number, shape: number[]): Geometry {
  const [kernelHeight, kernelWidth] = size(conv, "kernel_size");
  const strides = size(conv, "strides");
  const [rows = 1, columns = 1] = shape;
  const pad = (out: number, stride: number, kernel: number, all: number) =>
    conv.args.padding === "same" ? Math.max(0, Math.floor(((out - 1) * stride + kernel - all) / 2)) : 0;
  return {
    rows,
    columns,
    kernelHeight,
    kernelWidth,
    strides,
    top: pad(rows, strides[0], kernelHeight, height),
    left: pad(columns, strides[1], kernelWidth, width),
    height,
    width,
  };
}

function productsAt(image: Float32Array, kernels: Float32Array, g: Geometry, filters: number, filter: number, row: number, column: number) {
  return Array.from({ length: g.kernelHeight * g.kernelWidth }, (_, i) => {
    const y = row * g.strides[0] - g.top + Math.floor(i / g.kernelWidth);
    const x = column * g.strides[1] - g.left + (i % g.kernelWidth);
    const isInside = y >= 0 && y < g.height && x >= 0 && x < g.width;
    const pixel = isInside ? (image[y * g.width + x] ?? 0) : 0;
    const weight = kernels[i * filters + filter] ?? 0;
    return { pixel, weight, product: pixel * weight };
  });
}

function tint(value: number, most: number): string {
  const colour = value < 0 ? "var(--orange-bright)" : "var(--blue)";
  return `color-mix(in srgb, ${colour} ${Math.round((40 * Math.abs(value)) / most)}%, transparent)`;
}

interface WindowProps {
  image: Float32Array;
  height: number;
  width: number;
  geometry: Geometry;
  row: number;
  column: number;
  move: (rows: number, columns: number) => void;
  set: (row: number, column: number) => void;
}

const ARROWS: Partial<Record<string, [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The image with a frame where the kernel is, which follows pointer and arrow keys. */
function Window({ image, height, width, geometry: g, row, column, move, set }: WindowProps) {
  const frame = useRef<HTMLDivElement>(null);
  const scale = IMAGE_SIZE / Math.max(height, width);
  const follow = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const x = (event.clientX - box.left) / scale;
    const y = (event.clientY - box.top) / scale;
    set(
      Math.round((y - g.kernelHeight / 2 + g.top) / g.strides[0]),
      Math.round((x - g.kernelWidth / 2 + g.left) / g.strides[1]),
    );
  };
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    element.style.transform = `translate(${(column * g.strides[1] - g.left) * scale}px, ${(row * g.strides[0] - g.top) * scale}px)`;
    element.style.width = `${g.kernelWidth * scale}px`;
    element.style.height = `${g.kernelHeight * scale}px`;
  });
  return (
    <div
      class="window"
      tabIndex={0}
      role="application"
      aria-label={t("look.window", { row, column })}
      onPointerMove={follow}
      onPointerDown={follow}
      onKeyDown={(event) => {
        const arrow = event.altKey ? undefined : ARROWS[event.key];
        if (!arrow) return;
        event.preventDefault();
        move(...arrow);
      }}
    >
      <Pixels values={image} height={height} width={width} colours="grey" size={IMAGE_SIZE} />
      <div class="frame" ref={frame} />
    </div>
  );
}
