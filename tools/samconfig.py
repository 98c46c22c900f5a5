#!/usr/bin/env python3
"""Writes the answers of a deployment into samconfig.toml, so that `sam build` and `sam deploy` ask for nothing more.

    make samconfig                                                    # asks for what matters, on a terminal
    make samconfig ENV=prod STACK=trail-prod DeliveryMode=existing-bucket LogBucketName=our-logs AlarmEmail=soc@example.com

Every parameter of the template may be given as a variable. What is not given is asked for if it matters
(tools/deployment.py), and otherwise is what the file has, or its default. What the template would refuse is refused
here.

An answer that is there already is shown and not replaced by another, unless whoever is asked says yes, or REPLACE=yes
does. Everything else in the file stays as it is, comments too.
"""

import os
import re
import sys
import tomllib
from pathlib import Path

from deployment import ASKED, parsed, refusal, stands

ROOT = Path(__file__).resolve().parents[1]


def main():
    template = parsed((ROOT / "template.yaml").read_text(encoding="utf-8"))
    path = Path(os.environ.get("SAMCONFIG", ROOT / "samconfig.toml"))
    text = path.read_text(encoding="utf-8") if path.exists() else "version = 0.1\n"
    environment = os.environ.get("ENV", "default")
    if not re.fullmatch(r"[A-Za-z0-9_-]+", environment):
        sys.exit(f"ENV={environment}: the name of an environment has letters, digits, hyphens and underscores")
    before = existing(text, environment)
    known = dict(re.findall(r'(\w+)="([^"]*)"', overrides_of(before)))
    answers = answered(template["Parameters"], known)
    may_replace(environment, {name: value for name, value in known.items() if answers.get(name) != value}, answers)
    overrides = " ".join(f'{name}="{value}"' for name, value in answers.items())
    text = with_answers(text, environment, before, overrides, answers.get("Architecture"))
    # What was written is read again before it replaces anything.
    tomllib.loads(text)
    path.write_text(text, encoding="utf-8")
    option = "" if environment == "default" else f" --config-env {environment}"
    print(f"{path.name}: {overrides or 'every parameter at its default'}\nnow: sam build{option} && sam deploy{option}")


def existing(text, environment):
    """What the file says of the environment."""
    try:
        return tomllib.loads(text).get(environment, {})
    except tomllib.TOMLDecodeError as error:
        sys.exit(f"samconfig.toml cannot be read, and is left as it is: {error}")


def answered(parameters, known):
    """The parameters that are to differ from their defaults, in the order of the template."""
    found = {}
    for name, spec in parameters.items():
        default = str(spec["Default"])
        mode = found.get("DeliveryMode", str(parameters["DeliveryMode"]["Default"]))
        # What the mode has no use for would be refused.
        value = os.environ.get(name, known.get(name, default) if stands(name, mode) else default)
        if name not in os.environ and name in ASKED and stands(name, mode) and sys.stdin.isatty():
            value = ask(name, spec, value)
        problem = refusal(name, spec, value)
        if problem:
            sys.exit(problem)
        if value != default:
            found[name] = value
    return found


def ask(name, spec, suggested):
    """Asks until the answer can be used."""
    print(f"\n{spec['Description']}")
    allowed = f" ({' / '.join(map(str, spec['AllowedValues']))})" if "AllowedValues" in spec else ""
    while True:
        value = input(f"{name}{allowed} [{suggested}]: ").strip() or suggested
        problem = refusal(name, spec, value)
        if not problem:
            return value
        print(problem)


def overrides_of(before):
    found = before.get("deploy", {}).get("parameters", {}).get("parameter_overrides", "")
    return " ".join(found) if isinstance(found, list) else found


def with_answers(text, environment, before, overrides, architecture):
    """The file with the answers in it."""
    stack = os.environ.get("STACK")
    if stack or not before and environment != "default":
        stack = stack or f"trailmeter-{environment}"
        text = with_line(text, f"{environment}.global.parameters", "stack_name", stack)
    if "deploy" not in before:
        lines = {"capabilities": "CAPABILITY_IAM", "confirm_changeset": True, "resolve_s3": True}
        for key, value in lines.items():
            text = with_line(text, f"{environment}.deploy.parameters", key, value)
    if "build" not in before:
        text = with_line(text, f"{environment}.build.parameters", "cached", False)
    # The build has to know for which processor it is; of the rest it needs nothing.
    processor = f'Architecture="{architecture}"' if architecture else ""
    text = with_line(text, f"{environment}.build.parameters", "parameter_overrides", processor)
    return with_line(text, f"{environment}.deploy.parameters", "parameter_overrides", overrides)


def may_replace(environment, old, answers):
    """Ends here if answers of before would go that may not."""
    for name, value in old.items():
        print(f'samconfig.toml has {name}="{value}" for {environment}; new is "{answers.get(name, "")}"')
    if not old or os.environ.get("REPLACE") == "yes":
        return
    if not sys.stdin.isatty():
        sys.exit("it is left as it is: REPLACE=yes replaces that, ENV=NAME writes answers beside it")
    if input("replace them? [y/N]: ").strip().lower() not in ("y", "yes"):
        sys.exit("they are left as they are")


def with_line(text, section, key, value):
    """The text with a line in a section, in the place of the one that is there. No value takes it out."""
    lines = text.splitlines()
    head = f"[{section}]"
    starts = [at for at, line in enumerate(lines) if line.strip() == head]
    if not starts and value != "":
        lines += ["", head]
        starts = [len(lines) - 1]
    if not starts:
        return text
    begin = starts[0] + 1
    end = next((at for at in range(begin, len(lines)) if lines[at].lstrip().startswith("[")), len(lines))
    there = [at for at in range(begin, end) if re.match(rf"\s*{key}\s*=", lines[at])]
    line = [] if value == "" else [f"{key} = {written(value)}"]
    if there:
        if not is_whole(lines[there[0]]):
            sys.exit(f"samconfig.toml has {key} of {section} on several lines, and is left as it is: put it on one")
        lines[there[0] : there[0] + 1] = line
    else:
        # Behind the last line that is not empty.
        while end > begin and not lines[end - 1].strip():
            end -= 1
        lines[end:end] = line
    return "\n".join(lines) + "\n"


def is_whole(line):
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True


def written(value):
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    main()
