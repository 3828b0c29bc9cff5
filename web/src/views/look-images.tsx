/** Inside a network of images: layer by layer, one kernel step by step, where it looks, right and wrong. */
import { Pixels } from "../pictures/pixels.tsx";
import { example, inside, isTrained, looked, sample, split, target } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { t } from "../texts/text.ts";
import { Answer } from "./answer.tsx";
import { ClassMeans } from "./class-means.tsx";
import { Confusion } from "./confusion.tsx";
import { ExamplePicker } from "./example.tsx";
import { labelOf } from "./glimpse.tsx";
import { KernelStep } from "./kernel-step.tsx";
import { LayerMaps } from "./maps.tsx";
import { Mistakes } from "./mistakes.tsx";
import { Off } from "./off.tsx";
import { Saliency } from "./saliency.tsx";

export function LookImages() {
  watch();
  const [net, from, seen, data] = [looked.value, split.value, inside.value, dataset.value];
  if (!net || !from || !seen || !data) return <p class="card soft">{t("train.fix")}</p>;
  const truth = labelOf(target(from, example.value));
  const [height = 1, width = 1, channels = 1] = data.inputShape;
  return (
    <>
      {isTrained.value ? null : <p class="note">{t("look.untrained")}</p>}
      <div class="two">
        <section class="card" aria-labelledby="example-title">
          <header>
            <h2 id="example-title">{t("look.example", { number: example.value })}</h2>
            <ExamplePicker />
          </header>
          <div class="row top-aligned">
            <Pixels
              values={sample(from, example.value)}
              height={height}
              width={width}
              channels={channels}
              colours="grey"
              size={168}
              label={t("look.exampleOf", { number: example.value, class: data.classNames[truth] ?? String(truth) })}
            />
            <div class="grow">
              <p>
                {t("look.truth")} <b>{data.classNames[truth]}</b>. <span class="soft">{t("look.answer")}:</span>
              </p>
              <Answer classNames={data.classNames} answer={seen.layers.at(-1) ?? []} truth={truth} />
            </div>
          </div>
        </section>
        <Saliency />
      </div>
      <section class="card" aria-labelledby="maps-title">
        <header>
          <h2 id="maps-title">{t("look.maps")}</h2>
          <small>{t("look.mapsHint")}</small>
        </header>
        <Off />
        <div class="layers">
          {net.layers.map((layer, index) => (
            <LayerMaps key={index} layer={layer} index={index} size={84} />
          ))}
        </div>
      </section>
      <KernelStep />
      <ClassMeans />
      <div class="two">
        <Confusion />
        <Mistakes />
      </div>
    </>
  );
}
