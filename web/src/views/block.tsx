/** One layer as a block: its arguments to change, what it gives, and what is wrong with it. */
import { isRecurrent, known, withArgs, type Layer, type Shape } from "../architecture/layers.ts";
import type { Argument } from "../architecture/arguments.ts";
import { grouped } from "../architecture/python.ts";
import { maybe, t } from "../texts/text.ts";
import { truth } from "../truth.ts";
import { shapeText } from "./build.tsx";

interface BlockProps {
  layer: Layer;
  shape?: Shape;
  weights: number;
  /** The same layer with what was left open settled. */
  resolved: Layer | null;
  isLast: boolean;
  error: string | null;
  isTarget: boolean;
  change: (layer: Layer) => void;
  remove: () => void;
  up: (() => void) | null;
  down: (() => void) | null;
  drag: (event: PointerEvent) => void;
}

/** Arguments that everybody changes; the others are a press away. */
const SHOWN = ["filters", "units", "kernel_size", "pool_size", "activation", "function", "rate", "depth_multiplier"];

export const title = (layer: Layer): string => maybe(`layer.${layer.kind}`) ?? layer.kind;

function colour(layer: Layer): string {
  if (isRecurrent(layer)) return "kind-recurrent";
  if (layer.kind.includes("conv")) return "kind-conv";
  if (layer.kind.includes("pool")) return "kind-pool";
  return layer.kind === "dense" ? "kind-dense" : "kind-other";
}

export function Block(props: BlockProps) {
  const { layer, error } = props;
  const fields = known(layer.kind).fields.map((field) => field.name);
  const more = fields.filter((name) => !SHOWN.includes(name));
  const name = title(layer);
  return (
    <div class={`block ${colour(layer)}${error ? " bad" : ""}${props.isTarget ? " over" : ""}`}>
      <header>
        <span
          class="handle"
          title={t("build.drag")}
          aria-hidden="true"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            props.drag(event);
          }}
          onPointerMove={props.drag}
          onPointerUp={props.drag}
        >
          ⠿
        </span>
        <b>{name}</b>
        <button class="icon" type="button" disabled={!props.up} onClick={() => props.up?.()} aria-label={t("build.earlier", { layer: name })}>
          ↑
        </button>
        <button class="icon" type="button" disabled={!props.down} onClick={() => props.down?.()} aria-label={t("build.later", { layer: name })}>
          ↓
        </button>
        <button class="icon" type="button" onClick={props.remove} aria-label={t("build.remove", { layer: name })}>
          ✕
        </button>
      </header>
      <div class="args">
        {fields
          .filter((field) => SHOWN.includes(field))
          .map((field) => (
            <Field key={field} {...props} name={field} />
          ))}
      </div>
      {more.length ? (
        <details>
          <summary aria-label={t("build.more", { layer: name })}>{t("settings.more")}</summary>
          <div class="args">
            {more.map((field) => (
              <Field key={field} {...props} name={field} />
            ))}
          </div>
        </details>
      ) : null}
      {error ? <p class="error">{error}</p> : null}
      <footer>
        <span>{props.shape ? shapeText(props.shape) : "?"}</span>
        <span>{props.weights ? t("build.weights", { count: grouped(props.weights) }) : t("build.noWeights")}</span>
      </footer>
    </div>
  );
}

function Field({ layer, resolved, change, name }: BlockProps & { name: string }) {
  const value = layer.args[name] ?? null;
  const label = maybe(`argument.${name}`) ?? name;
  const set = (next: Argument) => change(withArgs(layer, { [name]: next }));
  const rule = known(layer.kind).rules[name] ?? name;
  const words = truth.rules[rule]?.words ?? [];
  return (
    <label>
      {label}
      {words.length ? (
        <Words name={name} value={value} words={words} settled={resolved?.args[name] ?? null} set={set} />
      ) : (
        <Numbers value={value} isSize={rule !== "length" && (name.endsWith("_size") || name === "strides")} isShare={name === "rate"} set={set} />
      )}
    </label>
  );
}

interface WordsProps {
  name: string;
  value: Argument;
  words: string[];
  settled: Argument;
  set: (value: Argument) => void;
}

function Words({ name, value, words, settled, set }: WordsProps) {
  const isFlag = words.includes("true");
  const isOpen = name === "activation" || name === "return_sequences";
  const usual = typeof settled === "boolean" ? t(settled ? "build.yes" : "build.no") : settled;
  return (
    <select
      value={value === null ? "" : String(value)}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        set(chosen === "" ? null : isFlag ? chosen === "true" : chosen);
      }}
    >
      {isOpen ? <option value="">{value === null && usual ? String(usual) : t("build.default")}</option> : null}
      {words.map((word) => (
        <option key={word} value={word}>
          {isFlag ? t(word === "true" ? "build.yes" : "build.no") : word}
        </option>
      ))}
    </select>
  );
}

interface NumbersProps {
  value: Argument;
  isSize: boolean;
  isShare: boolean;
  set: (value: Argument) => void;
}

function Numbers({ value, isSize, isShare, set }: NumbersProps) {
  if (!isSize)
    return (
      <input
        type="number"
        min={isShare ? 0 : 1}
        max={isShare ? 0.95 : truth.largestSize}
        step={isShare ? 0.05 : 1}
        value={value === null ? "" : Number(value)}
        onInput={(event) => {
          const chosen = event.currentTarget.valueAsNumber;
          if (isShare ? chosen >= 0 && chosen < 1 : Number.isInteger(chosen) && chosen >= 1) set(chosen);
        }}
      />
    );
  const pair = value as [number, number] | null;
  return (
    <input
      type="text"
      inputMode="text"
      value={pair ? (pair[0] === pair[1] ? String(pair[0]) : pair.join("x")) : ""}
      onChange={(event) => {
        const sizes = event.currentTarget.value.split(/[x×,]/).map((part) => Number(part.trim()));
        const [first, second = first] = sizes;
        const isRight = first !== undefined && second !== undefined && sizes.every((n) => Number.isInteger(n) && n > 0);
        if (isRight) set([first, second]);
        else if (event.currentTarget.value.trim() === "" && pair === null) set(null);
        else event.currentTarget.value = pair ? pair.join("x") : "";
      }}
    />
  );
}
