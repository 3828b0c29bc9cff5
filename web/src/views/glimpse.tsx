/** The network's insides in small, moving while it learns. */
import { dataset, view } from "../state/lab.ts";
import { example, inside, isTrained, looked, sample, split, target } from "../state/inside.ts";
import { watch } from "../state/training.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { t } from "../texts/text.ts";
import { Answer } from "./answer.tsx";
import { LayerMaps } from "./maps.tsx";
import { Signals } from "./signals.tsx";

export function Glimpse() {
  watch();
  const [net, from, seen, data] = [looked.value, split.value, inside.value, dataset.value];
  if (!net || !from || !seen || !data || data.inputShape.length < 2) return null;
  const isImage = data.inputShape.length === 3;
  return (
    <section class="card" aria-labelledby="glimpse-title">
      <header>
        <h2 id="glimpse-title">{t("glimpse.title")}</h2>
        <button class="quiet" type="button" onClick={() => (view.value = "look")}>
          {t("glimpse.more")}
        </button>
      </header>
      {isTrained.value ? null : <small>{t("look.untrained")}</small>}
      {isImage ? (
        <div class="row glimpse">
          <Pixels
            values={sample(from, example.value)}
            height={data.inputShape[0] ?? 1}
            width={data.inputShape[1] ?? 1}
            channels={data.inputShape[2] ?? 1}
            colours="grey"
            size={96}
            label={t("look.example", { number: example.value })}
          />
          {net.layers.map((layer, index) => (
            <LayerMaps key={index} layer={layer} index={index} size={46} isSmall />
          ))}
          <div class="grow">
            <Answer
              classNames={data.classNames}
              answer={seen.layers.at(-1) ?? []}
              truth={labelOf(target(from, example.value))}
            />
          </div>
        </div>
      ) : (
        <Signals height={190} />
      )}
    </section>
  );
}

/** The class that a target says. */
export const labelOf = (y: Float32Array): number => (y.length === 1 ? Number(y[0]) : y.indexOf(1));
