"""A CloudFormation template as it would stand with given parameters: SAM's transform, then conditions and intrinsics.

Small on purpose, and strict: an intrinsic that it does not know, a parameter that the template would refuse, and a
reference to a resource that the conditions leave out are errors, as they are in CloudFormation.

What CloudFormation would only know after deploying stands as a symbol: `${LogKey.Arn}`. Resources with a name of their
own get their real ARN instead, so an ARN that the template writes out by hand can be compared with the one it means.
"""

import copy
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from samtranslator.translator.transform import transform  # noqa: E402  (asks for a region when imported)

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
sys.path.insert(0, str(TEMPLATE.parent / "tools"))

from template_yaml import load  # noqa: E402  (as the tools read it)

ACCOUNT = "111111111111"
REGION = "eu-west-1"
STACK = "Watch-Prod"  # upper case, which a bucket name would not take
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/0f9a8b7c-1111-2222-3333-a1b2c3d4e5f6"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": STACK,
    "AWS::StackId": STACK_ID,
}
NO_VALUE = object()

# type: (property with the name, ARN of that name, whether Ref is the name)
NAMED = {
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{}", True),
    "AWS::SQS::Queue": ("QueueName", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}", False),
    "AWS::CloudTrail::Trail": ("TrailName", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{{}}", True),
    "AWS::DynamoDB::Table": ("TableName", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}", True),
    "AWS::Logs::LogGroup": ("LogGroupName", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*", True),
}


class Refused(Exception):
    """What CloudFormation would answer before it touches anything."""


def source(path=TEMPLATE):
    """The template as written."""
    return load(path.read_text(encoding="utf-8"))


class _NoManagedPolicies:
    """SAM asks IAM for AWS's managed policies; this template uses none, so the test needs no network."""

    def load(self):
        return {}


def transformed(path=TEMPLATE):
    """The template after SAM's transform, as CloudFormation gets it."""
    template = source(path)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://packaged/code.zip"  # what `sam package` puts there
    # In some places SAM writes a parameter's value for a reference to it. Given the reference as its value, it leaves
    # it there, and one transform does for every set of parameters.
    themselves = {name: {"Ref": name} for name in template["Parameters"]}
    return transform(template, themselves, _NoManagedPolicies())


def references(node):
    """Every name that Ref, GetAtt, Sub and DependsOn mention below `node`."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
        return
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "Ref":
            yield value
        elif key == "Fn::GetAtt":
            yield value[0] if isinstance(value, list) else value.split(".")[0]
        elif key == "DependsOn":
            yield from [value] if isinstance(value, str) else value
        elif key == "Fn::Sub":
            text, names = (value, {}) if isinstance(value, str) else value
            for name in re.findall(r"\$\{([^!}][^}]*)\}", text):
                if name not in names:
                    yield name.split(".")[0]
            yield from references(names)
        else:
            yield from references(value)


def conditions_named(node):
    """Every condition that `node` asks for, by Fn::If, Condition or a resource's Condition."""
    if isinstance(node, list):
        for item in node:
            yield from conditions_named(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "Fn::If":
                yield value[0]
            if key == "Condition" and isinstance(value, str):
                yield value
            yield from conditions_named(value)


class Stack:
    """The transformed template under one set of parameters."""

    def __init__(self, template, **given):
        self.template = copy.deepcopy(template)
        self.parameters = self._parameters(given)
        self._check_rules()
        self._resolving = []
        self.resources = {
            name: self._resource(resource)
            for name, resource in self.template["Resources"].items()
            if self._stands(resource)
        }
        self.outputs = {
            name: self.value(output["Value"])
            for name, output in self.template.get("Outputs", {}).items()
            if self._stands(output)
        }

    # -- what tests ask for

    def __contains__(self, name):
        return name in self.resources

    def __getitem__(self, name):
        return self.resources[name]["Properties"]

    def of_type(self, kind):
        return {n: r["Properties"] for n, r in self.resources.items() if r["Type"] == kind}

    def one(self, kind):
        found = list(self.of_type(kind).values())
        assert len(found) == 1, f"{len(found)} resources of type {kind}"
        return found[0]

    def arn(self, name):
        return self._attribute(name, "Arn")

    # -- parameters and rules

    def _parameters(self, given):
        declared = self.template["Parameters"]
        unknown = set(given) - set(declared)
        if unknown:
            raise Refused(f"no such parameter: {sorted(unknown)}")
        values = {}
        for name, spec in declared.items():
            if name not in given and "Default" not in spec:
                raise Refused(f"{name} has no value")
            value = str(given.get(name, spec.get("Default")))
            why = spec.get("ConstraintDescription", "")
            if "AllowedValues" in spec and value not in [str(v) for v in spec["AllowedValues"]]:
                raise Refused(f"{name} is not one of the allowed values")
            if "AllowedPattern" in spec and not re.fullmatch(spec["AllowedPattern"], value):
                raise Refused(f"{name} {why}")
            if "MaxLength" in spec and len(value) > int(spec["MaxLength"]):
                raise Refused(f"{name} is too long")
            if spec["Type"] == "Number":
                number = float(value)
                if number < spec.get("MinValue", number) or number > spec.get("MaxValue", number):
                    raise Refused(f"{name} is out of bounds")
            elif spec["Type"] != "String":
                raise NotImplementedError(f"parameter type {spec['Type']}")
            values[name] = value
        return values

    def _check_rules(self):
        for name, rule in self.template.get("Rules", {}).items():
            if "RuleCondition" in rule and not self._rule(rule["RuleCondition"]):
                continue
            for assertion in rule["Assertions"]:
                if not self._rule(assertion["Assert"]):
                    raise Refused(f"{name}: {assertion['AssertDescription']}")

    def _rule(self, node):
        """Rules know parameters only, no conditions, and no Fn::If."""
        if isinstance(node, list):
            return [self._rule(item) for item in node]
        if not isinstance(node, dict):
            return node
        ((name, args),) = node.items()
        if name == "Ref":
            return self.parameters[args]
        args = self._rule(args)
        match name:
            case "Fn::Equals":
                return str(args[0]) == str(args[1])
            case "Fn::Not":
                return not args[0]
            case "Fn::And":
                return all(args)
            case "Fn::Or":
                return any(args)
            case "Fn::Contains":
                return args[1] in args[0]
        raise NotImplementedError(f"{name} in Rules")

    # -- conditions

    def _stands(self, item):
        return "Condition" not in item or self.condition(item["Condition"])

    def condition(self, name):
        return self._holds(self.template["Conditions"][name])

    def _holds(self, node):
        ((name, args),) = node.items()
        match name:
            case "Condition":
                return self.condition(args)
            case "Fn::Equals":
                left, right = (self.value(a) for a in args)
                return str(left) == str(right)
            case "Fn::Not":
                return not self._holds(args[0])
            case "Fn::And":
                return all([self._holds(a) for a in args])
            case "Fn::Or":
                return any([self._holds(a) for a in args])
        raise NotImplementedError(f"{name} in Conditions")

    # -- resources and intrinsics

    def _resource(self, resource):
        done = {k: v for k, v in resource.items() if k not in ("Properties", "Condition", "Metadata")}
        done["Properties"] = self.value(resource.get("Properties", {}))
        for needed in [done["DependsOn"]] if isinstance(done.get("DependsOn"), str) else done.get("DependsOn", []):
            self._existing(needed)
        return done

    def value(self, node):
        if isinstance(node, list):
            return [v for v in (self.value(item) for item in node) if v is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, args),) = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._intrinsic(name, args)
        resolved = {key: self.value(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not NO_VALUE}

    def _intrinsic(self, name, args):
        match name:
            case "Ref":
                return self._ref(args)
            case "Fn::GetAtt":
                resource, attribute = args if isinstance(args, list) else args.split(".", 1)
                return self._attribute(resource, attribute)
            case "Fn::If":
                return self.value(args[1] if self.condition(args[0]) else args[2])
            case "Fn::Join":
                return args[0].join(str(v) for v in self.value(args[1]))
            case "Fn::Split":
                return self.value(args[1]).split(args[0])
            case "Fn::Select":
                values = self.value(args[1])
                if int(args[0]) >= len(values):
                    raise Refused(f"Fn::Select cannot select nonexistent value at index {args[0]}")
                return values[int(args[0])]
            case "Fn::Sub":
                return self._sub(args)
        raise NotImplementedError(name)

    def _sub(self, args):
        text, names = (args, {}) if isinstance(args, str) else args

        def put(found):
            name = found.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in names:
                return str(self.value(names[name]))
            resource, _, attribute = name.partition(".")
            return str(self._attribute(resource, attribute) if attribute else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", put, text)

    def _existing(self, name):
        resource = self.template["Resources"].get(name)
        if resource is None or not self._stands(resource):
            raise Refused(f"unresolved resource dependency: {name}")
        return resource

    def _name(self, name):
        """The physical name of a resource that has one of its own."""
        resource = self._existing(name)
        prop, _, _ = NAMED.get(resource["Type"], (None, None, None))
        given = resource.get("Properties", {}).get(prop) if prop else None
        return None if given is None else self.value(given)

    def _ref(self, name):
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        physical = self._name(name)
        if physical is not None and NAMED[self._existing(name)["Type"]][2]:
            return physical
        return "${" + name + "}"

    def _attribute(self, name, attribute):
        physical = self._name(name)
        if physical is not None and attribute == "Arn":
            return NAMED[self._existing(name)["Type"]][1].format(physical)
        return "${" + f"{name}.{attribute}" + "}"
