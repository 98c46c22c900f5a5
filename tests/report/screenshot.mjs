// The picture in docs/report.md: the page of a generated week, the same every time it is made.

import { test } from "node:test";
import { withPage } from "./lib/browser.mjs";
import { reportIn, week } from "./lib/command.mjs";

const width = 1120;

// A test, for what those leave tidy: the browser and the folders.
test("the picture is taken", async () => {
  const file = reportIn(week(), "logs");
  await withPage(
    file,
    async (page) => {
      const { y } = await page.locator("#top").boundingBox();
      const clip = { x: 0, y: 0, width, height: Math.round(y) - 20 };
      await page.screenshot({ path: process.argv[2], fullPage: true, clip });
    },
    { viewport: { width, height: 900 } },
  );
});
