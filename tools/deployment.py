"""What the tools that prepare a deployment know of the template.

Which parameters matter stands here and nowhere else: `make samconfig` asks for them, and the template of `make package`
from which `sam deploy --guided` asks has no others. SAM asks for every parameter of the template that it is given, in
the order of the template, and there is no option that would leave one out.
"""

import re

from template_yaml import load

# Where the log files come from, who is told, what is counted, what is kept of each match. A parameter that the template has not got is an error.
ASKED = [
    "DeliveryMode",
    "LogBucketName",
    "LogKmsKeyArn",
    "TrailTopicArn",
    "TrailArn",
    "AccessLogs",
    "AlarmEmail",
    "PackActivity",
    "PackCis",
    "PackS3Access",
    "PackSources",
    "PackThreats",
    "Findings",
    "FindingsBucket",
]

# The modes in which a parameter means anything; the others are asked in all of them.
OF_MODES = {
    "LogBucketName": ("existing-bucket", "existing-topic"),
    "LogKmsKeyArn": ("existing-bucket", "existing-topic"),
    "TrailTopicArn": ("existing-topic",),
    "TrailArn": ("create-bucket",),
}


def parsed(text):
    """A template with its tags written out as functions (`!Ref X` is `{"Ref": "X"}`)."""
    template = load(text)
    missing = [name for name in ASKED if name not in template["Parameters"]]
    if missing:
        raise SystemExit(f"tools/deployment.py asks for {missing}, which the template has not got")
    return template


def refusal(name, spec, value):
    """Why a parameter cannot have a value, or None."""
    if value not in [str(allowed) for allowed in spec.get("AllowedValues", [value])]:
        return f"{name} is one of {', '.join(str(allowed) for allowed in spec['AllowedValues'])}"
    if not re.fullmatch(spec.get("AllowedPattern", ".*"), value):
        return f"{name} {spec.get('ConstraintDescription', 'does not have the form of such a value')}"
    if len(value) > int(spec.get("MaxLength", len(value))):
        return f"{name} has at most {spec['MaxLength']} characters"
    if spec["Type"] == "Number":
        least, most = spec.get("MinValue", float("-inf")), spec.get("MaxValue", float("inf"))
        if not re.fullmatch(r"-?[0-9]+", value) or not least <= int(value) <= most:
            return f"{name} is a number from {least} to {most}"
    return None


def stands(name, mode):
    """Whether a parameter means anything in a mode."""
    return mode in OF_MODES.get(name, (mode,))
