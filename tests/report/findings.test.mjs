// The table of findings: sorting, filtering, pages, and all that a finding says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { column, found, texts, withPage } from "./lib/browser.mjs";
import { denied, logOf, report } from "./lib/command.mjs";

const PEOPLE = ["carol", "alice", "bob"];

function some() {
  const records = Array.from({ length: 120 }, (_, at) =>
    denied(at, {
      userName: PEOPLE[at % 3],
      sourceIPAddress: at % 2 === 0 ? "192.0.2.10" : "198.51.100.7",
      ...(at === 77 ? { errorMessage: "the Needle in the stack", userAgent: undefined, awsRegion: undefined } : {}),
    }),
  );
  records.push({
    ...denied(500),
    eventName: "ConsoleLogin",
    eventSource: "signin.amazonaws.com",
    userIdentity: { type: "Root", accountId: "111122223333", arn: "arn:aws:iam::111122223333:root", principalId: "111122223333" },
    errorCode: undefined,
    errorMessage: undefined,
    responseElements: { ConsoleLogin: "Success" },
  });
  return report(logOf(records));
}

test("a press on a head sorts, and another the other way round", async () => {
  await withPage(some(), async (page) => {
    const head = (name) => page.locator("#findings-table th", { hasText: name });
    assert.equal(await head("Time").getAttribute("aria-sort"), "descending");
    const newest = await column(page, "time");
    assert.deepEqual(newest, newest.toSorted().reverse());
    await head("Time").locator("button").click();
    assert.equal(await head("Time").getAttribute("aria-sort"), "ascending");
    assert.equal((await column(page, "time"))[0], "2026-11-16 00:00:00");

    await head("Actor").locator("button").click();
    assert.equal(await head("Time").getAttribute("aria-sort"), null);
    assert.deepEqual(new Set(await column(page, "actor")), new Set(["alice (111122223333)", "bob (111122223333)"]));
    await head("Actor").locator("button").click();
    assert.equal((await column(page, "actor"))[0], "root (111122223333)");

    // By how bad it is, not by the letter; and what is absent comes last, either way.
    await head("Severity").locator("button").click();
    assert.equal((await column(page, "severity"))[0], "high");
    await head("Region").locator("button").click();
    await page.locator("#findings-pages button", { hasText: "Last" }).click();
    assert.equal((await column(page, "region")).at(-1), "");
    await head("Region").locator("button").click();
    await page.locator("#findings-pages button", { hasText: "Last" }).click();
    assert.equal((await column(page, "region")).at(-1), "");
  });
});

test("text, detector, severity and a span of time narrow the table", async () => {
  await withPage(some(), async (page) => {
    const all = await found(page);
    assert.ok(all > 120);
    await page.fill("#filter-text", "NEEDLE stack");
    assert.equal(await found(page), 1);
    await page.fill("#filter-text", "no such thing");
    assert.equal(await found(page), 0);
    assert.match(await page.locator("#findings-status").textContent(), /^None of \d+ findings passes the filter$/);
    await page.fill("#filter-text", "");
    await page.selectOption("#filter-detector", "RootUsage");
    assert.equal(await found(page), 1);
    await page.selectOption("#filter-severity", "medium");
    assert.equal(await found(page), 0);
    await page.locator("#filter button[type=reset]").click();
    await page.waitForFunction((all) => document.getElementById("findings-status").textContent.startsWith(`${all} of`), String(all));

    // A press on a column of the timeline is the hour in it.
    const over = page.locator("#timeline-chart .u-over");
    await over.scrollIntoViewIfNeeded();
    const { width, height } = await over.boundingBox();
    await over.click({ position: { x: width / 18, y: height - 5 } });
    assert.match(await page.locator("#filter-chips").textContent(), /Time: 2026-11-16 00:00 to 2026-11-16 01:00/);
    assert.equal(await found(page), 60);
    // Dragging over all of them is all of the time.
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    await page.mouse.move(box.x + 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 20);
    await page.mouse.move(box.x + box.width - 2, box.y + 20);
    await page.mouse.up();
    assert.equal(await found(page), all);
    assert.equal(await page.locator("#filter-chips li").count(), 1);
  });
});

test("pages go forth and back and say where they are", async () => {
  await withPage(some(), async (page) => {
    const press = (name) => page.locator("#findings-pages button", { hasText: name }).click({ force: true });
    const first = await column(page, "time");
    assert.equal(first.length, 50);
    await press("Next");
    assert.match(await page.locator("#findings-pages").textContent(), /Page 2 of 3/);
    assert.match(await page.locator("#findings-status").textContent(), /rows 51 to 100/);
    await press("Last");
    await press("Next");
    assert.match(await page.locator("#findings-pages").textContent(), /Page 3 of 3/);
    await press("First");
    assert.deepEqual(await column(page, "time"), first);
    await page.selectOption("#filter-detector", "RootUsage");
    assert.ok(await page.locator("#findings-pages").isHidden());
  });
});

test("a finding opens to all its fields, and its event id can be copied", async () => {
  await withPage(
    some(),
    async (page) => {
      await page.fill("#filter-text", "needle");
      const open = page.locator("#findings-table tbody button").first();
      await open.click();
      assert.equal(await open.getAttribute("aria-expanded"), "true");
      const names = await texts(page, ".fields dt");
      const values = await texts(page, ".fields dd");
      const fields = Object.fromEntries(names.map((name, at) => [name, values[at]]));
      assert.equal(fields["actor.arn"], "arn:aws:iam::111122223333:user/bob");
      assert.equal(fields.error_message, "the Needle in the stack");
      assert.equal(fields.title, "Calls denied for lack of permission");
      assert.equal(fields.event_time, "2026-11-16T01:17:00Z");
      assert.match(fields.object, /log\.json$/);
      assert.ok(!("user_agent" in fields), "what is absent is not shown");
      await page.locator("text=Copy the event id").click();
      await page.waitForFunction(() => document.getElementById("copied").textContent === "Copied");
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), fields.event_id);
      await open.click();
      assert.equal(await page.locator(".fields").count(), 0);
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  );
});

test("twenty thousand findings are searched whole and shown in pages", async () => {
  const records = Array.from({ length: 20_500 }, (_, at) => denied(at, { userName: `user-${at}` }));
  const file = report(logOf(records));
  await withPage(file, async (page) => {
    assert.equal(await found(page), 20_000);
    assert.match(await page.locator("#findings-kept").textContent(), /20,000 of 20,500 findings/);
    assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) < 5000, "rows that nobody sees are not there");
    await page.fill("#filter-text", "user-12345");
    assert.deepEqual(await column(page, "actor"), ["user-12345 (111122223333)"]);
    await page.fill("#filter-text", "");
    await page.locator("#findings-table th button", { hasText: "Actor" }).click();
    assert.equal((await column(page, "actor"))[0], "user-1000 (111122223333)");
    await page.locator("#findings-pages button", { hasText: "Last" }).click();
    assert.match(await page.locator("#findings-pages").textContent(), /Page 400 of 400/);
    assert.match(await page.locator('[data-list="actor"]').textContent(), /500 findings had values beyond the first 20,000/);
  });
});
