/** Draw an image, and see answer and insides change with every stroke. */
import { computed, signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { example, looked, sample, shown, split } from "../state/inside.ts";
import { dataset, engine } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { maybe, t } from "../texts/text.ts";
import { Answer } from "./answer.tsx";
import { LayerMaps } from "./maps.tsx";
import { Pad } from "./pad.tsx";

/** What is drawn, by the size of the grid; kept while one looks elsewhere. */
const drawn = signal<Float32Array>(new Float32Array());
const isEmpty = computed(() => drawn.value.every((value) => value === 0));

export function TryDrawing() {
  watch();
  const isErasing = useSignal(false);
  const [net, own, all, from, data] = [looked.value, engine.value, shown.value, split.value, dataset.value];
  if (!net || !own || !all || !from || !data) return null;
  const [height = 1, width = 1, channels = 1] = data.inputShape;
  if (drawn.value.length !== height * width) drawn.value = new Float32Array(height * width);
  const x = new Float32Array(height * width * channels);
  drawn.value.forEach((value, i) => x.fill(value, i * channels, (i + 1) * channels));
  const seen = net.outputs(own, all, x, 1);
  const what = maybe(`try.what.${data.name}`) ?? data.classNames.join(", ");
  const take = () => {
    example.value = Math.floor(Math.random() * from.count);
    drawn.value = sample(from, example.value).filter((_, i) => i % channels === 0);
  };
  return (
    <section class="card" aria-labelledby="try-title">
      <header>
        <h2 id="try-title">{t("try.draw", { what })}</h2>
        <small>{t("try.drawHint")}</small>
      </header>
      <div class="row top-aligned">
        <div class="stack">
          <Pad
            pixels={drawn}
            height={height}
            width={width}
            isSoft={!data.bits}
            isErasing={isErasing.value}
            label={t("try.draw", { what })}
          />
          <div class="row">
            <button type="button" aria-pressed={isErasing.value} onClick={() => (isErasing.value = !isErasing.value)}>
              {t("try.eraser")}
            </button>
            <button type="button" onClick={() => (drawn.value = new Float32Array(height * width))}>
              {t("try.clear")}
            </button>
            <button type="button" onClick={take}>
              {t("try.example")}
            </button>
          </div>
        </div>
        <div class="grow stack try-answer">
          <h3>{t("try.says")}</h3>
          {isEmpty.value ? (
            <p class="soft">{t("try.nothing")}</p>
          ) : (
            <Answer classNames={data.classNames} answer={seen.layers.at(-1) ?? []} />
          )}
          <div class="layers">
            {net.layers.map((layer, index) => (
              <LayerMaps key={index} layer={layer} index={index} size={64} values={seen.layers[index]} isFixed />
            ))}
          </div>
        </div>
      </div>
    </section>
  );
}
