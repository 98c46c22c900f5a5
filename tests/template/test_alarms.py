"""Alarms, the handwritten and the generated ones, and the topics that they notify."""

import re

import pytest
from conftest import (
    DEPLOYMENTS,
    GIVEN_ALARM_TOPIC,
    NOTIFIES,
    WITHOUT_NOTICES,
    peoples_topic,
    refusals,
    statements,
)
from resolver import TEMPLATE

NAMESPACE = "Trailmeter/Watch-Prod"
DEAD_LETTERS = [{"Name": "QueueName", "Value": "${DeadLetterQueue.QueueName}"}]
DELIVERIES = [{"Name": "QueueName", "Value": "${DeliveryQueue.QueueName}"}]
FUNCTION = [{"Name": "FunctionName", "Value": "${DetectFunction}"}]
# logical id: (namespace, metric, dimensions, statistic, comparison, threshold)
AT_LEAST = "GreaterThanOrEqualToThreshold"
PIPELINE = {
    "AlarmDeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", DEAD_LETTERS, "Maximum", AT_LEAST, 1),
    "AlarmOldestDelivery": ("AWS/SQS", "ApproximateAgeOfOldestMessage", DELIVERIES, "Maximum", AT_LEAST, 1800),
    "AlarmFunctionErrors": ("AWS/Lambda", "Errors", FUNCTION, "Sum", AT_LEAST, 1),
    "AlarmFunctionThrottles": ("AWS/Lambda", "Throttles", FUNCTION, "Sum", AT_LEAST, 1),
    "AlarmObjectsFailed": (NAMESPACE, "ObjectsFailed", None, "Sum", AT_LEAST, 1),
    "AlarmMessagesFailed": (NAMESPACE, "MessagesFailed", None, "Sum", AT_LEAST, 1),
    "AlarmCountedMaybeTwice": (NAMESPACE, "CountedMaybeTwice", None, "Sum", AT_LEAST, 1),
    "AlarmCountsUnbalanced": (NAMESPACE, "CountsUnbalanced", None, "Sum", AT_LEAST, 1),
}
# Where there is a ledger.
LEDGER = {
    "AlarmLedgerFailures": (NAMESPACE, "LedgerFailures", None, "Sum", AT_LEAST, 1),
    "AlarmCountedWithoutLedger": (NAMESPACE, "CountedWithoutLedger", None, "Sum", AT_LEAST, 1),
}
GAUGES = {"AlarmDeadLetters", "AlarmOldestDelivery", "AlarmDigestsUnverified"}
# Where detectors are loaded.
LOADING = {"AlarmDetectorVersionsRejected": (NAMESPACE, "DetectorVersionsRejected", None, "Sum", AT_LEAST, 1)}
# Where findings are kept, and where a function tells of alarms.
KEEPING = {"AlarmFindingsNotKept": (NAMESPACE, "FindingsNotKept", None, "Sum", AT_LEAST, 1)}
NOTIFY = [{"Name": "FunctionName", "Value": "${NotifyFunction}"}]
TELLING = {"AlarmNotifyErrors": ("AWS/Lambda", "Errors", NOTIFY, "Sum", AT_LEAST, 1)}
# Where digests are verified.
VERIFY = [{"Name": "FunctionName", "Value": "${VerifyFunction}"}]
VERIFYING = {
    "AlarmLogsChanged": (NAMESPACE, "IntegrityViolations", None, "Sum", AT_LEAST, 1),
    "AlarmLogsMissing": (NAMESPACE, "IntegrityGaps", None, "Sum", AT_LEAST, 1),
    "AlarmDigestsUnverified": (NAMESPACE, "DigestsUnverified", None, "Maximum", AT_LEAST, 1),
    "AlarmVerifyErrors": ("AWS/Lambda", "Errors", VERIFY, "Sum", AT_LEAST, 1),
}
ON_PIPELINE = PIPELINE | LEDGER | LOADING | KEEPING | TELLING | VERIFYING


def alarms(stack):
    return stack.of_type("AWS::CloudWatch::Alarm")


def on_pipeline(stack):
    """Alarms behind which there is nobody: those above, and the silence."""
    return {name: alarm for name, alarm in alarms(stack).items() if name in ON_PIPELINE or name == "AlarmSilence"}


