/** Looking inside: what the classes look like, and tiny networks whole, of images and of tables. */
import AxeBuilder from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { button, DESK, launch, open, PHONE, train } from "./page.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

it("shows a tiny network of images whole, with its formula, and the means of the classes", async () => {
  const { page, said, close } = await open(browser, PHONE, "#view=look&seeds=1&epochs=1&network=" + encodeURIComponent("conv(1, 2x2, strides=4) - globalmaxpool - dense(1)"));
  await train(page);
  const formula = page.getByLabel("The formula it amounts to");
  expect(await formula.textContent()).toMatch(/^a1\[i, j\] = relu\([-\d.e]+\*x\[4\*i, 4\*j\] .*\np = sigmoid\(c1\)$/s);
  await button(page, "Convolution 1").last().click();
  await page.getByRole("img", { name: "6 less 5: mean of map 1 of Convolution 1" }).waitFor();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(isWide, "the page scrolls sideways").toBe(false);
  expect(said).toEqual([]);
  await close();
});

it("looks into a network of a table, and lets its numbers be moved", async () => {
  const { page, said, close } = await open(browser, DESK, "#view=data&seeds=1&epochs=40");
  const rows = Array.from({ length: 90 }, (_, i) => `${(i * 7) % 90},${(i * 13) % 31},${(i * 7) % 90 < 45 ? "low" : "high"}`);
  await page.getByLabel("Choose files").setInputFiles({ name: "sizes.csv", mimeType: "text/csv", buffer: Buffer.from(["a,b,size", ...rows].join("\n")) });
  await page.getByRole("heading", { name: "sizes.csv" }).waitFor();
  await page.getByRole("textbox", { name: "The same as text" }).fill("dense(2, tanh) - dense(1)");
  await train(page);
  await page.getByRole("navigation").getByRole("button", { name: "Look inside" }).click();
  expect(await page.getByLabel("The formula it amounts to").textContent()).toMatch(/^u1 = \(x1 - 44\.5\)\/25\.\d\n.*\na1 = tanh\([-\d.e]+\*u1 [-+] [\d.e-]+\*u2/);
  await page.getByRole("button", { name: "Dense 1, map 1" }).click();
  await page.getByText(/1 switched off: Accuracy is/).waitFor();
  await button(page, "Switch all on again").click();
  await page.getByRole("navigation").getByRole("button", { name: "Try it" }).click();
  const answer = page.getByRole("group", { name: "The network says" });
  const slider = page.getByRole("slider", { name: /^x1:/ });
  await slider.fill(await slider.getAttribute("min") ?? "0");
  const low = await answer.textContent();
  await slider.fill(await slider.getAttribute("max") ?? "0");
  expect(await answer.textContent()).not.toBe(low);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(said).toEqual([]);
  await close();
});
