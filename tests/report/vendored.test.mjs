// What is embedded of others is what npm has, to the byte.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const vendor = new URL("../../cli/src/report/page/vendor/uplot/", import.meta.url);
const installed = new URL("node_modules/uplot/", import.meta.url);
const ours = { "uPlot.iife.min.js": "dist/uPlot.iife.min.js", "uPlot.min.css": "dist/uPlot.min.css", LICENSE: "LICENSE" };

test("the embedded chart library is the one that npm has", () => {
  assert.deepEqual(readdirSync(vendor).sort(), [...Object.keys(ours), "README.md"].sort());
  for (const [name, theirs] of Object.entries(ours)) {
    assert.ok(readFileSync(new URL(name, vendor)).equals(readFileSync(new URL(theirs, installed))), `${name} differs`);
  }
});

test("the note beside it says which one that is", () => {
  const lock = JSON.parse(readFileSync(new URL("package-lock.json", import.meta.url)));
  const { version, integrity, license } = lock.packages["node_modules/uplot"];
  const note = readFileSync(new URL("README.md", vendor), "utf8");
  for (const part of [version, integrity, license]) assert.ok(note.includes(part), `the note lacks ${part}`);
});