def on_detectors(stack):
    """All others: those of single detectors, and the one of what is loaded."""
    return {name: alarm for name, alarm in alarms(stack).items() if name not in on_pipeline(stack)}


@pytest.mark.parametrize("alarm", ON_PIPELINE)
def test_the_pipeline_alarms(deploy, alarm):
    namespace, metric, dimensions, statistic, comparison, threshold = ON_PIPELINE[alarm]
    found = deploy("create-trail-detectors-object", FindingsBucket="yes", Verify="yes")[alarm]
    assert found["Namespace"] == namespace
    assert found["MetricName"] == metric
    assert found.get("Dimensions") == dimensions
    assert found["Statistic"] == statistic
    assert found["ComparisonOperator"] == comparison
    assert found["Threshold"] == threshold
    assert len(found["AlarmDescription"]) > 60, "say what happened and what to do"


def test_every_alarm_catches_a_late_or_single_datapoint(any_stack):
    for name, alarm in alarms(any_stack).items():
        assert "Unit" not in alarm, name
        if name == "AlarmSilence":
            continue
        periods = [query["Period"] for query in alarm.get("Metrics", [])]
        if not periods:
            assert alarm["Statistic"] == ("Maximum" if name in GAUGES else "Sum"), name
            periods = [alarm["Period"]]
        assert all(60 <= period <= 3600 and period % 60 == 0 for period in periods), name
        assert alarm["DatapointsToAlarm"] == 1, name
        assert 1 <= alarm["EvaluationPeriods"] <= 10, name
        assert alarm["TreatMissingData"] == "notBreaching", name


def test_one_alarm_watches_all_that_is_loaded(deploy):
    alarm = deploy("create-trail-detectors-object")["AlarmLoadedDetectors"]
    (query,) = alarm["Metrics"]
    # A contributor for each detector needs both clauses, and a namespace with a slash needs the quotes.
    assert query["Expression"].split() == (
        'SELECT SUM(LoadedDetectorMatches) FROM SCHEMA("Trailmeter/Watch-Prod", Detector) '
        "GROUP BY Detector ORDER BY SUM() DESC"
    ).split()
    assert len(query["Expression"]) <= 2048
    assert (query["Period"], query["ReturnData"]) == (300, True)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == (AT_LEAST, 1)
    assert not {"MetricName", "Namespace", "Statistic", "Period"} & set(alarm)
    # Only the latest three hours count in such an alarm.
    assert alarm["EvaluationPeriods"] * query["Period"] <= 3 * 3600


def test_the_alarms_on_the_ledger_stand_where_there_is_one(deploy):
    assert set(LEDGER) <= set(deploy("create-trail").resources)
    assert set(LEDGER) <= set(deploy("create-trail", Ledger="object").resources)
    assert not set(LEDGER) & set(deploy("create-trail", Ledger="off").resources)


def test_the_alarms_on_findings_and_notices_stand_where_there_are_such(deploy):
    for name, given, expected in [
        ("create-trail", {}, set(TELLING)),
        ("create-trail", {"FindingsBucket": "yes"}, set(TELLING | KEEPING)),
        ("create-trail", {"FindingsSecurityHub": "yes"}, set(TELLING | KEEPING)),
        ("create-trail-findings-sent", {}, set(TELLING | KEEPING)),
        ("create-trail", {"Notices": "no", "FindingsBucket": "yes"}, set(KEEPING)),
        ("create-trail", {"Notices": "no"}, set()),
    ]:
        assert set(TELLING | KEEPING) & set(deploy(name, **given).resources) == expected, given


def test_the_alarms_on_digests_stand_where_they_are_verified(any_stack):
    there = set(VERIFYING) if "VerifyFunction" in any_stack else set()
    assert set(VERIFYING) & set(any_stack.resources) == there


def test_the_alarms_on_loaded_detectors_stand_where_something_is_loaded(deploy):
    both = {"AlarmLoadedDetectors", "AlarmDetectorVersionsRejected"}
    for name, given, expected in [
        ("create-trail", {}, set()),
        ("create-trail", {"LoadedDetectorsAlarm": "yes"}, set()),
        ("create-trail-detectors-object", {}, both),
        ("create-trail-detectors-object", {"LoadedDetectorsAlarm": "no"}, both - {"AlarmLoadedDetectors"}),
        ("existing-bucket-detectors-parameter", {}, both - {"AlarmLoadedDetectors"}),
        ("existing-bucket-detectors-parameter", {"LoadedDetectorsAlarm": "yes"}, both),
    ]:
        stack = deploy(name, **given)
        assert both & set(stack.resources) == expected, (name, given)
        # The function puts what the alarm watches exactly where the alarm stands.
        told = stack["DetectFunction"]["Environment"]["Variables"].get("TRAILMETER_LOADED_ALARM")
        assert (told == "yes") == ("AlarmLoadedDetectors" in expected), (name, given)


