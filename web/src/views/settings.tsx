/** How it learns: the settings of a training, and a change of the rate in the middle. */
import { changes, firstSeed, goal, hasEffect, known, setting, training } from "../state/lab.ts";
import { changeRate, isOver, session } from "../state/training.ts";
import { number, t, type TextKey } from "../texts/text.ts";
import { truth, type Training } from "../truth.ts";
import { Whole } from "./controls.tsx";

export function Settings() {
  const settings = training.value;
  const isChanged = Object.keys(changes.value).length > 0;
  const isSequence = known.value?.inputShape.length === 2;
  const has = (name: keyof Training) => hasEffect(name, settings);
  return (
    <section class="card" aria-labelledby="settings-title">
      <header>
        <h2 id="settings-title">{t("settings.title")}</h2>
        {isChanged ? (
          <button class="quiet" type="button" onClick={() => (changes.value = {})}>
            {t("settings.reset")}
          </button>
        ) : null}
      </header>
      <Rate />
      <div class="settings">
        <NumberSetting name="epochs" least={1} most={5000} isWhole />
        <NumberSetting name="batch_size" least={1} most={100000} isWhole />
        <Choice name="optimizer" />
        <Choice name="schedule" />
        {has("loss") ? <Choice name="loss" /> : null}
        {isSequence ? (
          <NumberSetting name="truncation" least={1} most={known.value?.inputShape[0] ?? 1} isWhole empty={t("settings.whole")} />
        ) : null}
        {has("loss") && settings.loss !== "mse" ? null : <GoalSetting />}
      </div>
      <details>
        <summary class="soft">{t("settings.more")}</summary>
        <div class="settings">
          {has("momentum") ? <NumberSetting name="momentum" least={0} most={0.9999} /> : null}
          {has("nesterov") ? <Flag name="nesterov" /> : null}
          {has("weight_decay") ? <NumberSetting name="weight_decay" least={0} most={1} /> : null}
          {has("plateau_factor") ? <NumberSetting name="plateau_factor" least={0.0001} most={0.9999} /> : null}
          {has("plateau_patience") ? <NumberSetting name="plateau_patience" least={1} most={5000} isWhole /> : null}
          <NumberSetting name="l2" least={0} most={100} />
          <NumberSetting name="clip_norm" least={1e-9} most={1e9} empty={t("settings.never")} />
          <NumberSetting name="global_clip_norm" least={1e-9} most={1e9} empty={t("settings.never")} />
          <NumberSetting name="patience" least={1} most={5000} isWhole empty={t("settings.never")} />
          <Flag name="shuffle" />
          <label>
            {t("train.firstSeed")}
                <Whole value={firstSeed.value} least={0} most={2 ** 31} set={(n) => (firstSeed.value = n)} />
          </label>
        </div>
      </details>
    </section>
  );
}

/** The rate on a logarithmic slider: a tenth of a decade a step. */
function Rate() {
  const rate = training.value.learning_rate;
  const now = session.value;
  const isUnderWay = now !== null && !isOver.value;
  return (
    <div class="row">
      <label class="grow">
        <span>
          {t("settings.learning_rate")}: <b>{number(rate, 3)}</b>
        </span>
        <input
          type="range"
          min={-40}
          max={10}
          step={1}
          value={Math.round(10 * Math.log10(rate))}
          aria-valuetext={number(rate, 3)}
          onInput={(event) => setting("learning_rate", Number((10 ** (event.currentTarget.valueAsNumber / 10)).toPrecision(2)))}
        />
      </label>
      <label>
        <span class="hidden">{t("settings.learning_rate")}</span>
        <input
          type="number"
          min={0}
          step="any"
          value={rate}
          onChange={(event) => {
            const chosen = event.currentTarget.valueAsNumber;
            if (chosen > 0 && Number.isFinite(chosen)) setting("learning_rate", chosen);
            else event.currentTarget.value = String(rate);
          }}
        />
      </label>
      {isUnderWay && now.training.learning_rate !== rate ? (
        <button type="button" onClick={() => changeRate(rate)}>
          {t("settings.rateNow")}
        </button>
      ) : null}
    </div>
  );
}

/** Where to stop early, in per cent of accuracy or as a normalised error. */
function GoalSetting() {
  const isShare = known.value?.task !== "regression";
  const unit = isShare ? 100 : 1;
  return (
    <label>
      {t(isShare ? "settings.goalAccuracy" : "settings.goalError")}
      <input
        type="number"
        min={0}
        max={isShare ? 100 : 10}
        step="any"
        placeholder={t("settings.never")}
        value={goal.value === null ? "" : Number((unit * goal.value).toPrecision(6))}
        onChange={(event) => {
          const chosen = event.currentTarget.valueAsNumber / unit;
          goal.value = chosen > 0 && (!isShare || chosen <= 1) ? chosen : null;
          if (goal.value === null) event.currentTarget.value = "";
        }}
      />
    </label>
  );
}

type NumberName = "epochs" | "batch_size" | "truncation" | "momentum" | "l2" | "clip_norm" | "global_clip_norm" | "patience" | "weight_decay" | "plateau_factor" | "plateau_patience";

interface NumberProps {
  name: NumberName;
  least: number;
  most: number;
  isWhole?: boolean;
  /** What it means if nothing is given. */
  empty?: string;
}

function NumberSetting({ name, least, most, isWhole, empty }: NumberProps) {
  const value = training.value[name];
  return (
    <label title={truth.settings[name].help}>
      {t(`settings.${name}`)}
      <input
        type="number"
        min={least}
        max={most}
        step={isWhole ? 1 : "any"}
        placeholder={empty ?? ""}
        value={value ?? ""}
        onChange={(event) => {
          const written = event.currentTarget.value;
          const chosen = Number(written);
          if (written === "" && empty !== undefined) setting(name, null);
          else if (written !== "" && chosen >= least && chosen <= most && (!isWhole || Number.isInteger(chosen)))
            setting(name, chosen);
          else event.currentTarget.value = value === null ? "" : String(value);
        }}
      />
    </label>
  );
}

function Choice({ name }: { name: "optimizer" | "schedule" | "loss" }) {
  const { choices } = truth.settings[name];
  return (
    <label title={truth.settings[name].help}>
      {t(`settings.${name}`)}
      <select value={training.value[name]} onChange={(event) => setting(name, event.currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    </label>
  );
}

type FlagName = { [K in keyof Training]: Training[K] extends boolean ? K : never }[keyof Training];

function Flag({ name }: { name: FlagName }) {
  const key: TextKey = `settings.${name}`;
  return (
    <label>
      {t(key)}
      <select value={String(training.value[name])} onChange={(event) => setting(name, event.currentTarget.value === "true")}>
        <option value="true">{t("build.yes")}</option>
        <option value="false">{t("build.no")}</option>
      </select>
    </label>
  );
}
