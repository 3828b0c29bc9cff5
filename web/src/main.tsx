/** Starts the page: engine and data unpacked, the views drawn. */
import { render } from "preact";
import { Engine, EngineError } from "./engine/engine.ts";
import { engineModule, hasSimd } from "./data/packed.ts";
import { keepAddress } from "./state/address.ts";
import { engine, module, trouble } from "./state/lab.ts";
import { t } from "./texts/text.ts";
import { App } from "./views/app.tsx";
import "./styles.css";

async function begin(): Promise<void> {
  if (!hasSimd()) {
    trouble.value = t("app.noSimd");
    return;
  }
  const compiled = await engineModule();
  engine.value = await Engine.start(compiled);
  module.value = compiled;
}

function explain(problem: unknown): void {
  // An engine that has refused is at its end; another takes its place.
  if (problem instanceof EngineError && module.value) void Engine.start(module.value).then((next) => (engine.value = next));
  trouble.value = t("app.trouble", { message: problem instanceof Error ? problem.message : String(problem) });
}

addEventListener("error", (event) => {
  // The size of a chart may change again while it is being measured, which browsers report as an error.
  if (!event.message.startsWith("ResizeObserver")) explain(event.error ?? event.message);
});
addEventListener("unhandledrejection", (event) => explain(event.reason));

keepAddress();
const root = document.getElementById("app");
if (root) render(<App />, root);
begin().catch(explain);
