/** What a layer makes of the image: its feature maps, or its numbers, each to be switched off. */
import type { Layer } from "../architecture/layers.ts";
import { canSilence, type Part } from "../engine/silencing.ts";
import { Pixels, largestOf } from "../pictures/pixels.tsx";
import { inside, looked, off, toggle } from "../state/inside.ts";
import { watch } from "../state/training.ts";
import { t } from "../texts/text.ts";
import { title } from "./block.tsx";

const MOST = 64;

interface LayerMapsProps {
  layer: Layer;
  index: number;
  /** Of a map, in CSS pixels. */
  size: number;
  isSmall?: boolean;
  /** Whether maps cannot be switched off here. */
  isFixed?: boolean;
  /** What the layer gives; by default for the example that is looked at. */
  values?: Float32Array | undefined;
}

export function LayerMaps({ layer, index, size, isSmall, isFixed, values: given }: LayerMapsProps) {
  watch();
  const net = looked.value;
  const values = given ?? inside.value?.layers[index];
  const shape = net?.shapes[index] ?? [];
  if (!net || !values || layer.kind === "flatten" || index === net.layers.length - 1) return null;
  const [height = 1, width = 1, channels = 1] = shape.length === 3 ? (shape as number[]) : [1, 1, shape[0] ?? 1];
  const most = largestOf(values);
  const maps = Array.from({ length: Math.min(channels, MOST) }, (_, channel) => channel);
  const isVector = shape.length === 1;
  const pixels = (channel: number, label?: string) => (
    <Pixels
      values={values}
      height={height}
      width={width}
      channels={channels}
      channel={channel}
      colours="signed"
      largest={most}
      size={isVector ? size / 2 : size}
      {...(label ? { label } : {})}
    />
  );
  if (isSmall) return <span class="maps small">{maps.map((channel) => pixels(channel))}</span>;
  const canBeOff = !isFixed && canSilence(net, index);
  return (
    <div class="layer-row">
      <small>
        {title(layer)}, {shape.join(" × ")}
      </small>
      <div class="maps">
        {maps.map((channel) => {
          const part: Part = `${index}:${channel}`;
          const name = t("look.map", { layer: `${title(layer)} ${index + 1}`, number: channel + 1 });
          if (!canBeOff) return <span key={channel}>{pixels(channel, name)}</span>;
          const isOff = off.value.has(part);
          return (
            <button
              key={channel}
              type="button"
              class={isOff ? "off" : ""}
              aria-pressed={isOff}
              aria-label={isOff ? `${name}, ${t("look.isOff")}` : name}
              title={name}
              onClick={() => toggle(part)}
            >
              {pixels(channel)}
            </button>
          );
        })}
      </div>
    </div>
  );
}
