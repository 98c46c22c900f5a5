"""The saved queries and tables as a stack has them: what people will find in the console, not the files they come from."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "template"))

from resolver import Stack, transformed  # noqa: E402  (of the tests of the template)

ROOT = Path(__file__).resolve().parents[2]

# Everything on: the findings' table, the access logs' table in either layout, a log group of the user's.
PARTITIONED = {
    "Queries": "yes",
    "FindingsBucket": "yes",
    "AccessLogsBucket": "amzn-s3-demo-logging",
    "InsightsLogGroup": "aws-cloudtrail-logs",
    "QueriesDetectors": "Own",
}
SIMPLE = {**PARTITIONED, "AccessLogsLayout": "simple"}

_TEMPLATE = transformed()


def stack(**parameters):
    return Stack(_TEMPLATE, **parameters)


def tables(deployed):
    """Glue's tables by name."""
    return {table["TableInput"]["Name"]: table["TableInput"] for table in deployed.of_type("AWS::Glue::Table").values()}


def database(deployed):
    return deployed.one("AWS::Glue::Database")["DatabaseInput"]["Name"]


def named_queries(deployed):
    """Athena's saved queries by name, with the names that their references stand for."""
    names = {
        logical: resource["Properties"]["TableInput"]["Name"]
        for logical, resource in deployed.resources.items()
        if resource["Type"] == "AWS::Glue::Table"
    }
    names["QueryDatabase"] = database(deployed)
    found = {}
    for query in deployed.of_type("AWS::Athena::NamedQuery").values():
        assert query["Name"] not in found, f"two queries named {query['Name']}"
        found[query["Name"]] = re.sub(r"\$\{(\w+)\}", lambda name: names[name[1]], query["QueryString"])
    return found


def insights_queries(deployed):
    """Saved queries of Logs Insights by what follows the stack's name, as trail/q01-newest."""
    queries = deployed.of_type("AWS::Logs::QueryDefinition").values()
    found = {query["Name"].removeprefix("Watch-Prod/"): query["QueryString"] for query in queries}
    assert len(found) == len(queries)
    return found
