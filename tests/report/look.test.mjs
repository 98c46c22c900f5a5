// Light and dark, narrow and wide, on paper, and what axe finds of barriers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openTimelineTable, withPage } from "./lib/browser.mjs";
import { denied, generated, logOf, report } from "./lib/command.mjs";

const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const LIGHT = "rgb(255, 255, 255)";
const DARK = "rgb(22, 24, 28)";

// What is painted in the chart, as a picture.
const chart = (page) => page.evaluate(() => document.querySelector("#timeline-chart canvas").toDataURL());

test("the page is as light as the system, until somebody chooses", async () => {
  const file = report(logOf([denied(1), denied(100)]));
  for (const [colorScheme, own] of [["light", LIGHT], ["dark", DARK]]) {
    await withPage(
      file,
      async (page) => {
        assert.equal(await paper(page), own);
        const before = await chart(page);
        await page.locator("#theme input[value=dark]").check();
        assert.equal(await paper(page), DARK);
        const dark = await chart(page);
        await page.locator("#theme input[value=light]").check();
        assert.equal(await paper(page), LIGHT);
        const light = await chart(page);
        assert.notEqual(light, dark, "the chart has the colours of the page");
        assert.equal(before, colorScheme === "light" ? light : dark);
        await page.locator("#theme input[value=auto]").check();
        assert.equal(await paper(page), own);
        await page.emulateMedia({ colorScheme: colorScheme === "light" ? "dark" : "light" });
        assert.notEqual(await paper(page), own);
      },
      { colorScheme },
    );
  }
});

test("axe finds nothing serious, in either light, with a finding open or none found", async () => {
  const busy = report(generated("--seed", "4", "--files", "6", "--records", "200", "--suspicion", "6"), "/nowhere", "--pack", "threats", "--pack", "default");
  const empty = report(logOf([]));
  for (const [file, colorScheme] of [[busy, "light"], [busy, "dark"], [empty, "light"]]) {
    await withPage(
      file,
      async (page) => {
        if (file === busy) {
          await page.locator("#findings-table tbody button").first().click();
          await openTimelineTable(page);
          await page.locator('[data-list="actor"] button').first().click();
        }
        await page.evaluate(axe);
        const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        const told = found.violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 120)} ${node.failureSummary}`).join(" | ")}`);
        assert.deepEqual(told, []);
      },
      { colorScheme },
    );
  }
});

test("a narrow window and paper have all of it", async () => {
  const file = report(logOf(Array.from({ length: 80 }, (_, at) => denied(at * 50))));
  await withPage(
    file,
    async (page) => {
      const [wide, view] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(wide <= view, `the page is ${wide} wide where ${view} are seen`);
      const canvas = await page.locator("#timeline-chart canvas").boundingBox();
      assert.ok(canvas.width <= view);
    },
    { viewport: { width: 390, height: 800 } },
  );
  await withPage(file, async (page) => {
    await page.emulateMedia({ media: "print" });
    for (const part of ["nav", "#filter", "#findings-pages", "#theme"]) assert.ok(await page.locator(part).isHidden(), part);
    for (const part of ["#figures-list", "#timeline-chart", ".hours", "#findings-table"]) assert.ok(await page.locator(part).isVisible(), part);
  });
});
