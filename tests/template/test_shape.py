"""What holds for the template as a whole: nothing idle, no circles, names, what is kept, the generated block."""

import json
import re

import pytest
from conftest import CREATES_BUCKET, EXISTING, KEEPS_FINDINGS, NOTIFIES, WITHOUT_LEDGER, peoples_topic
from resolver import PSEUDO, TEMPLATE, conditions_named, references, source

TEXT = TEMPLATE.read_text(encoding="utf-8")
# Properties that fix a physical name, and so would keep a second stack out if it were the same there.
NAMES = {
    "AlarmName", "AliasName", "BucketName", "DashboardName", "FunctionName", "LogGroupName", "QueueName", "RoleName",
    "TableName", "TopicName", "TrailName",
}  # fmt: skip
# Where FunctionName is a reference.
REFER_TO_A_FUNCTION = {
    "AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Permission",
}  # fmt: skip


def test_only_sams_transform():
    # LanguageExtensions would need a flag at every `sam build` and `sam deploy`.
    assert source()["Transform"] == "AWS::Serverless-2016-10-31"


def test_every_parameter_does_something():
    template = source()
    used = set(references([template["Resources"], template["Conditions"]]))
    assert set(template["Parameters"]) - used == set()


def test_every_condition_is_asked_for():
    template = source()
    asked = set(conditions_named([template["Resources"], template["Outputs"], template["Conditions"]]))
    assert set(template["Conditions"]) - asked == set()
    assert asked - set(template["Conditions"]) == set()


def test_every_parameter_is_described_and_grouped_once():
    template = source()
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert grouped == list(template["Parameters"]), "groups list the parameters in the order they are declared"
    for name, parameter in template["Parameters"].items():
        assert parameter.get("Description"), name
        assert len(parameter["Description"]) <= 4000, name
        assert ("AllowedPattern" in parameter) == ("ConstraintDescription" in parameter), name
        bounded = {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter)
        assert bounded, f"{name} takes anything"


def test_the_defaults_are_a_whole_answer():
    # `sam deploy --guided` with nothing but the return key.
    assert all("Default" in p for p in source()["Parameters"].values())


def test_nothing_refers_in_a_circle(template):
    # Over the whole template, whatever the conditions: two modes cannot be mixed into one either.
    resources = template["Resources"]
    edges = {name: {r for r in references(body) if r in resources} for name, body in resources.items()}
    assert edges["DetectFunction"], "the graph has edges"
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in done:
            return
        path.append(name)
        for after in sorted(edges[name]):
            visit(after)
        path.pop()
        done.add(name)

    for name in edges:
        visit(name)


def test_every_reference_is_declared(template):
    known = {*template["Resources"], *template["Parameters"], *PSEUDO, "AWS::NoValue"}
    assert set(references([template["Resources"], template["Outputs"]])) - known == set()


def selects(node):
    if isinstance(node, list):
        for item in node:
            yield from selects(item)
    elif isinstance(node, dict):
        if "Fn::Select" in node:
            yield node
        for value in node.values():
            yield from selects(value)


def test_no_select_is_out_of_range_even_where_it_is_not_asked_for(template, any_stack):
    # CloudFormation may evaluate the branch of an Fn::If that it does not take.
    found = list(selects(template["Resources"]))
    assert len(found) >= 5
    for node in found:
        any_stack.value(node)


def test_fixed_names_come_from_the_stack(template):
    named = 0
    for resource_name, resource in template["Resources"].items():
        for prop in NAMES & set(resource.get("Properties", {})):
            if resource["Type"] in REFER_TO_A_FUNCTION:
                continue
            value = resource["Properties"][prop]
            assert {"AWS::StackName", "AWS::StackId"} & set(references(value)), f"{resource_name}.{prop}: {value}"
            named += 1
    assert named >= 10


def test_the_bucket_name_is_one_that_s3_takes(deploy):
    name = deploy("create-trail")["LogBucket"]["BucketName"]
    assert name == "trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"
    longest = name.replace("eu-west-1", "ap-northeast-1")
    assert len(longest) <= 63
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]+[a-z0-9]", name)


@pytest.mark.parametrize(
    ("deployment", "expected"),
    [
        ("create-trail", {"LogBucket", "LogBucketPolicy", "LogKey"}),
        (
            "create-trail-findings-kept",
            {"LogBucket", "LogBucketPolicy", "LogKey", "FindingsStore", "FindingsStorePolicy"},
        ),
        ("existing-bucket", set()),
    ],
)
def test_what_holds_logs_or_findings_is_kept(deploy, deployment, expected):
    stack = deploy(deployment)
    kept = {name for name, r in stack.resources.items() if r.get("DeletionPolicy") == "Retain"}
    assert kept == expected
    for name in kept:
        assert stack.resources[name]["UpdateReplacePolicy"] == "Retain", name