@pytest.mark.parametrize("hours", [2, 4, 168])
def test_silence_is_every_hour_without_an_object(deploy, hours):
    alarm = deploy("create-trail", SilenceHours=hours)["AlarmSilence"]
    filled, objects = alarm["Metrics"]
    # The gaps are filled, or CloudWatch would look beyond the hours for the last object: see docs/alarms.md.
    assert (filled["Expression"], filled["ReturnData"]) == (f"FILL({objects['Id']}, 0)", True)
    assert objects["ReturnData"] is False
    assert objects["MetricStat"] == {
        "Metric": {"Namespace": NAMESPACE, "MetricName": "ObjectsIn"},
        "Period": 3600,
        "Stat": "Sum",
    }
    assert not {"MetricName", "Namespace", "Statistic", "Period"} & set(alarm)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert int(alarm["EvaluationPeriods"]) == int(alarm["DatapointsToAlarm"]) == hours
    assert alarm["TreatMissingData"] == "breaching"
    assert f" {hours} hours" in alarm["AlarmDescription"]


def test_silence_stays_within_what_cloudwatch_evaluates(template):
    # Periods of an hour or more: at most seven days in all.
    assert template["Parameters"]["SilenceHours"]["MaxValue"] * 3600 <= 7 * 86400


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_alarm_on_the_pipeline_goes_to_people_directly(deploy, name):
    # It has to be heard when the function notify is what fails, and behind it is nobody to be found.
    stack = deploy(name)
    topic = peoples_topic(name)
    assert len(on_pipeline(stack)) > len(PIPELINE)
    for alarm, found in on_pipeline(stack).items():
        assert found["AlarmActions"] == [topic], alarm
        assert found.get("ActionsEnabled", True) is True, alarm
        # Only the end of a silence is news.
        assert found.get("OKActions", []) == ([topic] if alarm == "AlarmSilence" else []), alarm
    assert stack.outputs["AlarmTopicArn"] == topic


def test_what_is_no_alarm_on_the_pipeline_is_one_on_a_detector(any_stack):
    found = on_detectors(any_stack)
    assert len(found) >= 8
    # Each detector's alarm is called after it, and so is its metric.
    for alarm, properties in found.items():
        if alarm != "AlarmLoadedDetectors":
            assert properties["AlarmName"] == f"Watch-Prod-{alarm.removeprefix('Alarm')}", alarm
            assert properties["MetricName"].startswith(alarm.removeprefix("Alarm")), alarm


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_alarm_on_a_detector_reaches_people(deploy, name):
    stack = deploy(name)
    events, people = "${AlarmEvents}", peoples_topic(name)
    expected = {
        **{deployment: [events] for deployment in NOTIFIES},
        "create-trail-both-alarms": [events, people],
        **{deployment: [people] for deployment in WITHOUT_NOTICES},
    }[name]
    for alarm, found in on_detectors(stack).items():
        assert found["AlarmActions"] == expected, alarm
        assert found.get("ActionsEnabled", True) is True, alarm
        # By a path that leads somewhere.
        assert people in found["AlarmActions"] or people in told_by(stack, found["AlarmActions"]), alarm


def told_by(stack, topics):
    """What is told by the functions that hear of these topics: let in, subscribed, and allowed to publish there."""
    told = set()
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        hears = {
            subscription["TopicArn"]
            for subscription in stack.of_type("AWS::SNS::Subscription").values()
            if (subscription["Protocol"], subscription["Endpoint"]) == ("lambda", f"${{{name}.Arn}}")
        }
        let_in = {
            permission["SourceArn"]
            for permission in stack.of_type("AWS::Lambda::Permission").values()
            if (permission["FunctionName"], permission["Principal"]) == (f"${{{name}}}", "sns.amazonaws.com")
        }
        if hears & let_in & set(topics):
            (policy,) = stack[re.fullmatch(r"\$\{(\w+)\.Arn\}", function["Role"]).group(1)]["Policies"]
            publishes = [s for s in statements(policy["PolicyDocument"]).values() if s["Action"] == "sns:Publish"]
            topic = function["Environment"]["Variables"]["TRAILMETER_TOPIC"]
            told |= {topic} & {statement["Resource"] for statement in publishes}
    return told


