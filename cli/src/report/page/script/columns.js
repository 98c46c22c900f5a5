// Matches by time, in columns of an hour, a day or a week.

const STEPS = [
  { seconds: 3600, name: "an hour", from: 0 },
  { seconds: 86400, name: "a day", from: 0 },
  // 1970 began on a Thursday, and a week begins on a Monday.
  { seconds: 604800, name: "a week", from: 345600 },
];
// More than this are too many to draw, and more than that too thin to see.
const MOST_COLUMNS = 5000;
const THIN_COLUMNS = 240;

function startOf(step, seconds) {
  return Math.floor((seconds - step.from) / step.seconds) * step.seconds + step.from;
}

// The steps that these counts can be shown in. They come by hour, or by more if there were too many hours.
function stepsFor({ step: finest, counts }) {
  const { first, last } = extent(counts);
  const fits = (step) => step.seconds >= finest && (last - first) / step.seconds < MOST_COLUMNS;
  return STEPS.filter(fits);
}

function usualStep(steps, counts) {
  const { first, last } = extent(counts);
  return steps.find((step) => (last - first) / step.seconds < THIN_COLUMNS) ?? steps[steps.length - 1];
}

function extent(counts) {
  let [first, last] = [Infinity, -Infinity];
  for (const [, cells] of counts) {
    for (const [at] of cells) {
      first = Math.min(first, at);
      last = Math.max(last, at);
    }
  }
  return { first, last };
}

// The start of each column from the first to the last, and for each detector its matches in each of them.
function columnsOf(counts, step) {
  const { first, last } = extent(counts);
  const begin = startOf(step, first);
  const length = Math.floor((startOf(step, last) - begin) / step.seconds) + 1;
  const starts = Array.from({ length }, (_, at) => begin + at * step.seconds);
  const byDetector = counts.map(([detector, cells]) => {
    const values = new Array(length).fill(0);
    for (const [at, value] of cells) values[(startOf(step, at) - begin) / step.seconds] += value;
    return { detector, values };
  });
  return { step, starts, byDetector };
}

// Each detector's columns on top of those of the ones before it, the highest first: so they are painted, each over
// the foot of the one before. `null` for detectors that are not shown.
function stacked({ starts, byDetector }, isShown) {
  const sum = new Array(starts.length).fill(0);
  const stacks = byDetector.map(({ detector, values }) => {
    if (!isShown(detector)) return starts.map(() => null);
    values.forEach((value, at) => (sum[at] += value));
    return values.map((value, at) => (value > 0 ? sum[at] : null));
  });
  return stacks.reverse();
}
