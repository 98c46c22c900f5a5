"""A template with some of its parameters settled: the same stack, and fewer questions.

Parameters are replaced by their values, and what that decides is worked out: conditions that can only come out one way
are gone, with the branches and resources that they keep out. What is left reads as if it had been written so, and a
linter finds no comparison in it that is always true.

Templates come with their tags written out as functions (`deployment.parsed`).
"""

import re


def reduced(template, values):
    """The template without the parameters that `values` has."""
    rest = {key: part for key, part in template.items() if key != "Parameters"}
    rest = _settled(rest, values)
    conditions = {}
    for name in rest["Conditions"]:
        conditions[name] = _simple(rest["Conditions"][name], rest["Conditions"])
    rest = _without_dead_branches(rest, conditions)
    for section in ("Resources", "Outputs"):
        standing = {name: _standing(item, conditions) for name, item in rest[section].items()}
        rest[section] = {name: item for name, item in standing.items() if item}
    for resource in rest["Resources"].values():
        _keep_dependencies(resource, rest["Resources"])
    rest["Conditions"] = _used(rest, conditions)
    rest["Rules"] = {name: rule for name, rule in ((n, _rule(r)) for n, r in rest["Rules"].items()) if rule}
    parameters = {name: spec for name, spec in template["Parameters"].items() if name not in values}
    return {"AWSTemplateFormatVersion": rest.pop("AWSTemplateFormatVersion"), "Parameters": parameters, **rest}


def _settled(node, values):
    """Values in the place of parameters."""
    if isinstance(node, list):
        return [_settled(item, values) for item in node]
    if not isinstance(node, dict):
        return node
    if list(node) == ["Ref"]:
        return values.get(node["Ref"], node)
    if list(node) == ["Fn::Sub"]:
        text, names = (node["Fn::Sub"], {}) if isinstance(node["Fn::Sub"], str) else node["Fn::Sub"]
        own = {name: value for name, value in values.items() if name not in names}
        text = re.sub(r"\$\{(\w+)\}", lambda found: str(own.get(found.group(1), found.group(0))), text)
        return {"Fn::Sub": [text, _settled(names, values)] if names else text}
    return {key: _settled(value, values) for key, value in node.items()}


def _simple(node, conditions):
    """A condition as true, false, or what is left of it."""
    ((name, args),) = node.items()
    if name == "Condition":
        found = _simple(conditions[args], conditions)
        return found if isinstance(found, bool) else node
    if name == "Fn::Equals":
        return str(args[0]) == str(args[1]) if not any(isinstance(arg, dict) for arg in args) else node
    if name == "Fn::Contains":
        return str(args[1]) in map(str, args[0]) if not isinstance(args[1], dict) else node
    parts = [_simple(part, conditions) for part in args]
    if name == "Fn::Not":
        return not parts[0] if isinstance(parts[0], bool) else {name: parts}
    # One part that is this decides the whole; its opposite says nothing.
    decides = {"Fn::And": False, "Fn::Or": True}[name]
    left = [part for part in parts if not isinstance(part, bool)]
    if decides in [part for part in parts if isinstance(part, bool)]:
        return decides
    if not left:
        return not decides
    return left[0] if len(left) == 1 else {name: left}


def _without_dead_branches(node, conditions):
    if isinstance(node, list):
        return [_without_dead_branches(item, conditions) for item in node]
    if not isinstance(node, dict):
        return node
    if list(node) == ["Fn::If"] and isinstance(conditions[node["Fn::If"][0]], bool):
        _, then, otherwise = node["Fn::If"]
        return _without_dead_branches(then if conditions[node["Fn::If"][0]] else otherwise, conditions)
    return {key: _without_dead_branches(value, conditions) for key, value in node.items()}


def _standing(item, conditions):
    """A resource or an output as it stands under what is known, or nothing."""
    condition = conditions.get(item.get("Condition"))
    if condition is False:
        return None
    return {key: value for key, value in item.items() if key != "Condition"} if condition is True else item


def _keep_dependencies(resource, resources):
    needed = resource.get("DependsOn", [])
    if isinstance(needed, list):
        resource["DependsOn"] = [name for name in needed if name in resources]
    if not needed or isinstance(needed, str) and needed not in resources:
        resource.pop("DependsOn", None)


def _named(node):
    """Every condition that a piece of a template asks for."""
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    elif isinstance(node, dict):
        if "Fn::If" in node:
            yield node["Fn::If"][0]
        if isinstance(node.get("Condition"), str):
            yield node["Condition"]
        for value in node.values():
            yield from _named(value)


def _used(template, conditions):
    """The conditions that are left and asked for, by the template or by one that is."""
    wanted = set(_named({key: part for key, part in template.items() if key != "Conditions"}))
    while more := {name for of in wanted for name in _named(conditions[of])} - wanted:
        wanted |= more
    return {name: condition for name, condition in conditions.items() if name in wanted}


def _rule(rule):
    """A rule that can still be broken, or nothing."""
    when = _simple(rule["RuleCondition"], {}) if "RuleCondition" in rule else True
    if when is False:
        return None
    assertions = [{**one, "Assert": _simple(one["Assert"], {})} for one in rule["Assertions"]]
    assertions = [one for one in assertions if one["Assert"] is not True]
    if any(one["Assert"] is False for one in assertions):
        raise SystemExit(f"a rule does not hold at the defaults: {rule}")
    if not assertions:
        return None
    return {"RuleCondition": when, "Assertions": assertions} if when is not True else {"Assertions": assertions}
