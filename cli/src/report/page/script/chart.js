// The timeline as uPlot draws it, and how keys move in it.

function timelineChart(columns, legend, read, choose) {
  const place = byId("timeline-chart");
  const { starts, step, byDetector } = columns;
  const detectors = byDetector.map(({ detector }) => detector).reverse();
  const ink = () => getComputedStyle(place).color;
  const grid = { stroke: () => getComputedStyle(place).borderTopColor, width: 1 };
  const bars = uPlot.paths.bars({ size: [0.9, 80] });
  let isDragged = false;
  const chart = new uPlot(
    {
      width: width(),
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: {
        x: { range: () => [starts[0], starts[starts.length - 1] + step.seconds] },
        y: { range: (_, __, most) => [0, Math.max(most ?? 0, 1) * 1.05] },
      },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      axes: [
        { stroke: ink, grid, ticks: grid, space: 70, values: (_, splits) => axisTimes(splits) },
        { stroke: ink, grid, ticks: grid, size: 60, incrs: WHOLE, values: (_, splits) => splits.map(shortNumber) },
      ],
      series: [
        {},
        ...detectors.map((detector) => ({
          paths: bars,
          points: { show: false },
          width: 0,
          fill: () => legend.colour(detector),
        })),
      ],
      hooks: {
        setCursor: [({ cursor }) => cursor.left >= 0 && cursor.idx != null && read(cursor.idx)],
        setSelect: [
          (made) => {
            isDragged = made.select.width > 0;
            if (!isDragged) return;
            const at = (left) => columnAt(columns, made.posToVal(left, "x"));
            choose(at(made.select.left), at(made.select.left + made.select.width));
            made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    },
    [centres(columns), ...stacked(columns, legend.isShown)],
    place,
  );
  chart.over.addEventListener("click", () => {
    if (!isDragged && chart.cursor.idx != null) choose(chart.cursor.idx, chart.cursor.idx);
    isDragged = false;
  });
  return chart;
}

// Matches are whole.
const WHOLE = [1, 2, 5].flatMap((first) => Array.from({ length: 12 }, (_, zeros) => first * 10 ** zeros)).sort((a, b) => a - b);

function columnAt({ starts, step }, seconds) {
  const at = Math.floor((seconds - starts[0]) / step.seconds);
  return Math.min(Math.max(at, 0), starts.length - 1);
}

// The hour, and the day where one begins.
function axisTimes(splits) {
  const isHourly = splits.length > 1 && splits[1] - splits[0] < 86400;
  return splits.map((seconds, at) => {
    const isMidnight = seconds % 86400 === 0;
    const hour = time(seconds).slice(-8, -3);
    if (!isHourly) return day(seconds);
    return isMidnight || at === 0 ? `${hour}\n${day(seconds)}` : hour;
  });
}

// Arrow keys go to the next column that has something, Home and End to the first and last of them; Enter chooses it.
function columnKeys(columns, isShown, move, choose) {
  let at = null;
  byId("timeline-chart").onkeydown = (event) => {
    const { byDetector, starts } = columns();
    const filled = starts.map((_, of) => of).filter((of) => columnParts(byDetector, of, isShown).sum > 0);
    const steps = {
      ArrowRight: () => filled.find((of) => at == null || of > at),
      ArrowLeft: () => filled.findLast((of) => at == null || of < at),
      Home: () => filled[0],
      End: () => filled[filled.length - 1],
    };
    if (event.key === "Enter" && at != null) choose(at, at);
    else if (steps[event.key]) {
      const next = steps[event.key]();
      if (next != null) move((at = next));
    } else return;
    event.preventDefault();
  };
}
