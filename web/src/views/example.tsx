/** Which example of the validation data is looked at. */
import { useEffect } from "preact/hooks";
import { example, split } from "../state/inside.ts";
import { t } from "../texts/text.ts";

export function ExamplePicker() {
  const count = split.value?.count ?? 1;
  const go = (by: number) => (example.value = (example.value + by + count) % count);

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.altKey && event.key === "ArrowRight") example.value = (example.value + 1) % count;
      if (event.altKey && event.key === "ArrowLeft") example.value = (example.value - 1 + count) % count;
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, [count]);

  return (
    <div class="row">
      <button class="icon" type="button" onClick={() => go(-1)} aria-label={t("look.previous")}>
        ←
      </button>
      <label>
        <span class="hidden">{t("look.which")}</span>
        <input
          type="number"
          min={0}
          max={count - 1}
          value={example.value}
          class="narrow"
          onInput={(event) => {
            const chosen = event.currentTarget.valueAsNumber;
            if (Number.isInteger(chosen) && chosen >= 0 && chosen < count) example.value = chosen;
          }}
        />
      </label>
      <button class="icon" type="button" onClick={() => go(1)} aria-label={t("look.next")}>
        →
      </button>
    </div>
  );
}
