// The page from its data.

async function page() {
  const data = await unpacked();
  const totals = figures(data);
  const hasFindings = data.findings.rows.length > 0;
  hideWithout("matches", totals.matches > 0);
  hideWithout("findings", hasFindings);
  nothingFound(data, totals, hasFindings);
  const chosen = hasFindings ? findings(data) : null;
  detectorTable(data, ({ name }) => chosen?.ofDetector(name));
  if (hasFindings) top(data, (field, value) => chosen.only(field, value));
  if (totals.matches === 0) return theme(() => {});
  hours(data);
  const drawn = timeline(data, (from, to) => chosen?.between(from, to));
  theme(() => drawn.recolour());
}

function hideWithout(what, isThere) {
  for (const part of document.querySelectorAll(`[data-needs="${what}"]`)) part.hidden = !isThere;
}

function nothingFound(data, { matches, files, records }, hasFindings) {
  if (!hasFindings && matches > 0) keptText(data.findings, 0);
  if (matches > 0) return;
  const read = `${count(records, "record")} in ${count(files, "file")}`;
  const text =
    files === 0
      ? "There was nothing to read, so there is nothing to show. Give the command files, folders or buckets with CloudTrail logs."
      : `No detector found anything in ${read}. That is good news if the logs are the ones you meant, and the detectors too.`;
  say("nothing", text);
  byId("nothing").hidden = false;
  say("findings-kept", "There are none.");
}

page().then(
  () => (document.documentElement.dataset.state = "drawn"),
  (error) => {
    byId("trouble").hidden = false;
    say("trouble", `This page could not be drawn: ${error.message}. It needs a browser of 2024 or later.`);
    throw error;
  },
);
