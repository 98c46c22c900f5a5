"""Writes the event names that the linter knows, from the API models of botocore.

    .venv/bin/python tools/event_names.py

An event of an API call bears the operation's name, and its eventSource is the service's name as it signs requests, or
as its endpoint is called. Both are facts of the public models, as is every name below. What CloudTrail records beside
API calls no model lists: those names stand in shared/detection/src/lint/names/beside.rs, each by hand.

The file has one line for each set of sources, and in it the operations by their first word:

    source,source Verb:Noun,Noun Verb:Noun
"""

import datetime
import gzip
import json
import re
from collections import defaultdict
from pathlib import Path

import botocore

TARGET = Path(__file__).parent.parent / "shared/detection/src/lint/names/event_names.txt"

# Where CloudTrail names a service otherwise than its model does.
ALSO = {
    "application-autoscaling": ["autoscaling"],
    "bedrock-agent-runtime": ["bedrock-agent-runtime"],
    "iot-data": ["iot"],
    "identitystore": ["sso-directory"],
    "sso": ["sso"],
    "sso-oidc": ["sso"],
    "s3control": ["s3"],
}


def sources(service: str, metadata: dict) -> list[str]:
    """The names that a service may have in eventSource, without .amazonaws.com."""
    endpoint = metadata["endpointPrefix"]
    names = {metadata.get("signingName", endpoint), *ALSO.get(service, [])}
    # `api.ecr` is a host, no source.
    if "." not in endpoint:
        names.add(endpoint)
    return sorted({name.lower() for name in names if "." not in name})


def model(path: Path) -> dict:
    return json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())


def main() -> None:
    operations: dict[tuple[str, ...], set[str]] = defaultdict(set)
    data = Path(botocore.__file__).parent / "data"
    for path in sorted(data.glob("*/*/service-2.json*")):
        service = model(path)
        key = tuple(sources(path.parent.parent.name, service["metadata"]))
        operations[key].update(service["operations"])
    lines = [
        f"# Written by tools/event_names.py from botocore {botocore.__version__} on {datetime.date.today()}.",
        "# Run it again instead of changing this file.",
    ]
    for key, names in sorted(operations.items()):
        by_verb: dict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            verb = re.match(r"[A-Z]*[a-z0-9]*", name).group()
            by_verb[verb].append(name[len(verb) :])
        groups = [f"{verb}:{','.join(nouns)}" for verb, nouns in by_verb.items()]
        lines.append(f"{','.join(key)} {' '.join(groups)}")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
