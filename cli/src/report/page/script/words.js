// Numbers and times as people read them, the same in every country.

const SEVERITIES = ["informational", "low", "medium", "high", "critical"];
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const grouped = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

function number(value) {
  return grouped.format(value);
}

// In the width of a small cell.
function shortNumber(value) {
  return short.format(value);
}

function count(value, one, many = `${one}s`) {
  return `${number(value)} ${value === 1 ? one : many}`;
}

// From seconds since 1970: `2026-11-21 20:00:00`. A Date takes every time that a record can have.
function time(seconds) {
  return new Date(seconds * 1000).toISOString().replace("T", " ").replace(".000Z", "");
}

function timeToMinute(seconds) {
  return time(seconds).slice(0, -3);
}

function day(seconds) {
  const date = new Date(seconds * 1000);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

// `12 digest, 1 link`, or nothing.
function reasons(counts) {
  return Object.entries(counts)
    .map(([reason, value]) => `${number(value)} ${reason}`)
    .join(", ");
}
