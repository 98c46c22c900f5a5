// Matches by weekday and hour: a table whose cells are shaded, so that the picture and its figures are one.

const SHADES = 5;

function hours(data) {
  const byDetector = data.hours.map(([at, cells]) => ({ detector: data.detectors[at], cells }));
  byDetector.sort((one, other) => other.detector.matches - one.detector.matches);
  const select = byId("hours-detector");
  select.append(option("", "all detectors"));
  select.append(...byDetector.map(({ detector }, at) => option(at, detector.name)));
  const draw = () => {
    const some = select.value === "" ? byDetector : [byDetector[select.value]];
    byId("hours-table").replaceChildren(hoursTable(some.map(({ cells }) => cells)));
  };
  select.addEventListener("change", draw);
  draw();
}

function hoursTable(lists) {
  const sums = Array.from({ length: 168 }, (_, at) => lists.reduce((sum, cells) => sum + cells[at], 0));
  const most = Math.max(...sums);
  const names = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "UTC"),
    ...names.map((hour) => element("th", { scope: "col" }, hour)),
  );
  const body = WEEKDAYS.map((weekday, row) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, weekday),
      ...names.map((hour, column) => hourCell(sums[row * 24 + column], most, `${weekday} ${hour}:00`)),
    ),
  );
  const caption = element("caption", {}, "Matches by weekday and hour of the event, UTC; the darker or brighter, the more");
  return element("table", { class: "hours" }, caption, element("thead", {}, head), element("tbody", {}, ...body));
}

// By the square root: one busy hour leaves the others their differences.
function hourCell(value, most, when) {
  const shade = value === 0 ? 0 : Math.ceil(Math.sqrt(value / most) * SHADES);
  const full = number(value);
  const brief = shortNumber(value);
  const texts = brief === full ? [full] : [element("span", { "aria-hidden": "true" }, brief), element("span", { class: "hidden" }, full)];
  return element("td", { class: `shade-${shade}`, title: `${when}: ${full}` }, ...texts);
}
