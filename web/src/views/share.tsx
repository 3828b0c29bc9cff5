/** The menu that copies a link, a command line, Python or Keras code. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { address } from "../state/address.ts";
import { model } from "../state/lab.ts";
import { commandLine, kerasLines, pythonCode } from "../state/share.ts";
import { t, type TextKey } from "../texts/text.ts";

const CHOICES: [TextKey, () => string][] = [
  ["share.link", () => location.href.replace(/#.*/, "") + address()],
  ["share.command", commandLine],
  ["share.python", pythonCode],
  ["share.keras", kerasLines],
];

export function Share() {
  const isOpen = useSignal(false);
  const told = useSignal<string | null>(null);
  const menu = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !menu.current?.contains(event.target as Node))
        isOpen.value = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, [isOpen]);

  const copy = async (text: string) => {
    isOpen.value = false;
    told.value = (await copied(text)) ? t("share.copied") : t("share.failed");
    setTimeout(() => (told.value = null), 1800);
  };

  return (
    <div class="anchor" ref={menu}>
      <button type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        {t("share.title")}
      </button>
      {isOpen.value ? (
        <div class="popover">
          {CHOICES.map(([key, text]) => (
            <button key={key} type="button" disabled={key === "share.keras" && !model.value} onClick={() => void copy(text())}>
              {t(key)}
            </button>
          ))}
        </div>
      ) : null}
      <div role="status">{told.value ? <span class="toast">{told.value}</span> : null}</div>
    </div>
  );
}

/** Puts a text on the clipboard, by the old way where a page from a file may not use the new one. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way there is without permission
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
