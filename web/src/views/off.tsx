/** What switching parts off costs, and the way back. */
import { rankedBy } from "../metrics.ts";
import { looked, off, qualityNow, qualityWhole } from "../state/inside.ts";
import { metricText, t } from "../texts/text.ts";
import { metricTitle } from "./train.tsx";

export function Off() {
  const net = looked.value;
  if (!net || off.value.size === 0) return null;
  const name = rankedBy(net.purpose.task);
  return (
    <p class="note row" role="status">
      <span>
        {t("look.switchedOff", {
          count: off.value.size,
          metric: metricTitle(name),
          now: metricText(name, qualityNow.value),
          before: metricText(name, qualityWhole.value),
        })}
      </span>
      <button type="button" onClick={() => (off.value = new Set())}>
        {t("look.restore")}
      </button>
    </p>
  );
}
