"""Writes the JSON Schemas that the tests hold findings of other formats to, from what others publish.

    python tools/finding_schemas.py shared/detection/testdata

needs botocore and ocsf-json-schema, which no test does: what it writes is committed. Both sources are under the Apache
License 2.0."""

import json
import re
import sys
from pathlib import Path

OCSF = "1.6.0"
# What Security Hub knows of the insides of resources is most of its model, and findings have none of it.
LEFT_OUT = {"Details"}
# Said on AWS's page on the format, not in the model of its API.
# https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
ALSO_SAID = {
    ("AwsSecurityFinding", "ProductFields"): {
        "maxProperties": 50,
        "propertyNames": {"maxLength": 128},
        "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 2048},
    },
    ("AwsSecurityFinding", "AwsAccountId"): {"pattern": "^[0-9]{12}$"},
}
TIMES = re.compile(r"At$")
INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})$"


def ocsf():
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(OCSF)).get_class_schema("detection_finding", ["cloud"])
    return without_words(schema)


def without_words(schema):
    if isinstance(schema, list):
        return [without_words(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    # A property may be called title as well; then it has a schema, not a text.
    words = {key for key in ("title", "description") if isinstance(schema.get(key), str)}
    return {key: without_words(value) for key, value in schema.items() if key not in words}


def asff():
    import botocore.session

    model = botocore.session.get_session().get_service_model("securityhub")
    definitions = {}
    root = of_shape(model.shape_for("AwsSecurityFinding"), definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root, "$defs": dict(sorted(definitions.items()))}


def of_shape(shape, definitions):
    kind = shape.type_name
    if kind == "structure":
        if shape.name not in definitions:
            definitions[shape.name] = {}
            members = {name: member for name, member in shape.members.items() if name not in LEFT_OUT}
            definitions[shape.name] = {
                "type": "object",
                "additionalProperties": False,
                "properties": {name: of_member(shape.name, name, m, definitions) for name, m in members.items()},
                "required": shape.required_members,
            }
        return {"$ref": f"#/$defs/{shape.name}"}
    if kind == "list":
        return {"type": "array", "items": of_shape(shape.member, definitions)}
    if kind == "map":
        return {"type": "object", "additionalProperties": of_shape(shape.value, definitions)}
    if kind == "string":
        said = {key: shape.metadata[key] for key in ("pattern", "enum") if key in shape.metadata}
        return {"type": "string", **said}
    return {"type": {"timestamp": "string", "double": "number", "float": "number", "long": "integer"}.get(kind, kind)}


def of_member(owner, name, member, definitions):
    schema = of_shape(member, definitions)
    words = re.sub(r"<[^>]+>", " ", member.documentation)
    for said, keyword in (
        (r"Minimum length of (\d+)", "minLength"),
        (r"Maximum length of (\d+)", "maxLength"),
        (r"Minimum number of (\d+) item", "minItems"),
        (r"Maximum number of (\d+) item", "maxItems"),
    ):
        if found := re.search(said, words):
            schema[keyword] = int(found.group(1))
    if owner == "AwsSecurityFinding" and TIMES.search(name):
        schema["pattern"] = INSTANT
    return {**schema, **ALSO_SAID.get((owner, name), {})}


def main(folder):
    for name, schema in ((f"ocsf-{OCSF}-detection-finding", ocsf()), ("asff", asff())):
        text = json.dumps(schema, separators=(",", ":"), sort_keys=True)
        (folder / f"{name}.schema.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
