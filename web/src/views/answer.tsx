/** What the network answers, as bars, one a class. */
import { percent, t } from "../texts/text.ts";

/** Probabilities of all classes from what the network answers. */
export function probabilities(answer: ArrayLike<number>): number[] {
  const given = Array.from(answer);
  const [first = 0] = given;
  return given.length === 1 ? [1 - first, first] : given;
}

interface AnswerProps {
  classNames: string[];
  answer: ArrayLike<number>;
  /** The right class, if it is known. */
  truth?: number | undefined;
}

export function Answer({ classNames, answer, truth }: AnswerProps) {
  const shares = probabilities(answer);
  const best = shares.indexOf(Math.max(...shares));
  return (
    <div class="bars" role="group" aria-label={t("look.answer")}>
      {shares.map((share, k) => (
        <div class="bar" key={k}>
          <span>
            {classNames[k] ?? String(k)}
            {truth === k ? " ✓" : ""}
          </span>
          <span class="track">
            <i
              style={{
                transform: `scaleX(${share})`,
                background: truth === undefined || truth === best ? "var(--blue)" : "var(--orange-bright)",
                opacity: k === best ? 1 : 0.55,
              }}
            />
          </span>
          <b>{percent(share)}</b>
        </div>
      ))}
    </div>
  );
}
