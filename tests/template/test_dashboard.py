"""The dashboard: new detectors appear by themselves, and prices are those of `trailmeter cost`."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def widgets(stack):
    """The widgets of the first dashboard, by title."""
    body = json.loads(stack.resources["Dashboard"]["Properties"]["DashboardBody"])
    return {widget["properties"]["title"]: widget["properties"] for widget in body["widgets"]}


def test_detectors_are_found_by_a_search_that_leaves_out_every_metric_of_our_own(any_stack):
    (search,) = [metric[0] for metric in widgets(any_stack)["Matches by detector"]["metrics"]]
    source = (ROOT / "shared/detection/src/detector.rs").read_text()
    own = re.findall(r'"(\w+)"', re.search(r"RESERVED_METRIC_NAMES.*?\];", source, re.S)[0])
    left_out = search["expression"].split("MetricName=(")[1]
    # Without quotes a word leaves out every name that it is a part of, such as what is put for the past.
    assert left_out.startswith("Backfill OR ")
    assert re.findall(r'"(\w+)"', left_out) == [name for name in own if not name.startswith("Backfill")]
    assert len(search["expression"]) <= 1024, "CloudWatch takes no longer expression"


def test_own_metrics_are_all_reserved():
    """Every name that the pipeline puts, or a detector could take it."""
    source = (ROOT / "shared/detection/src/detector.rs").read_text()
    own = set(re.findall(r'"(\w+)"', re.search(r"RESERVED_METRIC_NAMES.*?\];", source, re.S)[0]))
    pipeline = (ROOT / "shared/pipeline/src").rglob("*.rs")
    text = "\n".join(path.read_text() for path in pipeline if "tests" not in path.parts and path.name != "tests.rs")
    put = set(re.findall(r'"((?:Objects|Records|Messages|Counted|Counts|Findings|Matches|Ledger|Detector)[A-Z]\w+)"', text))
    assert put, "nothing found to compare with"
    assert put <= own, put - own


def test_health_has_lag_failures_and_dead_letters(any_stack):
    shown = json.dumps(widgets(any_stack)["Health, over the time that is shown"]["metrics"])
    for metric in ["ObjectsRead", "ObjectsFailed", "DeliveryLag", "ApproximateNumberOfMessagesVisible"]:
        assert metric in shown


def test_prices_are_those_of_the_command():
    dashboard = (ROOT / "xtask/src/alarms/dashboard.rs").read_text()
    prices = (ROOT / "cli/src/cost/prices.rs").read_text().replace("_", "")
    for constant, charge in {
        "GB_SECOND": "Compute",
        "MILLION_INVOCATIONS": "Invocations",
        "THOUSAND_READS": "ObjectReads",
        "MILLION_QUEUE_REQUESTS": "QueueRequests",
        "MILLION_LEDGER_WRITES": "LedgerWrites",
        "GB_OF_LOG": "LogIngestion",
    }.items():
        here = float(re.search(rf'const {constant}: &str = "([\d.]+)"', dashboard)[1])
        row = re.search(rf"price\(Charge::{charge}, (.*)\)", prices)[1]
        usd = float(re.findall(r", ([\d.]+), [\d.e]+, [A-Z]", row)[0])
        assert here == usd, constant
