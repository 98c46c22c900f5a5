// Pages in one browser, each watched: whatever it loads, complains of or tries to run fails the test.

import assert from "node:assert/strict";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

let browser;
after(() => browser?.close());

export async function withPage(file, use, { colorScheme = "light", viewport = { width: 1280, height: 900 }, expects, ...options } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.TRAILMETER_BROWSER || undefined });
  const context = await browser.newContext({ colorScheme, viewport, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const seen = [];
  page.on("console", (message) => seen.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.push(`error: ${error.stack}`));
  page.on("dialog", (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on("request", (request) => {
    // The page itself, and the empty icon that is in it.
    if (request.url() !== url && request.url() !== "data:,") seen.push(`request: ${request.url().slice(0, 200)}`);
  });
  page.on("popup", () => seen.push("a window opened"));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
      window.violations.push(`${violatedDirective} ${blockedURI} ${sample}`),
    );
  });
  await page.goto(url);
  await page.waitForSelector("html[data-state=drawn]", { state: "attached" });
  const result = await use(page);
  const violations = await page.evaluate(() => window.violations);
  assert.equal(page.url().split("#")[0], url, "the page led somewhere else");
  await context.close();
  const unexpected = [...seen, ...violations].filter((one) => !expects?.test(one));
  assert.deepEqual(unexpected, [], "what the page did that it must not");
  return result;
}

// Texts of all that a selector finds.
export function texts(page, selector) {
  return page.locator(selector).allTextContents();
}

// Opens the timeline as a table. Browsers tell of an opened `details` in a task of its own, after the press: the page fills
// the table only then.
export async function openTimelineTable(page) {
  await page.locator("#timeline-table summary").click();
  await page.locator("#timeline-table tbody tr").first().waitFor();
}

// `1,234` as a number.
export function whole(text) {
  return Number(text.replaceAll(",", ""));
}

// `12 of 345 findings`: the first figure.
export async function found(page) {
  const status = await page.locator("#findings-status").textContent();
  return status.startsWith("None") ? 0 : whole(status.split(" ")[0]);
}

export async function column(page, field) {
  return field === "time" ? texts(page, "#findings-table tbody th button") : texts(page, `#findings-table td[data-field="${field}"]`);
}
