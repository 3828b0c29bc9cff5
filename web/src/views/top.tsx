/** The top of the page: data and network to choose, the views, sharing, light and dark. */
import { changes, choose, datasetName, own, text, view, type View } from "../state/lab.ts";
import { presetsOf, settingsOf, type Preset } from "../presets.ts";
import { switchTheme, theme } from "../state/theme.ts";
import { maybe, t } from "../texts/text.ts";
import { truth } from "../truth.ts";
import { Share } from "./share.tsx";

const SHOWN: View[] = ["train", "look", "try", "compare", "small", "exercise", "data"];

export function Top() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <header class="top">
      <h1 class="brand">
        <Logo />
        {t("app.title")}
      </h1>
      <div class="pickers">
        <DatasetPicker />
        <PresetPicker />
      </div>
      <div class="tools">
        <Share />
        <button class="icon" type="button" onClick={switchTheme} aria-label={t("theme.switch", { theme: t(`theme.${other}`) })}>
          {theme.value === "dark" ? "☀" : "☾"}
        </button>
      </div>
    </header>
  );
}

export function Views() {
  return (
    <nav class="views" aria-label={t("view.all")}>
      {SHOWN.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={view.value === name ? "page" : undefined}
          onClick={() => (view.value = name)}
        >
          {t(`view.${name}`)}
        </button>
      ))}
    </nav>
  );
}

export const datasetTitle = (name: string): string => maybe(`dataset.${name}`) ?? name;

function DatasetPicker() {
  return (
    <label>
      {t("dataset.label")}
      <select
        value={datasetName.value}
        onChange={(event) => {
          const name = event.currentTarget.value;
          if (name === "") view.value = "data";
          else choose(name);
        }}
      >
        {[...Object.keys(truth.datasets), ...own.value.keys()].map((name) => (
          <option key={name} value={name}>
            {datasetTitle(name)}
          </option>
        ))}
        <option value="">{t("dataset.own")}</option>
      </select>
    </label>
  );
}

export function presetTitle(preset: Preset): string {
  const { name } = preset;
  return preset.question ? t("preset.question", { number: preset.question, name }) : name;
}

function PresetPicker() {
  const presets = presetsOf(datasetName.value);
  const isLike = (preset: Preset) =>
    preset.architecture === text.value && JSON.stringify(settingsOf(preset)) === JSON.stringify(changes.value);
  const chosen = presets.find(isLike) ?? presets.find((preset) => preset.architecture === text.value);
  if (!presets.length) return null;
  return (
    <label>
      {t("preset.label")}
      <select
        value={chosen?.key ?? ""}
        onChange={(event) => {
          const preset = presets.find((one) => one.key === event.currentTarget.value);
          if (preset) choose(preset.dataset, preset.architecture, settingsOf(preset));
        }}
      >
        {presets.map((preset) => (
          <option key={preset.key} value={preset.key}>
            {presetTitle(preset)}
          </option>
        ))}
        {chosen ? null : <option value="">{t("preset.own")}</option>}
      </select>
    </label>
  );
}

function Logo() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d="M3 4 8 8 3 12M8 8h5" stroke="var(--blue)" stroke-width="1.4" fill="none" />
      <circle cx="3" cy="4" r="2" fill="var(--blue)" />
      <circle cx="3" cy="12" r="2" fill="var(--blue)" />
      <circle cx="8" cy="8" r="2.2" fill="var(--orange-bright)" />
      <circle cx="13" cy="8" r="2" fill="var(--blue)" />
    </svg>
  );
}
