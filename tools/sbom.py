#!/usr/bin/env python3
"""Leaves in a CycloneDX document of the function what is compiled into it, and nothing else.

cargo-cyclonedx reads the whole workspace's metadata, in which the features that other packages ask of a crate count for
the function as well: the clients of `trailmeter doctor` would stand in its list. `cargo tree` knows them apart.

    cargo tree --package detect --edges normal --prefix none --format '{p}' | tools/sbom.py detect.cdx.json
"""

import json
import sys
from pathlib import Path


def compiled(lines):
    """(name, version) of each line of cargo's tree: `name v1.2.3 (where from)`."""
    words = (line.split() for line in lines if line.strip())
    return {(name, version.removeprefix("v")) for name, version, *_ in words}


def main():
    path = Path(sys.argv[1])
    document = json.loads(path.read_text(encoding="utf-8"))
    keep = compiled(sys.stdin)
    listed = {(component["name"], component["version"]) for component in document["components"]}
    subject = document["metadata"]["component"]
    missing = keep - listed - {(subject["name"], subject["version"])}
    if missing:
        sys.exit(f"cargo compiles what the document does not list: {sorted(missing)}")
    document["components"] = [c for c in document["components"] if (c["name"], c["version"]) in keep]
    known = {component["bom-ref"] for component in document["components"]} | {subject["bom-ref"]}
    document["dependencies"] = [
        {**edges, "dependsOn": [ref for ref in edges.get("dependsOn", []) if ref in known]}
        for edges in document["dependencies"]
        if edges["ref"] in known
    ]
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{len(document['components'])} components in {path}")


main()
