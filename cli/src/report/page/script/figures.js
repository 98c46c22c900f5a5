// What was read, what failed, and what each detector found.

function figures(data) {
  const { objects, records } = data;
  const total = (counts) => Object.values(counts).reduce((sum, value) => sum + value, 0);
  const matches = data.detectors.reduce((sum, detector) => sum + detector.matches, 0);
  const rows = [
    ["Matches", matches, ""],
    ["Records", records.read, ""],
    ["Records matched", records.matched, ""],
    ["Records unmatched", records.unmatched, ""],
    ["Duplicates", records.duplicate, ""],
    ["Malformed", records.malformed, reasons(data.malformed)],
    ["Files read", objects.read, ""],
    ["Files skipped", total(objects.skipped), reasons(objects.skipped)],
    ["Files failed", total(objects.failed), reasons(objects.failed)],
  ];
  const boxes = rows.map(([name, value, note]) =>
    element(
      "div",
      { "data-figure": name },
      element("dt", {}, name),
      element("dd", {}, element("strong", {}, number(value)), note && element("small", {}, note)),
    ),
  );
  byId("figures-list").append(...boxes);
  byId("notes").append(...data.notes.map((note) => element("li", {}, note)));
  say("span", spanOf(data));
  failures(data);
  return { matches, files: objects.read, records: records.read };
}

function spanOf({ inputs, oldest, newest }) {
  const places = inputs.length > 3 ? `${inputs.slice(0, 3).join(", ")} and ${inputs.length - 3} more` : inputs.join(", ");
  const times = oldest == null ? "" : `: events from ${time(oldest)} to ${time(newest)} UTC`;
  return places + times;
}

function failures({ failures: list, failures_left_out: leftOut }) {
  if (list.length === 0) return;
  const rows = list.map(({ name, reason, problem }) => [name, reason, problem]);
  const all = list.length + leftOut;
  const caption = `${count(all, "place")} could not be read; what is in there is not in any figure`;
  const more = leftOut > 0 ? [element("p", {}, `${number(leftOut)} more are not listed here.`)] : [];
  byId("failures").append(inWide("Table of failures", table(caption, ["Name", "Reason", "What was wrong"], rows)), ...more);
}

function inWide(name, content) {
  return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": name }, content);
}

// Those that matched first, the worst on top; `choose` shows the findings of one.
function detectorTable(data, choose) {
  const order = (one, other) =>
    SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity) || other.matches - one.matches;
  const found = data.detectors.filter(({ matches, excluded }) => matches + excluded > 0).sort(order);
  const silent = data.detectors.filter(({ matches, excluded }) => matches + excluded === 0);
  const name = (detector) =>
    detector.findings > 0 ? button(detector.name, () => choose(detector), { class: "link" }) : detector.name;
  const row = (detector) => [
    name(detector),
    severityMark(detector.severity),
    number(detector.matches),
    number(detector.excluded),
    detector.title,
    detector.attack.join(", "),
  ];
  if (found.length > 0) {
    const heads = ["Detector", "Severity", "Matches", "Excluded", "What it finds", "ATT&CK"];
    const caption = `${count(found.length, "detector")} of ${number(data.detectors.length)} found something`;
    byId("detectors-found").append(inWide("Table of detectors", table(caption, heads, found.map(row))));
  }
  if (silent.length > 0) {
    const names = silent.map((detector) => element("li", {}, `${detector.name}: ${detector.title}`));
    const summary = element("summary", {}, `${count(silent.length, "detector")} found nothing`);
    byId("detectors-silent").append(element("details", {}, summary, element("ul", {}, ...names)));
  }
}

// The word says it; the colour only repeats it.
function severityMark(severity) {
  return element("span", { class: `severity ${severity}` }, severity);
}
