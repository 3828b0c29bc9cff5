/** The exercise as a path, and the files that the command line takes (tests/web/test_exercise.py reads them). */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { button, DESK, launch, open } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

async function downloaded(page: Page, name: string, what: string): Promise<string> {
  const downloading = page.waitForEvent("download");
  await button(page, name).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(what);
  const folder = process.env.NETLET_ANSWERS;
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await download.saveAs(join(folder, what));
  }
  return readFileSync(await download.path(), "utf-8");
}

it("leads through questions, keeps what is written, and hands it in and prints it", async () => {
  const { page, said, close } = await open(browser, DESK, "#view=exercise&seeds=2");
  await button(page, "the cell's network").click();
  await page.getByRole("heading", { name: "Question 1: Fives and sixes" }).waitFor();
  await page.getByRole("status").getByText(/trained in/).waitFor({ timeout: 200_000 });
  await button(page, "Add what is measured now").click();
  await page.getByText("1 measured for it").waitFor();
  await button(page, "Write the answer").click();
  await page.getByText(/the cell's network: 185 weights, 2 seeds/).waitFor();
  const hard = "# It works\n## very well\n<!-- no comment --> and ![no figure](x.png), above 98 %.\n\n```network\nno = network\n```";
  await page.getByLabel("Your answer to question 1").fill(hard);
  await button(page, "Next question").click();
  await page.getByRole("textbox", { name: "The same as text" }).fill("conv(2, 5x5, strides=3) - globalmaxpool - dense(1)");
  await page.locator(".settings").getByLabel("Your name").fill("Ada");
  await page.getByLabel("Summary").fill("Small is enough.");
  await page.locator(".controls .primary").click();
  await page.getByRole("status").getByText(/trained in/).waitFor({ timeout: 200_000 });
  await button(page, "Add what is measured now").click();
  await page.getByText(/my network of 55 weights: 55 weights, 2 seeds/).waitFor();
  await button(page, "6 A first recurrent network").click();
  await page.getByRole("combobox", { name: "Data" }).selectOption("pulses");
  await page.getByRole("textbox", { name: "The same as text" }).fill("rnn(2) - dense(1)");
  await page.locator(".controls .primary:enabled").getByText("Train", { exact: true }).click();
  await page.getByRole("status").getByText(/trained in/).waitFor({ timeout: 200_000 });
  await button(page, "Add what is measured now").click();
  await page.getByText(/my network of 11 weights: 11 weights, 2 seeds/).waitFor();

  const markdown = await downloaded(page, "Download answers.md", "answers.md");
  expect(markdown).toMatch(/^# Ada\n/);
  expect(markdown).toContain('```network\nname = "my network of 55 weights"\narchitecture = ');
  const results = JSON.parse(await downloaded(page, "Download results.json", "results.json")) as { answers: Record<string, unknown> };
  expect(Object.keys(results.answers)).toEqual(["q1", "q2", "q6"]);

  await page.reload();
  await page.getByText("3 of 9 answered").waitFor();
  expect(await page.getByLabel("Your answer to question 1").inputValue()).toBe(hard);
  await page.emulateMedia({ media: "print" });
  expect(await page.locator(".report").isVisible()).toBe(true);
  expect(await page.locator(".screen").first().isVisible()).toBe(false);
  expect((await page.pdf()).length).toBeGreaterThan(10_000);
  await page.emulateMedia({ media: "screen" });
  expect(await page.locator(".report").isVisible()).toBe(false);
  expect(said).toEqual([]);
  await close();
});
