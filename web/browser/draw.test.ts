/** Classes of one's own: drawn, learned, tried, taken along and brought back. */
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { button, launch, open, PHONE } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** A stroke from side to side, or from above to below. */
async function draw(page: Page, what: string, isFlat: boolean, shift: number): Promise<void> {
  const pad = page.getByRole("application", { name: new RegExp(`^Draw ${what}`) });
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error("there is no pad");
  const at = (along: number, across: number): [number, number] => {
    const [x, y] = isFlat ? [along, across] : [across, along];
    return [box.x + x * box.width, box.y + y * box.height];
  };
  await page.mouse.move(...at(0.2, 0.3 + shift));
  await page.mouse.down();
  await page.mouse.move(...at(0.8, 0.3 + shift));
  await page.mouse.up();
}

it("learns two classes that somebody draws with a finger's width of screen", async () => {
  const { page, said, close } = await open(browser, PHONE, "#view=data&seeds=2");
  for (const [place, name] of ["A", "B"].entries()) {
    await button(page, `Draw ${name}`).click();
    for (let i = 0; i < 10; i++) {
      await draw(page, name, place === 0, i * 0.04);
      await button(page, `Keep as ${name}`).click();
    }
  }
  await page.getByText("20 drawings are ready to be learned.").waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const downloading = page.waitForEvent("download");
  await button(page, "Download as zip").click();
  const zip = await (await downloading).path();
  await button(page, "Learn them").click();
  await page.getByRole("status").getByText(/trained in/).waitFor({ timeout: 200_000 });
  await draw(page, "A, B", true, 0.1);
  await page.getByRole("group", { name: "The network says" }).getByText(/^A/).waitFor();
  await page.getByRole("navigation").getByRole("button", { name: "Data", exact: true }).click();
  await page.getByLabel("Choose files").setInputFiles({ name: "again.zip", mimeType: "application/zip", buffer: readFileSync(zip) });
  await page.getByRole("heading", { name: "drawings", exact: true }).waitFor();
  await page.getByText("16 to learn from, 4 to validate on.").waitFor();
  expect(said).toEqual([]);
  await close();
});
