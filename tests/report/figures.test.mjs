// What the page says is what `trailmeter scan` counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { column, found, openTimelineTable, texts, whole, withPage } from "./lib/browser.mjs";
import { denied, generated, logOf, report, scan } from "./lib/command.mjs";

const PACKS = ["--pack", "default", "--pack", "activity", "--pack", "sources"];

const sum = (values) => values.reduce((total, value) => total + value, 0);

async function boxes(page) {
  const read = (all) => all.map((box) => [box.dataset.figure, box.querySelector("strong").textContent]);
  const pairs = await page.locator("#figures-list > div").evaluateAll(read);
  return Object.fromEntries(pairs.map(([name, text]) => [name, whole(text)]));
}

async function detectorRows(page) {
  const read = (all) => all.map((row) => [...row.children].map((cell) => cell.textContent));
  const rows = await page.locator("#detectors-found tbody tr").evaluateAll(read);
  return Object.fromEntries(rows.map(([name, , matches, excluded]) => [name, { matches: whole(matches), excluded: whole(excluded) }]));
}

test("figures, detectors, timeline and hours of a generated corpus are those of a scan", async () => {
  const logs = generated("--seed", "3", "--files", "20", "--records", "200", "--suspicion", "6", "--malformed", "5");
  const untimed = logOf([{ ...denied(1), eventTime: undefined }]);
  const truth = scan(logs, untimed, ...PACKS);
  const expected = Object.fromEntries(
    Object.entries(truth.detectors)
      .filter(([, { matches, excluded }]) => matches + excluded > 0)
      .map(([name, { matches, excluded }]) => [name, { matches, excluded }]),
  );
  const matches = sum(Object.values(expected).map((one) => one.matches));
  assert.ok(matches > 1000 && truth.records.malformed > 0 && truth.records.duplicate > 0, "a corpus worth its name");
  await withPage(report(logs, untimed, ...PACKS, "--all-findings"), async (page) => {
    assert.deepEqual(await boxes(page), {
      Matches: matches,
      Records: truth.records.read,
      "Records matched": truth.records.matched,
      "Records unmatched": truth.records.unmatched,
      Duplicates: truth.records.duplicate,
      Malformed: truth.records.malformed,
      "Files read": truth.objects.read,
      "Files skipped": sum(Object.values(truth.objects.skipped)),
      "Files failed": 0,
    });
    assert.deepEqual(await detectorRows(page), expected);
    assert.equal(await found(page), matches);
    // One record bears no time, and the page says how many matches that is.
    let without = whole((await page.locator("#timeline-notes").textContent()).split(" ")[0]);
    assert.ok(without > 0 && without < matches / 100);
    assert.equal(sum((await texts(page, ".hours td")).map(cellValue)), matches - without);
    await openTimelineTable(page);
    assert.equal(sum((await texts(page, "#timeline-table td:nth-child(2)")).map(whole)), matches - without);
    // Each detector by itself: in the table of findings, in the hours and in the columns.
    for (const [name, counts] of Object.entries(expected).filter(([, counts]) => counts.matches > 0)) {
      await page.selectOption("#filter-detector", name);
      assert.equal(await found(page), counts.matches, name);
      await page.selectOption("#hours-detector", { label: name });
      const timed = sum((await texts(page, ".hours td")).map(cellValue));
      without -= counts.matches - timed;
      const columns = await texts(page, "#timeline-table td:nth-child(3)");
      const own = columns.flatMap((text) => text.split(", ")).filter((part) => part.split(" ")[0] === name);
      assert.equal(sum(own.map((part) => whole(part.split(" ")[1]))), timed, name);
    }
    assert.equal(without, 0, "each match has a time or is one of those without");
  });
});

// A cell of the hours has a short figure for the eye and the full one for readers, if they differ.
function cellValue(text) {
  return whole(text.replace(/^[\d.]+[KMB]/, ""));
}

test("what the top lists count is what their entries lead to", async () => {
  const logs = generated("--seed", "5", "--files", "10", "--records", "200", "--suspicion", "6");
  await withPage(report(logs), async (page) => {
    for (const field of ["actor", "address", "api", "error", "account", "region"]) {
      const list = page.locator(`[data-list="${field}"] tbody tr`);
      const first = list.first();
      const [name, findings] = [await first.locator("th").textContent(), whole(await first.locator("td").textContent())];
      await first.locator("button").click();
      assert.equal(await found(page), findings, `${field}: ${name}`);
      assert.deepEqual([...new Set(await column(page, field))], [name]);
      const chip = page.locator("#filter-chips button");
      assert.match(await chip.textContent(), new RegExp(`: .* ✕$`));
      await chip.click();
      assert.equal(await page.locator("#filter-chips li").count(), 0);
    }
  });
});

test("failed files are named with their reasons, and the rest counts", async () => {
  const logs = logOf([denied(1)]);
  await withPage(report(logs, "/nowhere/at-all.json.gz"), async (page) => {
    const { "Files failed": failed, "Files read": read, Matches: matches } = await boxes(page);
    assert.deepEqual([failed, read, matches], [1, 1, 1]);
    const cells = await texts(page, "#failures tbody tr > *");
    assert.deepEqual(cells.slice(0, 2), ["/nowhere/at-all.json.gz", "not-found"]);
    assert.match(cells[2], /No such file/);
  });
});

test("no match is told kindly, and so is nothing to read", async () => {
  for (const [logs, text] of [
    [logOf([{ eventName: "DescribeInstances" }]), /No detector found anything in 1 record in 1 file\. That is good news/],
    [logOf([], "notes.txt"), /There was nothing to read/],
  ]) {
    await withPage(report(logs), async (page) => {
      assert.match(await page.locator("#nothing").textContent(), text);
      for (const part of ["#timeline", "#hours", "#top", "#findings-body"]) assert.ok(await page.locator(part).isHidden(), part);
      assert.ok(await page.locator("#trouble").isHidden());
    });
  }
});

test("detectors of volume are in the timeline and say that they have no findings", async () => {
  const read = { ...denied(7), eventCategory: "Data", managementEvent: false };
  for (const field of ["errorCode", "errorMessage"]) delete read[field];
  await withPage(report(logOf([read]), "--pack", "activity"), async (page) => {
    assert.deepEqual(await detectorRows(page), { S3GetObject: { matches: 1, excluded: 0 } });
    assert.match(await page.locator("#findings-kept").textContent(), /1 match of detectors that count volume/);
    assert.ok(await page.locator("#findings-body").isHidden());
    await openTimelineTable(page);
    assert.deepEqual(await texts(page, "#timeline-table tbody tr > *"), ["2026-11-16 00:00", "1", "S3GetObject 1"]);
  });
});

test("more findings than the table may have are said to be left out, and still count", async () => {
  const records = Array.from({ length: 30 }, (_, at) => denied(at));
  await withPage(report(logOf(records), "--most-findings", "10"), async (page) => {
    assert.match(await page.locator("#findings-kept").textContent(), /10 of 30 findings: the most severe, and of those the newest/);
    assert.equal(await found(page), 10);
    // The newest are those that stay.
    assert.deepEqual((await column(page, "time")).slice(-1), ["2026-11-16 00:20:00"]);
    assert.deepEqual(await texts(page, '[data-list="actor"] td'), ["30"]);
  });
});
