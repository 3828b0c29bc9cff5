/** Files that go in and out of the page. */
import { readFileSync, writeFileSync } from "node:fs";
import { strToU8, zipSync } from "fflate";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readNetworkFile } from "../src/data/network-file.ts";
import { button, DESK, launch, open, train } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

it("saves a network and opens it again, and Python's as well", async () => {
  const { page, said, close } = await open(browser, DESK, "#seeds=1&epochs=2&first=3");
  await train(page);
  const accuracy = await page.locator(".headline .figure b").first().textContent();
  const downloading = page.waitForEvent("download");
  await button(page, "Save the network").click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("mnist56-seed3.netlet");
  const path = await download.path();
  // For Python, which opens it in tests/web/test_page.py.
  if (process.env.NETLET_SAVED) writeFileSync(process.env.NETLET_SAVED, readFileSync(path));
  expect(readNetworkFile(readFileSync(path), "it").weights.length).toBe(185);

  await page.getByRole("combobox", { name: "Data" }).selectOption("crt");
  await page.getByLabel("Open a network").setInputFiles({ name: "again.netlet", mimeType: "", buffer: readFileSync(path) });
  await page.locator(".headline .figure b").first().getByText(accuracy ?? "none", { exact: true }).waitFor();
  const native = process.env.NETLET_NATIVE;
  if (native) {
    await page.getByLabel("Open a network").setInputFiles(native);
    await page.getByText("seed 7", { exact: true }).first().waitFor();
  }
  const scaled = process.env.NETLET_SCALED;
  if (scaled) {
    await page.getByLabel("Open a network").setInputFiles(scaled);
    await page.locator(".headline").getByText("Normalised error, validation").waitFor();
    const error = await page.locator(".headline .figure b").first().textContent();
    expect(Number(error)).toBeCloseTo(Number(process.env.NETLET_SCALED_ERROR), 3);
  }
  await page.getByLabel("Open a network").setInputFiles({ name: "bad.netlet", mimeType: "", buffer: Buffer.from("no") });
  await page.getByText("bad.netlet is not a network that netlet has saved, or is damaged").waitFor();
  expect(said).toEqual([]);
  await close();
});

/** A picture of one shade, as a bitmap file. */
function bitmap(size: number, shade: (x: number, y: number) => number): Uint8Array {
  const row = Math.ceil((size * 3) / 4) * 4;
  const bytes = new Uint8Array(54 + row * size);
  const view = new DataView(bytes.buffer);
  bytes.set(strToU8("BM"));
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, size, true);
  view.setInt32(22, size, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) bytes.fill(shade(x, y), 54 + y * row + x * 3, 57 + y * row + x * 3);
  return bytes;
}

it("learns one's own images from a zip, and a table", async () => {
  const { page, said, close } = await open(browser, DESK, "#view=data&seeds=2&epochs=20");
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 40; i++) {
    files[`shades/left/${i}.bmp`] = bitmap(12, (x) => (x < 6 ? 200 + i : 10));
    files[`shades/right/${i}.bmp`] = bitmap(12, (x) => (x < 6 ? 10 : 200 + i));
  }
  await page.getByLabel("Choose files").setInputFiles({ name: "shades.zip", mimeType: "application/zip", buffer: Buffer.from(zipSync(files)) });
  await page.getByRole("heading", { name: "shades" }).waitFor();
  await page.getByText("64 to learn from, 16 to validate on.").waitFor();
  await train(page);
  const lines = Array.from({ length: 60 }, (_, i) => `${i},${(i * 7) % 13},${i < 30 ? "low" : "high"}`);
  const table = Buffer.from(["a,b,size", ...lines].join("\n"));
  await page.getByLabel("Choose files").setInputFiles({ name: "sizes.csv", mimeType: "text/csv", buffer: table });
  await page.getByRole("heading", { name: "sizes.csv" }).waitFor();
  await train(page);
  const downloading = page.waitForEvent("download");
  await button(page, "Save the network").click();
  const saved = await downloading;
  if (process.env.NETLET_SAVED) await saved.saveAs(`${process.env.NETLET_SAVED}.table`);
  await page.getByLabel("Choose files").setInputFiles({ name: "odd.bin", mimeType: "", buffer: Buffer.from("?") });
  await page.getByText("odd.bin cannot be read here: give a folder or zip of images, one .csv or one .npz").waitFor();
  expect(said).toEqual([]);
  await close();
});
