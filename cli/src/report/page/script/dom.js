// How anything gets onto the page: as text, and by this function alone.

// Characters that steer, turn or hide what stands beside them, as the command line knows them too. They are shown by
// their number, so that no name of a user reads as another.
const UNFIT = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

function shown(text) {
  return String(text).replace(UNFIT, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

function byId(id) {
  return document.getElementById(id);
}

// A text in a place that the page has for it.
function say(id, text) {
  byId(id).replaceChildren(shown(text));
}

// An element with attributes, and children that are elements or texts. A function among the attributes listens to the
// event of its name. No attribute that a browser could follow or run is ever made of data.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(attribute, value);
    else if (value === true) made.setAttribute(attribute, "");
    else if (value !== false && value != null) made.setAttribute(attribute, shown(value));
  }
  made.append(...children.map((child) => (child instanceof Node ? child : shown(child))));
  return made;
}

function button(text, press, attributes = {}) {
  return element("button", { type: "button", click: press, ...attributes }, text);
}

function option(value, text) {
  return element("option", { value }, text);
}

// A table whose first cell of each row names the row.
function table(caption, heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map(([first, ...rest]) =>
    element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((cell) => element("td", {}, cell))),
  );
  const parts = [element("thead", {}, head), element("tbody", {}, ...body)];
  return element("table", {}, element("caption", {}, caption), ...parts);
}
