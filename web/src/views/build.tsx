/** The network as blocks and as text, always in step, with shapes and weights at every layer. */
import { useSignal, type Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { outputShapes, withSequences } from "../architecture/fit.ts";
import { known as knownLayer, makeLayer, writeLayer, type Layer, type Shape } from "../architecture/layers.ts";
import { grouped } from "../architecture/python.ts";
import { fit, known, model, read, setLayers, text } from "../state/lab.ts";
import { maybe, t } from "../texts/text.ts";
import { truth } from "../truth.ts";
import { Block } from "./block.tsx";
import { Files } from "./files.tsx";

export function Build() {
  const isClosed = useSignal(false);
  const net = model.value;
  return (
    <section class="card" aria-labelledby="build-title">
      <header>
        <h2 id="build-title">{t("build.title")}</h2>
        <span class="soft">{net ? t("build.parameters", { count: grouped(net.parameters) }) : ""}</span>
      </header>
      <Blocks isClosed={isClosed} />
      <Text />
      <Files />
    </section>
  );
}

export const shapeText = (shape: Shape): string => shape.map((n) => n ?? "…").join(" × ");

/** Shapes as far as the layers fit. */
function shapesSoFar(layers: readonly Layer[], input: Shape, perStep: boolean): Shape[] {
  for (let count = layers.length; count > 0; count--) {
    try {
      return outputShapes(withSequences(layers, perStep).slice(0, count), input);
    } catch {
      // One layer fewer, then.
    }
  }
  return [];
}

function Blocks({ isClosed }: { isClosed: Signal<boolean> }) {
  const { layers } = read.value;
  const purpose = known.value;
  const list = useRef<HTMLOListElement>(null);
  const dragged = useSignal<{ from: number; to: number } | null>(null);
  if (!purpose) return null;
  const shapes = shapesSoFar(layers, purpose.inputShape, purpose.perStep);
  const error = fit.value.error;
  const net = model.value;
  const implied = net ? net.layers.slice(layers.length) : [];

  const move = (from: number, to: number) => {
    const next = [...layers];
    const [moved] = next.splice(from, 1);
    if (!moved) return;
    next.splice(to > from ? to - 1 : to, 0, moved);
    setLayers(next);
  };
  const place = (y: number): number => {
    const blocks = [...(list.current?.querySelectorAll("li") ?? [])];
    const index = blocks.findIndex((block) => {
      const box = block.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    return index < 0 ? blocks.length : index;
  };

  return (
    <>
      <div class="block fixed">
        <footer>
          <span>{t("build.input")}</span>
          <span>{shapeText(purpose.inputShape)}</span>
        </footer>
      </div>
      <ol class="stack blocks" ref={list} hidden={isClosed.value}>
        {layers.map((layer, index) => (
          <li key={`${index}-${layer.kind}`}>
            <Block
              layer={layer}
              isLast={index === layers.length - 1}
              {...(shapes[index] ? { shape: shapes[index] } : {})}
              weights={(net?.weightShapes[index] ?? []).reduce((sum, sizes) => sum + sizes.reduce((n, m) => n * m, 1), 0)}
              resolved={net?.layers[index] ?? null}
              error={error?.at.layer === index ? error.message : null}
              isTarget={dragged.value?.to === index}
              change={(next) => setLayers(layers.map((one, i) => (i === index ? next : one)))}
              remove={() => setLayers(layers.filter((_, i) => i !== index))}
              up={index > 0 ? () => move(index, index - 1) : null}
              down={index < layers.length - 1 ? () => move(index, index + 2) : null}
              drag={(event) => {
                if (event.type === "pointerdown") dragged.value = { from: index, to: index };
                else if (event.type === "pointermove" && dragged.value)
                  dragged.value = { from: index, to: place(event.clientY) };
                else if (dragged.value) {
                  move(dragged.value.from, dragged.value.to);
                  dragged.value = null;
                }
              }}
            />
          </li>
        ))}
      </ol>
      {implied.map((layer) => (
        <div class="block fixed" key={writeLayer(layer)}>
          <footer>
            <span>{writeLayer(layer)}</span>
            <span>{t("build.implied")}</span>
          </footer>
        </div>
      ))}
      {error && error.at.layer === undefined && !read.value.error ? <p class="error">{error.message}</p> : null}
      <Add />
    </>
  );
}

/** Where a new layer most likely belongs: before the flatten, or before the last. */
function inserted(layers: readonly Layer[], layer: Layer): Layer[] {
  const takes = knownLayer(layer.kind).takes;
  const slides = (takes.length === 1 && takes[0] === 3) || knownLayer(layer.kind).onImages;
  const flat = layers.findIndex((one) => one.kind === "flatten" || one.kind.startsWith("global"));
  const at = slides && flat >= 0 ? flat : Math.max(0, layers.length - 1);
  return [...layers.slice(0, at), layer, ...layers.slice(at)];
}

const FIRST_ARGUMENTS: Record<string, Record<string, number | string>> = {
  conv: { filters: 4 },
  conv1d: { filters: 4 },
  dense: { units: 8 },
  rnn: { units: 4 },
  gru: { units: 4 },
  lstm: { units: 4 },
  dropout: { rate: 0.25 },
  activation: { function: "tanh" },
};

function Add() {
  const dimensions = known.value?.inputShape.length ?? 3;
  const kinds = Object.entries(truth.layers).filter(
    ([kind, layer]) => !truth.absent[kind] && layer.takes.some((takes) => takes <= dimensions) && !(dimensions === 3 && (layer.gates > 0 || layer.onImages)) && !(dimensions < 3 && layer.takes.length === 1 && layer.takes[0] === 3) && !(dimensions === 1 && (layer.gates > 0 || layer.onImages || kind === "flatten")),
  );
  return (
    <select
      aria-label={t("build.add")}
      value=""
      disabled={read.value.error !== null}
      onChange={(event) => {
        const kind = event.currentTarget.value;
        if (kind) setLayers(inserted(read.value.layers, makeLayer(kind, FIRST_ARGUMENTS[kind] ?? {})));
        event.currentTarget.value = "";
      }}
    >
      <option value="">+ {t("build.add")}</option>
      {kinds.map(([kind]) => (
        <option key={kind} value={kind}>
          {maybe(`layer.${kind}`) ?? kind}
        </option>
      ))}
    </select>
  );
}

function Text() {
  const error = fit.value.error;
  return (
    <label>
      <span>{t("build.text")}</span>
      <textarea
        value={text.value}
        spellcheck={false}
        aria-invalid={error !== null}
        aria-describedby="build-error"
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <span id="build-error" class={error ? "error" : "soft"} role="status">
        {error ? error.message : t("build.textHelp")}
      </span>
    </label>
  );
}
