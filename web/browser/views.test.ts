/** Every view at the size of a desk and of a phone: used as a person would, without a violation that axe finds. */
import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { button, DESK, launch, open, PHONE, train, type Opened } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const SIZES = { desk: DESK, phone: PHONE };
const PULSES = `#data=pulses&network=${encodeURIComponent("gru(3) - dense(1)")}&epochs=3&seeds=2`;
const DIGITS = "#data=mnist56&epochs=2&seeds=2&network=" + encodeURIComponent("conv(3, 3x3) - maxpool(3) - conv(3, 3x3) - maxpool(3) - flatten - dense(5) - dense(1)");

async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
}

async function show({ page }: Opened, view: string): Promise<void> {
  await page.getByRole("navigation").getByRole("button", { name: view, exact: true }).click();
  await page.waitForTimeout(150);
}

async function check(opened: Opened, where: string): Promise<void> {
  expect(await violations(opened.page), where).toEqual([]);
  const isWide = await opened.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(isWide, `${where} scrolls sideways`).toBe(false);
  expect(opened.said, where).toEqual([]);
}

it.each(Object.entries(SIZES))("shows every view of a network of images at the size of a %s", async (_, size) => {
  const opened = await open(browser, size, DIGITS);
  const { page } = opened;
  await check(opened, "untrained");
  await train(page);
  await check(opened, "Train");

  await show(opened, "Look inside");
  await page.getByRole("button", { name: "Convolution 1, map 1" }).click();
  await page.getByText(/1 switched off: Accuracy is/).waitFor();
  await check(opened, "Look inside");
  await button(page, "Switch all on again").click();
  await page.getByRole("button", { name: /of class 5 taken for 5/ }).click();
  await page.getByRole("heading", { name: "5, taken for 5" }).waitFor();
  await page.getByRole("application", { name: /kernel at row 8, column 8/ }).focus();
  await page.keyboard.press("ArrowDown");
  await page.getByRole("application", { name: /kernel at row 9, column 8/ }).waitFor();
  await check(opened, "Look inside, a cell opened");

  await show(opened, "Try it");
  const pad = page.getByRole("application", { name: /Draw a 5 or a 6/ });
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error("there is no pad");
  await page.mouse.move(box.x + 60, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 60, box.y + 200, { steps: 6 });
  await page.mouse.up();
  await page.getByRole("group", { name: "The network says" }).waitFor();
  await button(page, "Clear").click();
  await page.getByText("Draw something").waitFor();
  await pad.focus();
  await page.keyboard.press("Space");
  await page.getByRole("group", { name: "The network says" }).waitFor();
  await check(opened, "Try it");

  await show(opened, "Exercise");
  await page.getByLabel("Your answer to question 1").fill("It is 99 % accurate.");
  await button(page, "Add what is measured now").click();
  await page.getByText(/185 weights, 2 seeds/).last().waitFor();
  await check(opened, "Exercise");
  await show(opened, "Data");
  await check(opened, "Data");
  await opened.close();
});

it.each(Object.entries(SIZES))("shows every view of a network of sequences at the size of a %s", async (_, size) => {
  const opened = await open(browser, size, PULSES);
  const { page } = opened;
  await train(page);
  await show(opened, "Look inside");
  await button(page, "node 2").click();
  await page.getByText(/1 switched off: Normalised error is/).waitFor();
  await button(page, "update").click();
  await check(opened, "Look inside");
  await show(opened, "Try it");
  const pad = page.getByRole("slider", { name: /Input at every step/ });
  await pad.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => pad.getAttribute("aria-valuetext")).toBe("step 1: 0.10");
  await check(opened, "Try it");
  await show(opened, "Compare");
  await page.getByRole("region", { name: "Which is better?" }).getByRole("spinbutton", { name: "Seeds" }).fill("2");
  await page.keyboard.press("Tab");
  await button(page, "Compare over 2 seeds").click();
  await page.getByText(/is better: by|No difference can be told/).first().waitFor();
  await check(opened, "Compare");
  await page.getByLabel("Values, with commas between").fill("0.01, much");
  await page.getByText("These are no values of this setting").waitFor();
  await page.getByLabel("Values, with commas between").fill("0.001, 0.01");
  await button(page, "Try them all").click();
  await page.getByText(/^Best: Learning rate 0\.0/).waitFor();
  await check(opened, "Compare, one setting");
  await show(opened, "How small?");
  await page.getByLabel("Seconds").fill("3");
  await button(page, "Race").click();
  await page.getByText(/[1-9]\d* networks tried/).waitFor();
  await button(page, "Race").waitFor();
  await check(opened, "How small?");
  await opened.close();
});

it("is as good in the dark, and in the light again", async () => {
  const opened = await open(browser, DESK, DIGITS);
  await train(opened.page);
  await button(opened.page, "Switch to the Dark theme").click();
  await check(opened, "dark");
  await show(opened, "Look inside");
  await check(opened, "dark, Look inside");
  await button(opened.page, "Switch to the Light theme").click();
  await opened.close();
});

it("keeps everything in its address", async () => {
  const opened = await open(browser, DESK, "#data=r3&seeds=3&learning_rate=0.01&view=data&network=" + encodeURIComponent("flatten - dense(3)"));
  const { page } = opened;
  expect(await page.getByRole("textbox", { name: "The same as text" }).inputValue()).toBe("flatten - dense(3)");
  await page.getByRole("heading", { name: "Square or rectangle" }).waitFor();
  await page.getByRole("textbox", { name: "The same as text" }).fill("conv(2) - flatten - dense(3)");
  await page.waitForFunction(() => location.hash.includes("conv%282%29"));
  expect(page.url()).toContain("learning_rate=0.01");
  expect(opened.said).toEqual([]);
  await opened.close();
});
