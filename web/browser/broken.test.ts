/** Two hundred broken files dropped on the page: each is refused in one clear line, or read as what is left of it. */
import { strToU8, zipSync } from "fflate";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeNpy } from "../src/data/npy.ts";
import { Random } from "../src/data/random.ts";
import { DESK, launch, open } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const DROPPED = 200;
const random = new Random(11, 0);
const below = (n: number) => Math.floor(random.uniform() * n);

/** The smallest PNG there is: one grey pixel. */
const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==", "base64");
const images = zipSync(Object.fromEntries(["a", "b"].flatMap((name) => Array.from({ length: 10 }, (_, i) => [`${name}/${i}.png`, PIXEL]))));
const arrays = zipSync({
  "x.npy": writeNpy(Float32Array.from({ length: 60 }, (_, i) => i), [30, 2]),
  "y.npy": writeNpy(Float32Array.from({ length: 30 }, (_, i) => i % 2), [30]),
});
const table = strToU8(["a,b,c", ...Array.from({ length: 30 }, (_, i) => `${i},${i * i},${i % 3}`)].join("\n"));
const WHOLE: [string, Uint8Array][] = [
  ["images.zip", images],
  ["arrays.npz", arrays],
  ["table.csv", table],
  ["picture.png", PIXEL],
];

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice(0, random.uniform() < 0.5 ? below(bytes.length) : bytes.length);
  for (let i = below(8); i >= 0; i--) if (copy.length) copy[below(copy.length)] = below(256);
  return copy;
}

it("refuses each in one line, and works on", async () => {
  const { page, said, close } = await open(browser, DESK, "#view=data");
  const files = Array.from({ length: DROPPED }, (_, i) => {
    const [name, bytes] = WHOLE[i % WHOLE.length] ?? ["", new Uint8Array()];
    return { name: `${i}-${name}`, content: Buffer.from(damaged(bytes)).toString("base64") };
  });
  const told = await page.evaluate(async (all) => {
    const drop = document.querySelector(".drop");
    const found: (string | null)[] = [];
    for (const { name, content } of all) {
      const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name));
      drop?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      const until = performance.now() + 5000;
      do await new Promise((resolve) => setTimeout(resolve, 5));
      while (drop?.querySelector("[role=status]")?.textContent && performance.now() < until);
      found.push(drop?.querySelector("[role=alert]")?.textContent ?? null);
    }
    return found;
  }, files);
  expect(told.length).toBe(DROPPED);
  const refused = told.filter((line) => line !== null);
  expect(refused.length).toBeGreaterThan(DROPPED / 2);
  for (const line of refused) {
    expect(line.length).toBeLessThan(220);
    expect(line).not.toMatch(/\n|undefined|NaN|\[object|Error:/);
  }
  await page.getByRole("combobox", { name: "Data" }).selectOption("mnist56");
  await page.locator(".controls .primary:enabled").waitFor();
  expect(said).toEqual([]);
  await close();
});
