/** Light or dark: as the system has it, unless somebody has chosen. */
import { computed, effect, signal } from "@preact/signals";

const system = matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(system.matches);
system.addEventListener("change", () => (isSystemDark.value = system.matches));

const chosen = signal<"light" | "dark" | null>(null);

export const theme = computed<"light" | "dark">(() => chosen.value ?? (isSystemDark.value ? "dark" : "light"));

export function switchTheme(): void {
  chosen.value = theme.value === "dark" ? "light" : "dark";
}

effect(() => {
  if (chosen.value) document.documentElement.dataset.theme = chosen.value;
});
