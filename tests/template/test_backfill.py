"""The function backfill and its state machine: what is made, exactly what each may do, and that the definition fits
the function."""

import re

import pytest
from conftest import BACKFILLS, CREATES_BUCKET, DEPLOYMENTS, statements
from resolver import TEMPLATE, Refused

MADE = {"BackfillFunction", "BackfillFunctionEventInvokeConfig", "BackfillLogGroup", "BackfillRole"}
MACHINE = {"BackfillMachine", "BackfillMachineRole"}
MAPS = [name for name in BACKFILLS if DEPLOYMENTS[name]["Backfill"] == "map"]
HANDLER = (TEMPLATE.parent / "functions/backfill/src/handler.rs").read_text(encoding="utf-8")
DRIVER = (TEMPLATE.parent / "shared/backfill/src/driver.rs").read_text(encoding="utf-8")
OWN_BUCKET = "trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"
ARN = "arn:aws:states:eu-west-1:111111111111"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_nothing_of_it_is_made_unless_it_is_asked_for(deploy, name):
    stack = deploy(name)
    made = {resource for resource in MADE | MACHINE if resource in stack}
    assert made == (MADE | MACHINE if name in MAPS else MADE if name in BACKFILLS else set())


@pytest.mark.parametrize("name", BACKFILLS)
def test_what_the_role_allows(deploy, name):
    bucket = OWN_BUCKET if name in CREATES_BUCKET else "old-logs"
    prefix = DEPLOYMENTS[name].get("LogKeyPrefix")
    (policy,) = deploy(name)["BackfillRole"]["Policies"]
    allowed = statements(policy["PolicyDocument"])
    listed = allowed["ListLogFiles"]
    assert listed["Action"] == "s3:ListBucket"
    assert listed["Resource"] == f"arn:aws:s3:::{bucket}"
    folder = f"{prefix}/AWSLogs/*" if prefix else "AWSLogs/*"
    assert listed["Condition"] == {"StringLike": {"s3:prefix": folder}}
    assert allowed["NameObjects"]["Resource"] == "arn:aws:sqs:eu-west-1:111111111111:Watch-Prod-deliveries"
    assert allowed["RememberPlaces"]["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["backfill#*"]}
    }
    # What stands in the table is written under these ids, and no others.
    places = (TEMPLATE.parent / "shared/aws/src/backfill/places.rs").read_text(encoding="utf-8")
    assert set(re.findall(r'format!\("([a-z]+#)', places)) == {"backfill#"}


def test_it_needs_a_ledger(deploy):
    with pytest.raises(Refused, match="Ledger"):
        deploy("create-trail", Backfill="function", Ledger="off")


@pytest.mark.parametrize("name", MAPS)
def test_the_machine_runs_the_function_and_itself_alone(deploy, name):
    stack = deploy(name)
    assert stack["BackfillMachine"]["StateMachineName"] == "Watch-Prod-backfill"
    role = stack["BackfillMachineRole"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {
            "aws:SourceArn": [f"{ARN}:stateMachine:Watch-Prod-backfill{part}" for part in ("", "/*")],
        },
    }
    (policy,) = role["Policies"]
    resources = {sid: statement["Resource"] for sid, statement in statements(policy["PolicyDocument"]).items()}
    assert resources == {
        "RunFunction": "${BackfillFunction.Arn}",
        "RunParts": f"{ARN}:stateMachine:Watch-Prod-backfill",
        "WatchParts": f"{ARN}:execution:Watch-Prod-backfill/*",
    }


@pytest.mark.parametrize("name", MAPS)
def test_the_definition_fits_the_function(deploy, name):
    definition = deploy(name)["BackfillMachine"]["Definition"]
    states = definition["States"]
    parts = states["Parts"]["ItemProcessor"]["States"]
    # Every state that is named is there, and every other way ends.
    for machine in (definition, states["Parts"]["ItemProcessor"]):
        names = set(machine["States"])
        following = {machine["StartAt"]}
        for state in machine["States"].values():
            following |= {state[key] for key in ("Next", "Default") if key in state}
            following |= {choice["Next"] for choice in state.get("Choices", [])}
            assert state.get("End") or "Next" in state or "Default" in state
        assert following == names
    tasks = [state["Parameters"]["task"] for state in states.values() if state["Type"] == "Task"]
    tasks.append(states["Parts"]["ItemSelector"]["task"])
    order = (TEMPLATE.parent / "functions/backfill/src/order.rs").read_text(encoding="utf-8")
    known = re.search(r"enum Task \{(.*?)\n\}", order, re.S)[1]
    for task in tasks:
        assert re.search(rf"^    {task.title()},$", known, re.M), task
    assert sorted(tasks) == ["finish", "part", "plan"]
    # What the answers of the function are asked for stands in them.
    assert '"planned"' in HANDLER and states["Anything"]["Choices"][0]["StringEquals"] == "planned"
    word = re.search(r'Self::Unfinished => "(.+)",', DRIVER)[1]
    assert "ran.state.word()" in HANDLER and parts["Sent"]["Choices"][0]["StringEquals"] == word
    assert '"parts": parts' in HANDLER and states["Parts"]["ItemsPath"] == "$.plan.parts"
    at_once = re.search(r"PARTS_AT_ONCE: u32 = (\d+);", HANDLER)[1]
    assert str(states["Parts"]["MaxConcurrency"]) == at_once
    retried = states["Plan"]["Retry"]
    assert retried == states["Finish"]["Retry"] == parts["Send"]["Retry"]
    assert '"BackfillStopped"' in HANDLER and "BackfillStopped" in retried[0]["ErrorEquals"]
    assert "RequestRefused" not in retried[0]["ErrorEquals"], "it is refused again"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_no_alarm_watches_what_is_put_for_the_past(deploy, name):
    source = (TEMPLATE.parent / "shared/pipeline/src/aggregate.rs").read_text(encoding="utf-8")
    (ending,) = re.findall(r'APART: &str = "(.*)";', source)
    assert ending == ".Backfill"
    for alarm in deploy(name).of_type("AWS::CloudWatch::Alarm").values():
        assert ending not in str(alarm), alarm["AlarmName"]