def test_no_digest_tells_of_the_pipeline(any_stack):
    # The digest asks for all alarms that are on, and passes over AWS's metrics and Trailmeter's own by their names.
    text = (TEMPLATE.parent / "shared/detection/src/detector.rs").read_text(encoding="utf-8")
    (names,) = re.findall(r"RESERVED_METRIC_NAMES: [^=]*= &?\[(.*?)\];", text, flags=re.DOTALL)
    reserved = set(re.findall(r'"(\w+)"', names))
    for alarm, found in on_pipeline(any_stack).items():
        metrics = [found] if "MetricName" in found else [q["MetricStat"]["Metric"] for q in found["Metrics"] if "MetricStat" in q]
        (metric,) = metrics
        assert metric["Namespace"].startswith("AWS/") or metric["MetricName"] in reserved, alarm
    for alarm, found in on_detectors(any_stack).items():
        assert found.get("MetricName") not in reserved, f"{alarm} would never be told of"


def test_alarm_names_are_let_in_by_the_topic(any_stack):
    # A name that CloudFormation makes up begins with the stack's too.
    for alarm, found in alarms(any_stack).items():
        assert found.get("AlarmName", "Watch-Prod-").startswith("Watch-Prod-"), alarm


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_topics_are_encrypted_with_a_key_that_cloudwatch_may_use(deploy, name):
    stack = deploy(name)
    topics = stack.of_type("AWS::SNS::Topic")
    expected = {*(["AlarmTopic"] if name not in GIVEN_ALARM_TOPIC else []), *(["AlarmEvents"] if name in NOTIFIES else [])}
    assert set(topics) == expected
    # No topic, no key: it would cost a dollar a month for nothing.
    assert ("AlarmKey" in stack) == bool(topics)
    if not topics:
        return
    assert {topic["KmsMasterKeyId"] for topic in topics.values()} == {"${AlarmKey.Arn}"}
    key = stack["AlarmKey"]
    assert key["EnableKeyRotation"] is True
    grants = statements(key["KeyPolicy"])
    assert grants.pop("AccountDecides")["Action"] == "kms:*"
    assert grants == {
        "AlarmsPublish": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        }
    }


# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html, those that a topic's own
# policy may name: it is refused with any other, and with sns:*.
OF_A_TOPIC = [
    "sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:AddPermission",
    "sns:RemovePermission", "sns:ListSubscriptionsByTopic", "sns:DeleteTopic",
]  # fmt: skip


@pytest.mark.parametrize("topic", ["AlarmTopic", "AlarmEvents"])
def test_only_this_stacks_alarms_publish(deploy, topic):
    refuses = refusals(OF_A_TOPIC)
    policy = deploy("create-trail")[f"{topic}Policy"]
    topic = f"${{{topic}}}"
    assert policy["Topics"] == [topic]
    assert statements(policy["PolicyDocument"]) == {
        "AlarmsPublish": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "111111111111"},
                "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:Watch-Prod-*"},
            },
        },
        "TlsOnly": {**refuses["TlsOnly"], "Action": "sns:Publish", "Resource": topic},
        "OwnAccountOnly": {**refuses["OwnAccountOnly"], "Resource": topic},
    }


@pytest.mark.parametrize("name", GIVEN_ALARM_TOPIC)
def test_a_topic_that_is_given_is_the_only_one_of_people(deploy, name):
    stack = deploy(name)
    assert {"AlarmTopic", "AlarmTopicPolicy", "AlarmEmailSubscription"} & set(stack.resources) == set()


def test_the_address_is_subscribed_if_there_is_one(deploy):
    assert "AlarmEmailSubscription" not in deploy("create-trail")
    assert deploy("create-trail-email-activity")["AlarmEmailSubscription"] == {
        "TopicArn": "${AlarmTopic}",
        "Protocol": "email",
        "Endpoint": "soc@example.com",
    }
