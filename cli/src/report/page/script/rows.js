// Findings as the table has them: what is sorted and filtered by, worked out once.

const COLUMNS = [
  { field: "time", title: "Time (UTC)" },
  { field: "severity", title: "Severity" },
  { field: "detector", title: "Detector" },
  { field: "actor", title: "Actor" },
  { field: "address", title: "Address" },
  { field: "api", title: "API" },
  { field: "error", title: "Error" },
  { field: "account", title: "Account" },
  { field: "region", title: "Region" },
];

function rowsOf({ detectors, findings }) {
  return findings.rows.map(({ detector: at, ...said }) => {
    const detector = detectors[at];
    const row = {
      said,
      title: detector.title,
      attack: detector.attack,
      seconds: said.event_time ? Date.parse(said.event_time) / 1000 : null,
      time: said.event_time ? time(Date.parse(said.event_time) / 1000) : null,
      severity: detector.severity,
      detector: detector.name,
      ...labels(said),
    };
    row.text = texts([row.severity, row.detector, row.title, row.attack, labels(said), said]).join("\n").toLowerCase();
    return row;
  });
}

// The words under which a finding stands in the top lists, as cli/src/report/labels.rs makes them.
function labels({ actor, source_ip, event_source, event_name, error_code, account, region }) {
  const service = (event_source ?? "").replace(/\.amazonaws\.com$/, "");
  return {
    actor: actor.account ? `${actor.name} (${actor.account})` : actor.name,
    address: source_ip ?? null,
    api: event_name == null ? null : service ? `${service}:${event_name}` : event_name,
    error: error_code ?? null,
    account: account ?? null,
    region: region ?? null,
  };
}

function texts(value) {
  if (value == null) return [];
  return typeof value === "object" ? Object.values(value).flatMap(texts) : [String(value)];
}

// What is absent comes last, whichever way the rest goes.
function ordered(rows, field, isDescending) {
  const key = field === "severity" ? (row) => SEVERITIES.indexOf(row.severity) : (row) => (field === "time" ? row.seconds : row[field]);
  const way = isDescending ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a, b] = [key(one), key(other)];
    if (a == null || b == null) return (a == null) - (b == null);
    return a < b ? -way : a > b ? way : 0;
  });
}
