/** What the classes look like on average, to the eye and to every layer, and where two of them differ. */
import { useSignal } from "@preact/signals";
import { Pixels, largestOf } from "../pictures/pixels.tsx";
import { classMeans, type LayerMeans } from "../state/class-means.ts";
import { looked } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { t } from "../texts/text.ts";
import { title } from "./block.tsx";

const MOST_MAPS = 12;
const SIZE = 62;

export function ClassMeans() {
  const chosen = useSignal(-1);
  const [net, data, all] = [looked.value, dataset.value, classMeans.value];
  const found = all?.find(({ layer }) => layer === chosen.value) ?? all?.[0];
  if (!net || !data || !all || !found) return null;
  const nameOf = ({ layer }: LayerMeans) => {
    const kind = net.layers[layer];
    return kind ? `${title(kind)} ${layer + 1}` : t("build.input");
  };
  const [first, second] = found.means;
  const rows: [string, Float32Array][] = found.means.map((mean, label) => [data.classNames[label] ?? String(label), mean]);
  if (found.means.length === 2 && first && second)
    rows.push([t("look.meansDifference", { a: data.classNames[1] ?? "1", b: data.classNames[0] ?? "0" }), second.map((value, i) => value - (first[i] ?? 0))]);
  const most = Math.max(...found.means.map(largestOf));
  return (
    <section class="card" aria-labelledby="means-title">
      <header>
        <h2 id="means-title">{t("look.means")}</h2>
        <small>{t("look.meansHint")}</small>
      </header>
      <div class="row" role="group" aria-label={t("look.meansLayer")}>
        {all.map((one) => (
          <button key={one.layer} type="button" aria-pressed={one === found} onClick={() => (chosen.value = one.layer)}>
            {nameOf(one)}
          </button>
        ))}
      </div>
      <div class="layers">
      {rows.map(([name, mean], label) => (
        <div key={name} class="layer-row">
          <small>{name}</small>
          <div class="maps">
            {Array.from({ length: Math.min(found.channels, MOST_MAPS) }, (_, channel) => (
              <Pixels
                key={channel}
                values={mean}
                height={found.height}
                width={found.width}
                channels={found.channels}
                channel={channel}
                colours={found.layer < 0 && label < found.means.length ? "grey" : "signed"}
                {...(label < found.means.length ? { largest: found.layer < 0 ? 1 : most } : {})}
                size={SIZE}
                label={t("look.meanOf", { what: name, layer: nameOf(found), number: channel + 1 })}
              />
            ))}
          </div>
        </div>
      ))}
      </div>
    </section>
  );
}
