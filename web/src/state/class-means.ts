/** The mean of every map over the images of a class, layer by layer: what a class looks like to the network. */
import { computed } from "@preact/signals";
import { labels } from "../metrics.ts";
import { looked, outputsOf, shown, split } from "./inside.ts";
import { engine } from "./lab.ts";
import { isRunning } from "./training.ts";

/** Images that are passed through at a time. */
const AT_A_TIME = 64;

export interface LayerMeans {
  /** The layer's place; -1 for the input. */
  layer: number;
  height: number;
  width: number;
  channels: number;
  /** By class. */
  means: Float32Array[];
}

/** Of the validation images; not while it trains, which would slow it down. */
export const classMeans = computed<LayerMeans[] | null>(() => {
  const [net, own, all, from] = [looked.value, engine.value, shown.value, split.value];
  if (!net || !own || !all || !from || isRunning.value || net.inputShape.length !== 3 || net.purpose.task === "regression") return null;
  const truly = labels(from.y, outputsOf(net));
  const classes = Math.max(2, outputsOf(net));
  const places = [-1, ...net.shapes.keys()].filter((layer) => layer < 0 || net.shapes[layer]?.length === 3);
  const found = places.map((layer): LayerMeans => {
    const [height = 1, width = 1, channels = 1] = layer < 0 ? net.inputShape : (net.shapes[layer] as number[]);
    return { layer, height, width, channels, means: Array.from({ length: classes }, () => new Float32Array(height * width * channels)) };
  });
  const counts = new Array<number>(classes).fill(0);
  truly.forEach((label) => (counts[label] = (counts[label] ?? 0) + 1));
  const size = from.x.length / from.count;
  for (let first = 0; first < from.count; first += AT_A_TIME) {
    const count = Math.min(AT_A_TIME, from.count - first);
    const x = from.x.subarray(first * size, (first + count) * size);
    const inside = net.outputs(own, all, x, count);
    for (const place of found) {
      const rows = place.layer < 0 ? x : inside.layers[place.layer];
      for (let i = 0; i < count; i++) {
        const label = truly[first + i] ?? 0;
        add(place.means[label], rows, i, counts[label] ?? 1);
      }
    }
  }
  return found;
});

function add(mean: Float32Array | undefined, rows: Float32Array | undefined, row: number, count: number): void {
  if (!mean || !rows) return;
  for (let k = 0; k < mean.length; k++) mean[k] = (mean[k] ?? 0) + (rows[row * mean.length + k] ?? 0) / count;
}
