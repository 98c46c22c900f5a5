// Matches over time, a stack of detectors in each column. `chooseTimes` shows the findings of a span.

const HEIGHT = 260;
const COLOURS = 10;

function timeline(data, chooseTimes) {
  const counts = data.timeline.counts.map(([at, cells]) => [data.detectors[at], cells]);
  counts.sort(([one], [other]) => other.matches - one.matches);
  timelineNotes(data.timeline);
  if (counts.length === 0) {
    byId("timeline-chart").hidden = true;
    return { recolour() {} };
  }
  const legend = timelineLegend(counts, redraw);
  const steps = stepsFor({ ...data.timeline, counts });
  let columns = columnsOf(counts, usualStep(steps, counts));
  let chart = drawn();
  stepChoice();
  timelineTable(() => columns);
  new ResizeObserver(() => chart.setSize({ width: width(), height: HEIGHT })).observe(byId("timeline-chart"));

  function drawn() {
    const made = timelineChart(columns, legend, readout, choose);
    columnKeys(() => columns, legend.isShown, (at) => moveTo(at), choose);
    readout(null);
    return made;
  }

  function redraw() {
    chart.setData([centres(columns), ...stacked(columns, legend.isShown)]);
    readout(null);
  }

  function stepChoice() {
    const select = byId("timeline-step");
    select.append(...steps.map((step, at) => option(at, step.name)));
    select.value = steps.indexOf(columns.step);
    select.addEventListener("change", () => {
      columns = columnsOf(counts, steps[select.value]);
      chart.destroy();
      chart = drawn();
      byId("timeline-table").open = false;
    });
  }

  function readout(at) {
    const text = at == null ? "Choose a column to read it, drag over several to see their findings." : columnText(columns, at, legend.isShown);
    say("timeline-readout", text);
    const slider = byId("timeline-chart");
    slider.setAttribute("aria-valuemax", columns.starts.length - 1);
    slider.setAttribute("aria-valuemin", 0);
    slider.setAttribute("aria-valuenow", at ?? 0);
    slider.setAttribute("aria-valuetext", shown(text));
  }

  function moveTo(at) {
    chart.setCursor({ left: chart.valToPos(centres(columns)[at], "x"), top: 1 });
    readout(at);
  }

  function choose(first, last) {
    chooseTimes(columns.starts[first], columns.starts[last] + columns.step.seconds);
  }

  return {
    recolour() {
      legend.recolour();
      chart.redraw();
    },
  };
}

function width() {
  return Math.max(byId("timeline-chart").clientWidth, 200);
}

function centres({ starts, step }) {
  return starts.map((start) => start + step.seconds / 2);
}

function timelineNotes({ without_time: without }) {
  if (without > 0) {
    say("timeline-notes", `${count(without, "match", "matches")} without a time that CloudTrail could have written: in no column.`);
  }
}

// The detectors, each a button that shows or hides it, and the colour of each.
function timelineLegend(counts, changed) {
  const hidden = new Set();
  const entries = counts.map(([detector], at) => {
    const swatch = element("span", { class: `swatch series-${at % COLOURS}` });
    const toggle = button("", () => show(detector, hidden.has(detector)), { "aria-pressed": "true" });
    toggle.append(swatch, ` ${shown(detector.name)} ${number(detector.matches)}`);
    return { detector, swatch, toggle };
  });
  byId("timeline-legend").append(...entries.map(({ toggle }) => element("li", {}, toggle)));
  byId("timeline-all").addEventListener("click", () => set(entries, true));
  byId("timeline-none").addEventListener("click", () => set(entries, false));

  function show(detector, isShown) {
    set(entries.filter((entry) => entry.detector === detector), isShown);
  }

  function set(some, isShown) {
    for (const { detector, toggle } of some) {
      if (isShown) hidden.delete(detector);
      else hidden.add(detector);
      toggle.setAttribute("aria-pressed", isShown);
    }
    changed();
  }

  const colours = new Map();
  function recolour() {
    for (const { detector, swatch } of entries) colours.set(detector, getComputedStyle(swatch).backgroundColor);
  }
  recolour();
  return { isShown: (detector) => !hidden.has(detector), colour: (detector) => colours.get(detector), recolour };
}

// What a column says: its time, its sum, its detectors.
function columnText({ starts, step, byDetector }, at, isShown) {
  const { sum, parts } = columnParts(byDetector, at, isShown);
  const span = `${timeToMinute(starts[at])} to ${timeToMinute(starts[at] + step.seconds)} UTC`;
  return `${span}: ${count(sum, "match", "matches")}${parts.length > 0 ? `. ${parts.join(", ")}` : ""}`;
}

function columnParts(byDetector, at, isShown) {
  const here = byDetector.filter(({ detector, values }) => values[at] > 0 && isShown(detector));
  here.sort((one, other) => other.values[at] - one.values[at]);
  const sum = here.reduce((total, { values }) => total + values[at], 0);
  return { sum, parts: here.map(({ detector, values }) => `${detector.name} ${number(values[at])}`) };
}

// Made when it is opened: few ask for it, and it may be long.
function timelineTable(columns) {
  const details = byId("timeline-table");
  details.addEventListener("toggle", () => {
    const place = details.querySelector("div");
    if (!details.open) return place.replaceChildren();
    const { starts, byDetector } = columns();
    const rows = starts.flatMap((start, at) => {
      const { sum, parts } = columnParts(byDetector, at, () => true);
      return sum > 0 ? [[timeToMinute(start), number(sum), parts.join(", ")]] : [];
    });
    place.replaceChildren(table("Columns with matches", ["From (UTC)", "Matches", "By detector"], rows));
  });
}
