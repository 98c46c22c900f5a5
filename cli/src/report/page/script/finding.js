// One finding: its row, and all that it says when the row is opened.

function findingRow(row) {
  const open = button(row.time ?? "no time", () => toggle(), { class: "link", "aria-expanded": "false" });
  const cells = COLUMNS.slice(1).map(({ field }) =>
    element("td", { "data-field": field }, field === "severity" ? severityMark(row.severity) : (row[field] ?? "")),
  );
  const line = element("tr", {}, element("th", { scope: "row" }, open), ...cells);

  function toggle() {
    const isOpen = open.getAttribute("aria-expanded") === "true";
    open.setAttribute("aria-expanded", !isOpen);
    if (isOpen) line.nextElementSibling.remove();
    else line.after(element("tr", { class: "detail" }, element("td", { colspan: COLUMNS.length }, ...detail(row))));
  }
  return line;
}

function detail(row) {
  const head = [["title", row.title], ...(row.attack.length > 0 ? [["attack", row.attack.join(", ")]] : [])];
  const list = [...head, ...fields("", row.said)].map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
  const copies = [copyButton("Copy as JSON", () => JSON.stringify({ detector: row.detector, severity: row.severity, title: row.title, ...row.said }))];
  if (row.said.event_id) copies.unshift(copyButton("Copy the event id", () => row.said.event_id));
  return [element("dl", { class: "fields" }, ...list), element("div", { class: "bar" }, ...copies)];
}

// `actor.name`, `parameters.requestParameters.groupId`: every field, by its place in the finding.
function fields(before, value) {
  return Object.entries(value).flatMap(([name, inner]) => {
    if (Array.isArray(inner)) return [[before + name, inner.join(", ")]];
    return typeof inner === "object" ? fields(`${before}${name}.`, inner) : [[before + name, String(inner)]];
  });
}

function copyButton(name, text) {
  return button(name, async () => {
    const done = await copied(text());
    say("copied", done ? "Copied" : "The browser lets nothing be copied from this page");
  });
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without permission, or from a page that the browser does not trust: the way it was done before.
    const area = element("textarea", { class: "hidden", readonly: true });
    area.value = text;
    const before = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    return done;
  }
}
