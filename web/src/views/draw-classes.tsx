/** Draw classes of one's own, twenty each, and train on them. */
import { signal, useSignal } from "@preact/signals";
import { Pixels } from "../pictures/pixels.tsx";
import { addClass, changeClass, chosen, classes, downloadDrawings, ENOUGH, keep, learn, MOST_CLASSES, problem, removeClass, SIDE } from "../state/drawings.ts";
import { t } from "../texts/text.ts";
import { Pad } from "./pad.tsx";

const drawn = signal(new Float32Array(SIDE * SIDE));

const clear = () => (drawn.value = new Float32Array(SIDE * SIDE));

export function DrawClasses() {
  const isErasing = useSignal(false);
  const one = classes.value[chosen.value];
  const isEmpty = drawn.value.every((value) => value === 0);
  const count = classes.value.reduce((sum, { images }) => sum + images.length, 0);
  if (!one) return null;
  return (
    <section class="card" aria-labelledby="draw-title">
      <header>
        <h2 id="draw-title">{t("draw.title")}</h2>
        <small>{t("draw.hint", { count: ENOUGH })}</small>
      </header>
      <div class="row top-aligned">
        <div class="stack">
          <Pad pixels={drawn} height={SIDE} width={SIDE} isSoft isErasing={isErasing.value} label={t("try.draw", { what: one.name })} />
          <div class="row">
            <button
              type="button"
              disabled={isEmpty}
              onClick={() => {
                keep(drawn.value);
                clear();
              }}
            >
              {t("draw.keep", { name: one.name })}
            </button>
            <button type="button" aria-pressed={isErasing.value} onClick={() => (isErasing.value = !isErasing.value)}>
              {t("try.eraser")}
            </button>
            <button type="button" onClick={clear}>
              {t("try.clear")}
            </button>
          </div>
        </div>
        <div class="grow stack try-answer">
          {classes.value.map((_, place) => (
            <ClassRow key={place} place={place} />
          ))}
          <div class="row">
            {classes.value.length < MOST_CLASSES ? (
              <button type="button" onClick={addClass}>
                {t("draw.add")}
              </button>
            ) : null}
            <button type="button" disabled={count === 0} onClick={() => void downloadDrawings()}>
              {t("draw.download")}
            </button>
          </div>
          <div class="row">
            <button class="primary" type="button" disabled={problem.value !== null} onClick={learn}>
              {t("draw.learn")}
            </button>
            <small role="status">{problem.value ?? t("draw.ready", { count })}</small>
          </div>
        </div>
      </div>
    </section>
  );
}

function ClassRow({ place }: { place: number }) {
  const one = classes.value[place];
  if (!one) return null;
  return (
    <div class="drawn-class" role="group" aria-label={one.name}>
      <div class="row">
        <button type="button" aria-pressed={chosen.value === place} onClick={() => (chosen.value = place)}>
          {t("draw.choose", { name: one.name })}
        </button>
        <label class="inline">
          {t("draw.name")}
          <input type="text" value={one.name} maxLength={24} onInput={(event) => changeClass(place, { name: event.currentTarget.value })} />
        </label>
        <small>{t("draw.count", { count: one.images.length, enough: ENOUGH })}</small>
        {classes.value.length > 2 ? (
          <button class="icon quiet" type="button" onClick={() => removeClass(place)} aria-label={t("draw.remove", { name: one.name })}>
            ✕
          </button>
        ) : null}
      </div>
      <div class="thumbs">
        {one.images.map((image, i) => (
          <button
            key={i}
            type="button"
            aria-label={t("draw.drop", { number: i + 1, name: one.name })}
            title={t("draw.drop", { number: i + 1, name: one.name })}
            onClick={() => changeClass(place, { images: one.images.filter((_, k) => k !== i) })}
          >
            <Pixels values={image} height={SIDE} width={SIDE} colours="grey" size={34} />
          </button>
        ))}
      </div>
    </div>
  );
}
