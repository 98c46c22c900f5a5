// The picture in docs/report.md: the page of a generated week, the same every time it is made.

import { test } from "node:test";
import { withPage } from "./lib/browser.mjs";
import { reportIn, week } from "./lib/command.mjs";

const packs = ["default", "activity", "threats"].flatMap((pack) => ["--pack", pack]);

// A test, for what those leave tidy: the browser and the folders.
test("the picture is taken", async () => {
  await withPage(reportIn(week(), "logs", ...packs), async (page) => {
    // What would be far above the others.
    for (const name of ["KmsDecrypt", "S3GetObject"]) await page.locator("#timeline-legend button", { hasText: name }).click();
    await page.evaluate(() => scrollTo(0, 0));
    const { y } = await page.locator("#top").boundingBox();
    await page.screenshot({ path: process.argv[2], fullPage: true, clip: { x: 0, y: 0, width: 1280, height: Math.round(y) } });
  });
});
