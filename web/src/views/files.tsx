/** Saving the network that is looked at, and opening one. */
import { useSignal } from "@preact/signals";
import { openNetwork, saveNetwork } from "../state/files.ts";
import { session } from "../state/training.ts";
import { t } from "../texts/text.ts";

export function Files() {
  const problem = useSignal<string | null>(null);
  const open = async (file: File | undefined) => {
    problem.value = null;
    if (!file) return;
    try {
      await openNetwork(file);
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <div class="row">
      <button type="button" disabled={!session.value} title={t("train.downloadHelp")} onClick={saveNetwork}>
        {t("train.download")}
      </button>
      <label class="file">
        <span>{t("train.open")}</span>
        <input
          type="file"
          accept=".netlet,.npz"
          onChange={(event) => {
            const input = event.currentTarget;
            void open(input.files?.[0]).then(() => (input.value = ""));
          }}
        />
      </label>
      {problem.value ? (
        <p class="error" role="alert">
          {problem.value}
        </p>
      ) : null}
    </div>
  );
}
