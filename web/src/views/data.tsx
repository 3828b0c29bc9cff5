/** The data: what there is of it, and a way to bring one's own. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { grouped } from "../architecture/python.ts";
import { chosen, dropped, type OwnFile } from "../data/own/files.ts";
import { readOwn } from "../data/own/read.ts";
import { Pixels } from "../pictures/pixels.tsx";
import { addOwn, dataset } from "../state/lab.ts";
import { maybe, t } from "../texts/text.ts";
import { DrawClasses } from "./draw-classes.tsx";
import { labelOf } from "./glimpse.tsx";
import { sample, target } from "../state/inside.ts";
import { Signals } from "./signals.tsx";
import { ExamplePicker } from "./example.tsx";
import { datasetTitle } from "./top.tsx";

const EXAMPLES_A_CLASS = 12;

export function Data() {
  return (
    <>
      <Own />
      <DrawClasses />
      <Present />
    </>
  );
}

function Own() {
  const problem = useSignal<string | null>(null);
  const isOver = useSignal(false);
  const isReading = useSignal(false);
  const take = async (files: Promise<OwnFile[]>) => {
    problem.value = null;
    isReading.value = true;
    try {
      addOwn(await readOwn(await files));
    } catch (error) {
      problem.value = error instanceof Error ? error.message : String(error);
    } finally {
      isReading.value = false;
    }
  };
  // A file that misses the frame must not open in the place of the page.
  useEffect(() => {
    const keep = (event: DragEvent) => event.preventDefault();
    document.addEventListener("dragover", keep);
    document.addEventListener("drop", keep);
    return () => {
      document.removeEventListener("dragover", keep);
      document.removeEventListener("drop", keep);
    };
  }, []);
  return (
    <section class="card" aria-labelledby="own-title">
      <h2 id="own-title">{t("data.own")}</h2>
      <div
        class={`drop${isOver.value ? " over" : ""}`}
        onDragEnter={() => (isOver.value = true)}
        onDragOver={(event) => event.preventDefault()}
        onDragLeave={() => (isOver.value = false)}
        onDrop={(event) => {
          event.preventDefault();
          isOver.value = false;
          if (event.dataTransfer) void take(dropped(event.dataTransfer));
        }}
      >
        <b>{isOver.value ? t("data.isDropping") : t("data.drop")}</b>
        <small>{t("data.private")}</small>
        <span class="row">
          <Chooser label={t("data.choose")} take={take} />
          <Chooser label={t("data.chooseFolder")} take={take} isFolder />
        </span>
        <p role="status">{isReading.value ? t("data.reading") : ""}</p>
        {problem.value ? (
          <p class="error" role="alert">
            {problem.value}
          </p>
        ) : null}
      </div>
    </section>
  );
}

function Chooser({ label, take, isFolder }: { label: string; take: (files: Promise<OwnFile[]>) => Promise<void>; isFolder?: boolean }) {
  return (
    <label class="file">
      <span>{label}</span>
      <input
        type="file"
        multiple
        {...(isFolder ? { webkitdirectory: true } : { accept: ".zip,.csv,.tsv,.npz,image/*" })}
        onChange={(event) => {
          const input = event.currentTarget;
          void take(chosen(input.files ?? [])).then(() => (input.value = ""));
        }}
      />
    </label>
  );
}

function Present() {
  const data = dataset.value;
  if (!data) return null;
  const { counts } = data;
  const many = (name: string) => grouped(counts[name] ?? 0);
  return (
    <section class="card" aria-labelledby="present-title">
      <header>
        <h2 id="present-title">{datasetTitle(data.name)}</h2>
        <small>{data.source}</small>
      </header>
      <p>{maybe(`dataset.about.${data.name}`)}</p>
      <p class="soft">
        {counts.test
          ? t("data.counts", { training: many("training"), validation: many("validation"), test: many("test") })
          : t("data.countsOfTwo", { training: many("training"), validation: many("validation") })}
      </p>
      {data.notes?.length ? (
        <ul class="soft">
          {data.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      {data.inputShape.length === 3 ? <Gallery /> : null}
      {data.inputShape.length === 2 ? (
        <>
          <ExamplePicker />
          <Signals height={220} />
        </>
      ) : null}
    </section>
  );
}

/** Training images of every class. */
function Gallery() {
  const data = dataset.value;
  const from = data?.splits.training;
  if (!data || !from) return null;
  const [height = 1, width = 1, channels = 1] = data.inputShape;
  const rows = data.classNames.map((_, label) => {
    const found: number[] = [];
    for (let i = 0; i < from.count && found.length < EXAMPLES_A_CLASS; i++) if (labelOf(target(from, i)) === label) found.push(i);
    return found;
  });
  return (
    <>
      {rows.map((examples, label) => (
        <div key={label} class="layer-row">
          <small>{data.classNames[label]}</small>
          <div class="thumbs">
            {examples.map((i) => (
              <Pixels key={i} values={sample(from, i)} height={height} width={width} channels={channels} colours="grey" size={56} />
            ))}
          </div>
        </div>
      ))}
    </>
  );
}
