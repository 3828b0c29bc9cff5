/** Small images of validation examples, each a way to look into it. */
import { Pixels } from "../pictures/pixels.tsx";
import { example, sample, split } from "../state/inside.ts";
import { dataset } from "../state/lab.ts";
import { t } from "../texts/text.ts";

export function Thumbs({ examples, most, note }: { examples: number[]; most: number; note?: (i: number) => string }) {
  const [from, data] = [split.value, dataset.value];
  if (!from || !data) return null;
  const isImage = data.inputShape.length === 3;
  const [height = 1, width = 1, channels = 1] = isImage ? data.inputShape : [1, data.inputShape[0] ?? 1, 1];
  return (
    <div class="thumbs">
      {examples.slice(0, most).map((i) => (
        <button
          key={i}
          type="button"
          aria-pressed={example.value === i}
          aria-label={t("look.example", { number: i })}
          onClick={() => (example.value = i)}
        >
          <Pixels values={sample(from, i)} height={height} width={width} channels={channels} colours={isImage ? "grey" : "signed"} size={56} />
          {note ? <small>{note(i)}</small> : null}
        </button>
      ))}
      {examples.length > most ? <small>{t("look.andMore", { count: examples.length - most })}</small> : null}
    </div>
  );
}
