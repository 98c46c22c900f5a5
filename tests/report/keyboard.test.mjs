// Everything can be reached and used without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { column, found, withPage } from "./lib/browser.mjs";
import { denied, generated, logOf, report } from "./lib/command.mjs";

function logs() {
  return logOf(Array.from({ length: 60 }, (_, at) => denied(at * 7, { userName: at === 33 ? "zoe" : "alice" })));
}

const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);

// Presses Tab until the focus is there. A page is a ring: what cannot be reached is never met again.
async function tabTo(page, selector, most = 200) {
  for (let at = 0; at < most; at++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
  }
  assert.fail(`Tab does not come to ${selector}; the focus is at ${await focused(page)}`);
}

test("from the first key to a copied event", async () => {
  await withPage(report(logs()), async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the findings");
    await page.keyboard.press("Enter");
    await tabTo(page, "#filter-text", 3);
    await page.keyboard.type("zoe");
    assert.equal(await found(page), 1);
    await tabTo(page, "#findings-table th button");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#findings-table th[aria-sort]").getAttribute("aria-sort"), "ascending");
    await tabTo(page, "#findings-table tbody button");
    await page.keyboard.press("Space");
    assert.equal(await page.locator(".fields").count(), 1);
    await tabTo(page, ".detail button", 2);
    assert.equal(await focused(page), "Copy the event id");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("copied").textContent === "Copied");
    assert.equal(await focused(page), "Copy the event id", "copying keeps the focus where it was");
  });
});

test("the timeline is read and chosen by arrow keys, its detectors shown and hidden", async () => {
  await withPage(report(logs()), async (page) => {
    await tabTo(page, "#timeline-chart");
    const said = () => page.locator("#timeline-chart").getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowRight");
    assert.equal(await said(), "2026-11-16 00:00 to 2026-11-16 01:00 UTC: 9 matches. AccessDenied 9");
    await page.keyboard.press("ArrowRight");
    assert.equal(await said(), "2026-11-16 01:00 to 2026-11-16 02:00 UTC: 9 matches. AccessDenied 9");
    await page.keyboard.press("End");
    assert.match(await said(), /^2026-11-16 06:00 to 2026-11-16 07:00 UTC/);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Home");
    assert.match(await said(), /^2026-11-16 00:00/);
    await page.keyboard.press("Enter");
    assert.equal(await found(page), 9);
    assert.equal(await focused(page), "findings");

    await page.keyboard.press("Shift+Tab");
    await tabTo(page, "#timeline-legend button");
    const pressed = () => page.evaluate(() => document.activeElement.getAttribute("aria-pressed"));
    assert.equal(await pressed(), "true");
    await page.keyboard.press("Space");
    assert.equal(await pressed(), "false");
    await page.keyboard.press("Space");
    assert.equal(await pressed(), "true");
  });
});

test("hiding a detector takes it out of the columns, and other steps add them up", async () => {
  const logs = generated("--seed", "8", "--files", "6", "--records", "200", "--suspicion", "6");
  await withPage(report(logs), async (page) => {
    const chart = page.locator("#timeline-chart");
    const said = () => chart.getAttribute("aria-valuetext");
    const sum = async () => Number((await said()).match(/: ([\d,]+) match/)[1].replaceAll(",", ""));
    const toggle = page.locator("#timeline-legend button").first();
    const [, name] = (await toggle.textContent()).match(/^ (\w+) /);
    await page.selectOption("#timeline-step", { label: "a week" });
    await chart.press("ArrowRight");
    const all = await sum();
    const [, own] = (await said()).match(new RegExp(`${name} ([\\d,]+)`));
    await toggle.click();
    await chart.press("Home");
    assert.equal(await sum(), all - Number(own.replaceAll(",", "")));
    assert.ok(!(await said()).includes(name));
    await page.locator("#timeline-none").click();
    await chart.press("Home");
    assert.match(await said(), /UTC: 0 matches$/);
    await page.locator("#timeline-all").click();
    await chart.press("Home");
    assert.equal(await sum(), all);
  });
});

test("pages are turned by keys without losing the place", async () => {
  await withPage(report(logs()), async (page) => {
    const next = page.locator("#findings-pages button", { hasText: "Next" });
    await next.focus();
    await page.keyboard.press("Enter");
    assert.equal(await next.getAttribute("aria-disabled"), "true");
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "Next");
    assert.equal((await column(page, "time")).length, 10);
  });
});

test("a press on a top list or a detector leads to the findings", async () => {
  await withPage(report(logs()), async (page) => {
    await page.locator('[data-list="actor"] button', { hasText: "zoe" }).press("Enter");
    assert.equal(await found(page), 1);
    assert.equal(await focused(page), "findings");
    await tabTo(page, "#filter-chips button", 12);
    await page.keyboard.press("Enter");
    assert.equal(await found(page), 60);
    assert.equal(await focused(page), "filter-text");
    await page.locator("#detectors-found button").press("Enter");
    assert.equal(await page.locator("#filter-detector").inputValue(), "AccessDenied");
  });
});
