/** The page: what is chosen on top, the network at the side, and one view. */
import { dataset, engine, trouble, view } from "../state/lab.ts";
import { t } from "../texts/text.ts";
import { Build } from "./build.tsx";
import { Controls } from "./controls.tsx";
import { Guide } from "./guide.tsx";
import { Top, Views } from "./top.tsx";
import { VIEWS } from "./views.ts";

export function App() {
  const Shown = VIEWS[view.value];
  const isReady = dataset.value && engine.value;
  return (
    <>
      <a class="skip" href="#view" onClick={skip}>
        {t("app.skip")}
      </a>
      <Top />
      <Views />
      <main>
        <div class="side stack">
          <Build />
        </div>
        <div class="stack" id="view" tabIndex={-1}>
          {trouble.value ? (
            <p class="card error" role="alert">
              {trouble.value}
            </p>
          ) : null}
          <Guide />
          <Controls />
          {isReady ? <Shown /> : <p class="card soft">{t("app.loading")}</p>}
        </div>
      </main>
    </>
  );
}

/** The address keeps the state, so the link may not change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("view")?.focus();
}
