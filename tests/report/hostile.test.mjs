// What attackers write into records is shown as text, and never runs.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { found, texts, withPage } from "./lib/browser.mjs";
import { denied, folder, logOf, report } from "./lib/command.mjs";

// A text, and how it is shown if that is another.
const HOSTILE = [
  ["</script><script>window.ran = 1; alert(1)</script>"],
  ["<img src=x onerror='window.ran = 1'>"],
  ["<svg onload=alert(1)><a href='https://192.0.2.1/'>here</a>"],
  ["javascript:alert(1)"],
  ['" autofocus onfocus="alert(1)'],
  ["<!--<script>"],
  ["{{constructor.constructor('alert(1)')()}} ${alert(1)} {{data}}"],
  ["&lt;b&gt; &amp; &#x41;"],
  ["__proto__"],
  ["line\u2028separator\u2029and\nnew\tline", "line\\u{2028}separator\\u{2029}and\\u{a}new\\u{9}line"],
  ["\u202egnp.exe\u202c\u2066\u2069\u200f", "\\u{202e}gnp.exe\\u{202c}\\u{2066}\\u{2069}\\u{200f}"],
  ["\u0000\u001b[2J\u009b31m\u007f", "\\u{0}\\u{1b}[2J\\u{9b}31m\\u{7f}"],
  ["a\u200bb\ufeffc\u{e0041}", "a\\u{200b}b\\u{feff}c\\u{e0041}"],
  ["日本語 العربية 👩‍💻".replaceAll("\u200d", ""), "日本語 العربية 👩💻"],
];

// In every field that a caller chooses or might.
function everywhere(text, at) {
  return denied(at, {
    userName: text,
    userAgent: text,
    sourceIPAddress: text,
    eventName: text,
    errorMessage: text,
    awsRegion: text,
    errorCode: `AccessDenied${text}`,
    recipientAccountId: text,
    eventSource: text,
    resources: [{ ARN: text, accountId: text, type: text }],
  });
}

async function nothingRan(page, elements) {
  assert.equal(await page.evaluate(() => window.ran), undefined);
  const made = await page.evaluate(() => ({
    scripts: document.scripts.length,
    // Whatever a browser fetches, follows or embeds.
    others: document.querySelectorAll("img, svg, iframe, object, embed, video, audio, style, base, form, link, meta, a:not([href^='#'])").length,
    handlers: [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith("on")),
  }));
  assert.deepEqual(made, elements);
}

test("hostile texts stand on the page as they are written, and nothing runs", async () => {
  // What a page without any of them has.
  const elements = await withPage(report(logOf([denied(1)])), (page) =>
    page.evaluate(() => ({
      scripts: document.scripts.length,
      others: document.querySelectorAll("img, svg, iframe, object, embed, video, audio, style, base, form, link, meta, a:not([href^='#'])").length,
      handlers: [],
    })),
  );
  const logs = logOf(HOSTILE.map(([text], at) => everywhere(text, at)));
  await withPage(report(logs), async (page) => {
    assert.equal(await found(page), HOSTILE.length);
    await nothingRan(page, elements);
    // The oldest first, as they are in the list. All of them open at once.
    await page.locator("#findings-table th button", { hasText: "Time" }).click();
    for (const open of await page.locator("#findings-table tbody th button").all()) await open.click();
    await nothingRan(page, elements);
    const details = await page.locator("tr.detail").evaluateAll((rows) =>
      rows.map((row) => Object.fromEntries([...row.querySelectorAll(".fields > div")].map((pair) => [...pair.children].map((one) => one.textContent)))),
    );
    HOSTILE.forEach(([text, shown = text], at) => {
      const fields = details[at];
      for (const name of ["user_agent", "source_ip", "event_name", "error_message", "region", "account", "event_source", "resources"]) {
        assert.equal(fields[name], shown, `${name} of ${JSON.stringify(text)}`);
      }
      assert.equal(fields["actor.name"], shown);
      assert.equal(fields.error_code, `AccessDenied${shown}`);
    });
  });
});

test("every entry of a top list leads to its finding, whatever it is called", async () => {
  const logs = logOf(HOSTILE.map(([text], at) => everywhere(text, at)));
  await withPage(report(logs), async (page) => {
    for (const field of ["actor", "address", "api", "error", "account", "region"]) {
      const entries = page.locator(`[data-list="${field}"] tbody button`);
      assert.equal(await entries.count(), HOSTILE.length, field);
      for (const entry of await entries.all()) {
        const name = await entry.textContent();
        await entry.click();
        assert.equal(await found(page), 1, `${field}: ${name}`);
        assert.deepEqual(await texts(page, `#findings-table td[data-field="${field}"]`), [name]);
        await page.locator("#filter-chips button").click();
      }
    }
    assert.equal(await page.evaluate(() => window.ran), undefined);
  });
});

