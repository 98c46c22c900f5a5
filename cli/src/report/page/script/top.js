// Who, from where, what: the most frequent of each. `choose` shows the findings of an entry.

const TOP_LISTS = {
  actor: "Actors",
  address: "Addresses",
  api: "APIs",
  error: "Errors",
  account: "Accounts",
  region: "Regions",
};

function top(data, choose) {
  byId("top-lists").append(...Object.entries(TOP_LISTS).map(([field, title]) => topList(field, title, data.top[field], choose)));
}

function topList(field, title, list, choose) {
  const heading = element("h3", { id: `top-${field}` }, title);
  const most = list.rows.length > 0 ? list.rows[0][1] : 0;
  const rows = list.rows.map(([value, findings]) => {
    const entry = button(value, () => choose(field, value), { class: "link" });
    const share = element("td", { class: "share" }, number(findings));
    share.style.setProperty("--share", findings / most);
    return element("tr", {}, element("th", { scope: "row" }, entry), share);
  });
  const head = element("tr", {}, element("th", { scope: "col" }, title), element("th", { scope: "col" }, "Findings"));
  const content =
    rows.length > 0
      ? [element("table", { "aria-labelledby": `top-${field}` }, element("thead", { class: "hidden" }, head), element("tbody", {}, ...rows))]
      : [element("p", {}, "No finding has one.")];
  return element("section", { "data-list": field, "aria-labelledby": `top-${field}` }, heading, ...content, ...topRest(list));
}

function topRest({ distinct, rows, not_told_apart: rest }) {
  const texts = [];
  if (distinct > rows.length) texts.push(`${number(distinct - rows.length)} more are not shown.`);
  if (rest > 0) texts.push(`${count(rest, "finding")} had values beyond the first ${number(distinct)}, which were not told apart.`);
  return texts.map((text) => element("p", {}, text));
}
