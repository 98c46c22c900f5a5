#!/usr/bin/env python3
"""Writes a folder that deploys where there is no Rust: zips of the functions, and templates that point at them.

    tools/package.py --arch arm64 --built target/lambda-arm64 --out target/package

`--built` is where cargo-lambda has put the binaries, a folder for each function. In the folder that is written:

- `template.yaml` is the repository's, with the zips beside it in the place of sources. It has every parameter.
- `guided.json` is the same with the parameters that matter; all others stand at their defaults. `sam deploy --guided`
  asks for every parameter of a template, and for those it can be asked.
- `samconfig.toml` names the second, so that `sam deploy --guided` in that folder takes it. One that is there stays.
- `README.md` and `LICENSE` are what the metadata for the Serverless Application Repository point at.

The same binaries make the same bytes: no time of day and no path of this machine goes into a zip.
"""

import argparse
import json
import re
import shutil
import zipfile
from pathlib import Path

from deployment import ASKED, parsed
from reduced import reduced

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r"^(\s*CodeUri: )functions/([a-z0-9-]+)$", re.MULTILINE)
ARCHITECTURES = ("arm64", "x86_64")

SAMCONFIG = """\
# `sam deploy --guided` in this folder, once; it writes its answers below. `make samconfig` of the sources is another way.
version = 0.1

[default.global.parameters]
stack_name = "trailmeter"

[default.deploy.parameters]
# The template that asks for what matters. template.yaml has every parameter and makes the same stack: name it here
# instead once you need another, and add that to parameter_overrides.
template_file = "guided.json"
# One role for each function, with a generated name.
capabilities = "CAPABILITY_IAM"
confirm_changeset = true
# The bucket for the zips is SAM's own.
resolve_s3 = true
"""


def functions(template):
    """The functions whose code the template takes from here, in its order."""
    found = [name for _, name in CODE.findall(template)]
    there = sorted(folder.parent.name for folder in (ROOT / "functions").glob("*/Cargo.toml"))
    if sorted(set(found)) != there:
        raise SystemExit(f"template.yaml deploys {sorted(set(found))}, and functions/ holds {there}")
    return found


def write_zip(binary, path):
    """A zip with a binary in it that Lambda can start."""
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=9)


def with_zips(template, arch):
    """The template with zips in the place of sources. They are for one processor, so that it can name no other."""
    template = CODE.sub(rf"\g<1>\g<2>-{arch}.zip", template)
    head = "  Architecture:\n    Type: String\n"
    choice = re.compile(re.escape(head) + r"    Default: .*\n    AllowedValues: .*\n")
    template, count = choice.subn(f"{head}    Default: {arch}\n    AllowedValues: [{arch}]\n", template)
    if count != 1:
        raise SystemExit("template.yaml: the parameter Architecture is not written as this script expects it")
    return template


def guided(template):
    """The template with the parameters that matter; the rest is at its defaults."""
    template = parsed(template)
    values = {name: spec["Default"] for name, spec in template["Parameters"].items() if name not in ASKED}
    fewer = reduced(template, values)
    interface = fewer["Metadata"]["AWS::CloudFormation::Interface"]
    for group in interface["ParameterGroups"]:
        group["Parameters"] = [name for name in group["Parameters"] if name in ASKED]
    interface["ParameterGroups"] = [group for group in interface["ParameterGroups"] if group["Parameters"]]
    return fewer


def main():
    parser = argparse.ArgumentParser(description="Writes a folder that deploys where there is no Rust.")
    parser.add_argument("--arch", choices=ARCHITECTURES, default=ARCHITECTURES[0])
    parser.add_argument("--built", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    names = functions(template)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for old in arguments.out.glob("*.zip"):
        old.unlink()
    for name in names:
        write_zip(arguments.built / name / "bootstrap", arguments.out / f"{name}-{arguments.arch}.zip")
    template = with_zips(template, arguments.arch)
    (arguments.out / "template.yaml").write_text(template, encoding="utf-8")
    (arguments.out / "guided.json").write_text(json.dumps(guided(template), indent=1) + "\n", encoding="utf-8")
    # After the first deployment it holds somebody's answers.
    if not (arguments.out / "samconfig.toml").exists():
        (arguments.out / "samconfig.toml").write_text(SAMCONFIG, encoding="utf-8")
    for name in ("README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, arguments.out / name)
    print(f"{arguments.out} is ready: cd {arguments.out} && sam deploy --guided")


if __name__ == "__main__":
    main()