test("what a detector's author writes is text as well", async () => {
  const title = "</script><img src=x onerror=alert(1)>";
  const detector = `name: Mine
title: "${title}"
what: "${title}"
why: "${title}"
sources: ["${title}"]
logs: cloudtrail
alarm: none
pattern: '{ $.errorCode = * }'
tests:
  - { name: yes, match: true, record: { errorCode: a } }
  - { name: no, match: false, record: {} }
`;
  const file = join(folder(), "mine.yaml");
  writeFileSync(file, detector);
  await withPage(report(logOf([denied(1)]), "--detectors", file), async (page) => {
    assert.ok((await texts(page, "#detectors-found td")).includes(title));
    await page.locator("#findings-table tbody button").first().click();
    assert.equal((await texts(page, ".fields dd"))[0], title);
  });
});

test("names of files and folders are text as well", async () => {
  const name = "<img src=x onerror=alert(1)>\u202e.json";
  const logs = logOf([denied(1)], name);
  await withPage(report(logs, `/nowhere/${name}`), async (page) => {
    assert.match(await page.locator("#failures").textContent(), /<img src=x onerror=alert\(1\)>\\u\{202e\}\.json/);
    assert.match(await page.locator("#span").textContent(), /<img src=x onerror=alert\(1\)>\\u\{202e\}/);
    await page.locator("#findings-table tbody button").first().click();
    assert.match((await texts(page, ".fields dd")).at(-1), /<img src=x onerror=alert\(1\)>\\u\{202e\}\.json$/);
  });
});

test("a text of ten kilobytes stays in its place", async () => {
  const long = "x".repeat(10_240);
  await withPage(report(logOf([everywhere(long, 1)])), async (page) => {
    await page.locator("#findings-table tbody button").first().click();
    const [user] = (await texts(page, ".fields dd")).filter((text) => text.startsWith("xxx"));
    assert.ok(user.length > 1000, "it is shown as far as findings keep it");
    const [page_, view] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(page_ <= view, `the page is ${page_} wide where ${view} are seen`);
  });
});

test("records of any time, type and shape leave a page that stands", async () => {
  const odd = [
    denied(1, { eventTime: "0001-01-01T00:00:00Z" }),
    denied(2, { eventTime: "9999-12-31T23:59:59Z" }),
    denied(3, { eventTime: "yesterday" }),
    denied(4, { eventTime: null, userIdentity: null, eventID: undefined }),
    denied(5, { userAgent: ["x"], resources: [7, {}, null], recipientAccountId: 1e21, userIdentity: { type: 7 } }),
    denied(6),
    null,
    "record",
  ];
  await withPage(report(logOf(odd)), async (page) => {
    assert.equal(await found(page), 6);
    assert.match(await page.locator("#timeline-notes").textContent(), /4 matches without a time that CloudTrail could have written/);
    for (const open of await page.locator("#findings-table tbody th button").all()) await open.click();
    assert.equal(await page.locator("tr.detail").count(), 6);
  });
});

test("the policy holds where a script would break it", async () => {
  await withPage(report(logOf([denied(1)])), async (page) => {
    const tried = await page.evaluate(async () => {
      const outcomes = {};
      const script = document.createElement("script");
      try {
        script.textContent = "window.ran = 1";
      } catch (error) {
        outcomes.script = error.name;
      }
      try {
        document.body.insertAdjacentHTML("beforeend", "<b>x</b>");
      } catch (error) {
        outcomes.markup = error.name;
      }
      // From a task of the page's own: a debugger may do what the page may not.
      outcomes.eval = await new Promise((done) =>
        setTimeout(() => {
          try {
            done(window.eval("window.ran = 1"));
          } catch (error) {
            done(error.name);
          }
        }),
      );
      outcomes.fetch = await fetch("https://192.0.2.1/").catch((error) => error.name);
      outcomes.ran = window.ran ?? null;
      return outcomes;
    });
    assert.deepEqual(tried, { script: "TypeError", markup: "TypeError", eval: "EvalError", fetch: "TypeError", ran: null });
  }, { expects: /violates|Refused|blocked|requires|trusted-types|connect-src/i });
});
