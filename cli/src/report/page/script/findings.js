// The table of findings: sorted by a press on a head, fifty rows at a time.

const ROWS_ON_PAGE = 50;

function findings(data) {
  const rows = rowsOf(data);
  let sorting = { field: "time", isDescending: true };
  let sorted = ordered(rows, sorting.field, sorting.isDescending);
  let isWanted = () => true;
  let wanted = sorted;
  let page = 0;
  const body = element("tbody");
  const heads = COLUMNS.map(({ field, title }) => {
    const head = element("th", { scope: "col" }, button(title, () => sortBy(field)));
    return { field, head };
  });
  const caption = element("caption", { class: "hidden" }, "Findings; press a head to sort by it, a time to see all of a finding");
  byId("findings-table").append(caption, element("thead", {}, element("tr", {}, ...heads.map(({ head }) => head))), body);
  const pages = pageButtons((to) => {
    page = to;
    draw();
  });
  const chosen = filter(data.detectors, (wants) => {
    isWanted = wants;
    narrow();
  });
  keptText(data.findings, rows.length);
  chosen.apply();

  function sortBy(field) {
    sorting = { field, isDescending: sorting.field === field ? !sorting.isDescending : field === "time" || field === "severity" };
    sorted = ordered(rows, sorting.field, sorting.isDescending);
    narrow();
  }

  function narrow() {
    wanted = sorted.filter(isWanted);
    page = 0;
    draw();
  }

  function draw() {
    for (const { field, head } of heads) {
      if (field === sorting.field) head.setAttribute("aria-sort", sorting.isDescending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    const from = page * ROWS_ON_PAGE;
    const here = wanted.slice(from, from + ROWS_ON_PAGE);
    body.replaceChildren(...here.map((row) => findingRow(row)));
    pages(page, Math.ceil(wanted.length / ROWS_ON_PAGE));
    const range = wanted.length > ROWS_ON_PAGE ? `, rows ${number(from + 1)} to ${number(from + here.length)}` : "";
    say(
      "findings-status",
      wanted.length === 0
        ? `None of ${count(rows.length, "finding")} passes the filter`
        : `${number(wanted.length)} of ${count(rows.length, "finding")}${range}`,
    );
  }

  return chosen;
}

// What of all matches is in the table, and what is not.
function keptText({ all, without_details: without, volume_only: volume }, kept) {
  const texts = [];
  if (kept < all) {
    texts.push(
      `The table has ${number(kept)} of ${count(all, "finding")}: the most severe, and of those the newest. The figures, the timeline, the hours and the top lists count all of them.`,
    );
  }
  if (volume > 0) {
    texts.push(`${count(volume, "match", "matches")} of detectors that count volume are in the timeline and in the hours, and no findings are kept of them.`);
  }
  if (without > 0) {
    texts.push(`${count(without, "match", "matches")} came from files with so many that there was no room for findings: they are in the timeline and in the hours alone.`);
  }
  say("findings-kept", texts.join(" "));
}

function pageButtons(go) {
  let [page, pages] = [0, 0];
  const ways = [
    ["First", () => 0, () => page > 0],
    ["Previous", () => page - 1, () => page > 0],
    ["Next", () => page + 1, () => page < pages - 1],
    ["Last", () => pages - 1, () => page < pages - 1],
  ];
  const made = ways.map(([name, to, can]) => ({ can, press: button(name, () => can() && go(to())) }));
  const where = element("span", {});
  const [first, previous, next, last] = made.map(({ press }) => press);
  byId("findings-pages").append(first, previous, where, next, last);
  return (now, of) => {
    [page, pages] = [now, of];
    byId("findings-pages").hidden = pages < 2;
    where.textContent = `Page ${number(page + 1)} of ${number(pages)}`;
    // A button that is disabled loses the focus, and whoever pages by keys would start anew.
    for (const { can, press } of made) press.setAttribute("aria-disabled", !can());
  };
}
