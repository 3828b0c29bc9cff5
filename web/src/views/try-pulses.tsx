/** Draw a train of pulses, and see what the network makes of it at every step. */
import { signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { example, looked, outputsOf, sample, shown, split } from "../state/inside.ts";
import { dataset, engine } from "../state/lab.ts";
import { watch } from "../state/training.ts";
import { number, t } from "../texts/text.ts";
import { Answer } from "./answer.tsx";

const drawn = signal<Float32Array>(new Float32Array());

/** Of the picture, in its own units. */
const HIGH = 220;
const WIDE = 1000;
const [LOWEST, HIGHEST] = [-0.2, 1.4];
const STEP = 0.1;

const y = (value: number) => HIGH - ((value - LOWEST) / (HIGHEST - LOWEST)) * HIGH;

function onePulse(steps: number): Float32Array {
  const pulse = new Float32Array(steps);
  pulse.fill(0.8, Math.floor(steps / 8), Math.floor(steps / 8) + 8);
  return pulse;
}

export function TryPulses() {
  watch();
  const cursor = useSignal(0);
  const last = useRef<number | null>(null);
  const [net, own, all, from, data] = [looked.value, engine.value, shown.value, split.value, dataset.value];
  if (!net || !own || !all || !from || !data) return null;
  const [steps = 1, channels = 1] = data.inputShape;
  if (drawn.value.length !== steps) drawn.value = onePulse(steps);
  const x = new Float32Array(steps * channels);
  drawn.value.forEach((value, step) => (x[step * channels] = value));
  const said = net.predict(own, all, x, 1);
  const outputs = outputsOf(net);
  const isPerStep = data.perStep && data.task === "regression";

  const set = (step: number, value: number) => {
    const next = drawn.value.slice();
    const [low, high] = [Math.min(last.current ?? step, step), Math.max(last.current ?? step, step)];
    next.fill(Math.max(0, Math.min(1, value)), low, high + 1);
    drawn.value = next;
    cursor.value = step;
  };
  const follow = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const step = Math.max(0, Math.min(steps - 1, Math.floor(((event.clientX - box.left) / box.width) * steps)));
    const value = LOWEST + (1 - (event.clientY - box.top) / box.height) * (HIGHEST - LOWEST);
    set(step, value < 0.15 ? 0 : Math.min(1, Math.round(value * 20) / 20));
    last.current = step;
  };
  const width = WIDE / steps;
  const line = Array.from({ length: steps }, (_, s) => `${((s + 0.5) * width).toFixed(1)},${y(said[s * outputs] ?? 0).toFixed(1)}`);
  const bars = Array.from(drawn.value, (value, s) => `M${(s * width).toFixed(1)} ${y(value).toFixed(1)}h${width.toFixed(1)}`);

  return (
    <section class="card" aria-labelledby="try-title">
      <header>
        <h2 id="try-title">{t("try.pulses")}</h2>
        <small>{t("try.pulsesHint")}</small>
      </header>
      <svg
        class="pad wide"
        viewBox={`0 0 ${WIDE} ${HIGH}`}
        preserveAspectRatio="none"
        tabindex={0}
        role="slider"
        aria-label={t("try.pulsesPad")}
        aria-valuemin={0}
        aria-valuemax={1}
        aria-valuenow={Number((drawn.value[cursor.value] ?? 0).toFixed(2))}
        aria-valuetext={`${t("look.step")} ${cursor.value}: ${number(drawn.value[cursor.value] ?? 0, 2)}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          last.current = null;
          follow(event);
        }}
        onPointerMove={(event) => {
          if (last.current !== null) follow(event);
        }}
        onPointerUp={() => (last.current = null)}
        onPointerCancel={() => (last.current = null)}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          const higher = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
          if (event.altKey || (by === undefined && higher === undefined)) return;
          event.preventDefault();
          if (by !== undefined) cursor.value = Math.max(0, Math.min(steps - 1, cursor.value + by));
          else set(cursor.value, (drawn.value[cursor.value] ?? 0) + (higher ?? 0));
        }}
      >
        <line class="axis" x1={0} x2={WIDE} y1={y(0)} y2={y(0)} />
        <rect class="cursor" x={cursor.value * width} width={width} y={0} height={HIGH} />
        <path class="drawn" d={bars.join("")} />
        {isPerStep ? <polyline class="said" points={line.join(" ")} /> : null}
      </svg>
      <div class="legend">
        <span>
          <i style={{ borderColor: "var(--soft)" }} />
          {t("look.input")}
        </span>
        <span>
          <i style={{ borderColor: "var(--blue)" }} />
          {t("look.prediction")}
        </span>
      </div>
      {isPerStep ? null : <Answer classNames={data.classNames} answer={said} />}
      <div class="row">
        <button type="button" onClick={() => (drawn.value = new Float32Array(steps))}>
          {t("try.clear")}
        </button>
        <button type="button" onClick={() => (drawn.value = onePulse(steps))}>
          {t("try.pulse")}
        </button>
        <button
          type="button"
          onClick={() => {
            example.value = Math.floor(Math.random() * from.count);
            drawn.value = sample(from, example.value).filter((_, i) => i % channels === 0);
          }}
        >
          {t("try.example")}
        </button>
      </div>
    </section>
  );
}
