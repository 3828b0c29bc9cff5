/** How much the answer would change with each pixel: the gradient of the most probable class. */
import { largest } from "../metrics.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { example, inside, looked, outputsOf, sample, shown, split } from "../state/inside.ts";
import { dataset, engine } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { t } from "../texts/text.ts";

export function Saliency() {
  watch();
  const [net, own, all, from, data] = [looked.value, engine.value, shown.value, split.value, dataset.value];
  const answer = inside.value?.layers.at(-1);
  if (!net || !own || !all || !from || !data || !answer) return null;
  const outputs = outputsOf(net);
  const dOut = new Float32Array(outputs);
  dOut[outputs === 1 ? 0 : largest(answer, 0, outputs)] = outputs === 1 && (answer[0] ?? 0) < 0.5 ? -1 : 1;
  const gradient = net.inputGradients(own, all, sample(from, example.value), dOut, 1);
  const [height = 1, width = 1, channels = 1] = data.inputShape;
  return (
    <section class="card" aria-labelledby="saliency-title">
      <header>
        <h2 id="saliency-title">{t("look.saliency")}</h2>
      </header>
      <div class="row top-aligned">
        <Pixels
          values={gradient}
          height={height}
          width={width}
          channels={channels}
          colours="signed"
          size={168}
          label={t("look.saliencyHint")}
        />
        <p class="soft grow">
          {t("look.saliencyHint")} {t("look.saliencyColours")}
        </p>
      </div>
    </section>
  );
}