def test_no_parameter_can_replace_the_bucket_or_its_key(template):
    # Properties whose change makes a new resource must not depend on anything an update can change.
    for name, prop in [
        ("LogBucket", "BucketName"),
        ("DeliveryQueue", "QueueName"),
        ("LedgerTable", "TableName"),
        ("NoticeTable", "TableName"),
    ]:
        depends = set(references(template["Resources"][name]["Properties"][prop]))
        assert depends <= {"AWS::StackId", "AWS::StackName", "AWS::AccountId", "AWS::Region"}, name


def test_a_kept_bucket_that_can_be_asked_for_again_has_no_name(template):
    # FindingsBucket to no and back to yes: under a name of the stack's the new bucket would run into the kept one.
    assert "BucketName" not in template["Resources"]["FindingsStore"]["Properties"]


@pytest.mark.parametrize("name", ["create-bucket", "create-bucket-organisation", *EXISTING])
def test_what_a_local_cloud_lacks_stands_behind_the_mode(deploy, name):
    assert not deploy(name).of_type("AWS::CloudTrail::Trail")


def test_the_generated_block_has_its_marks():
    begin = "  # BEGIN generated by make alarms (edit detectors/, not this block)\n"
    end = "  # END generated by make alarms\n"
    assert TEXT.count(begin) == TEXT.count(end) == 1
    resources = TEXT.index("\nResources:\n")
    assert resources < TEXT.index(begin) < TEXT.index(end) < TEXT.index("\nOutputs:\n")


def test_the_template_stays_within_cloudformations_limits(template):
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    assert len(TEXT.encode()) <= 1_000_000
    assert len(template["Resources"]) <= 500
    assert len(template["Parameters"]) <= 200
    assert len(template["Outputs"]) <= 200


def test_the_dashboards_stay_within_cloudwatchs_limits(deploy):
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
    dashboards = deploy("create-trail-findings-kept").of_type("AWS::CloudWatch::Dashboard")
    assert len(dashboards) >= 4
    for name, dashboard in dashboards.items():
        widgets = json.loads(dashboard["DashboardBody"])["widgets"]
        assert 1 <= len(widgets) <= 500, name
        assert sum(len(widget["properties"]["metrics"]) for widget in widgets) <= 500, name
        places = {(widget["x"], widget["y"]) for widget in widgets}
        assert len(places) == len(widgets), f"{name}: two widgets in one place"


def test_what_the_functions_are_told_fits_into_their_environment(deploy):
    # Lambda takes four kilobytes of names and values.
    stack = deploy("create-trail-detectors-object", PackActivity="yes", FindingsBucket="yes", WebhookParameter="/chat")
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        told = function["Environment"]["Variables"]
        assert sum(len(name) + len(str(value)) for name, value in told.items()) <= 2048, name


def test_parameters_and_outputs_are_ascii():
    # CloudFormation shows question marks for anything else.
    assert TEXT.isascii()


@pytest.mark.parametrize("name", [*CREATES_BUCKET, *EXISTING])
def test_outputs(deploy, name):
    stack = deploy(name)
    outputs = stack.outputs
    creates = name in CREATES_BUCKET
    assert outputs["LogBucketName"] == (stack["LogBucket"]["BucketName"] if creates else "old-logs")
    assert outputs["DeliveryQueueUrl"] == "${DeliveryQueue}"
    assert outputs["DeliveryQueueArn"] == stack.arn("DeliveryQueue")
    assert outputs["DeadLetterQueueUrl"] == "${DeadLetterQueue}"
    assert outputs["DetectFunctionName"] == "${DetectFunction}"
    assert outputs["DetectLogGroupName"] == stack["DetectLogGroup"]["LogGroupName"]
    assert outputs["MetricNamespace"] == "Trailmeter/Watch-Prod"
    assert ("LogKmsKeyArn" in outputs) == (creates or "LogKmsKeyArn" in stack.parameters and stack.parameters["LogKmsKeyArn"] != "")
    assert ("TrailArn" in outputs) == name.startswith("create-trail")
    assert outputs.get("LedgerTableName") == (None if name in WITHOUT_LEDGER else "Watch-Prod-ledger")
    assert outputs["AlarmTopicArn"] == peoples_topic(name)
    assert outputs.get("NotifyFunctionName") == ("${NotifyFunction}" if name in NOTIFIES else None)
    assert outputs.get("AlarmEventsTopicArn") == ("${AlarmEvents}" if name in NOTIFIES else None)
    assert outputs.get("FindingsBucketName") == ("${FindingsStore}" if name in KEEPS_FINDINGS else None)
