// Which findings are shown. `changed` is called with what they have to fulfil.

function filter(detectors, changed) {
  // Entries of top lists, and a span of time.
  const exact = new Map();
  let times = null;
  const [text, detector, severity] = ["text", "detector", "severity"].map((name) => byId(`filter-${name}`));
  const names = detectors.filter(({ findings }) => findings > 0).map(({ name }) => name);
  detector.append(option("", "any"), ...names.sort().map((name) => option(name, name)));
  const used = new Set(detectors.filter(({ findings }) => findings > 0).map((one) => one.severity));
  severity.append(option("", "any"), ...SEVERITIES.filter((one) => used.has(one)).reverse().map((one) => option(one, one)));
  text.addEventListener("input", apply);
  detector.addEventListener("change", apply);
  severity.addEventListener("change", apply);
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("filter").addEventListener("reset", () => {
    exact.clear();
    times = null;
    // The fields are empty only when the event is over.
    setTimeout(apply);
  });

  function apply() {
    chips();
    // Every word has to be there, in whatever order.
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    changed(
      (row) =>
        (detector.value === "" || row.detector === detector.value) &&
        (severity.value === "" || row.severity === severity.value) &&
        (times == null || (row.seconds != null && row.seconds >= times[0] && row.seconds < times[1])) &&
        [...exact].every(([field, value]) => row[field] === value) &&
        words.every((word) => row.text.includes(word)),
    );
  }

  function chips() {
    const chip = (label, drop) => {
      const press = () => {
        drop();
        apply();
        text.focus();
      };
      return element("li", {}, button(`${label} ✕`, press, { "aria-label": `Without: ${label}` }));
    };
    const list = [...exact].map(([field, value]) => {
      const { title } = COLUMNS.find((column) => column.field === field);
      return chip(`${title}: ${value}`, () => exact.delete(field));
    });
    if (times != null) {
      list.push(chip(`Time: ${timeToMinute(times[0])} to ${timeToMinute(times[1])}`, () => (times = null)));
    }
    byId("filter-chips").replaceChildren(...list);
  }

  function reached() {
    apply();
    byId("findings").focus();
    byId("findings").scrollIntoView();
  }

  return {
    apply,
    only(field, value) {
      exact.set(field, value);
      reached();
    },
    between(from, to) {
      times = [from, to];
      reached();
    },
    ofDetector(name) {
      detector.value = name;
      reached();
    },
  };
}
