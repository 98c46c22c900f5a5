"""Alarms, the handwritten and the generated ones, and the topic that they all notify."""

import pytest
from conftest import DEPLOYMENTS, OWN_TOPIC, refusals, statements

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
GAUGES = {"AlarmDeadLetters", "AlarmOldestDelivery"}
# Where detectors are loaded.
LOADING = {"AlarmDetectorVersionsRejected": (NAMESPACE, "DetectorVersionsRejected", None, "Sum", AT_LEAST, 1)}


def alarms(stack):
    return stack.of_type("AWS::CloudWatch::Alarm")


@pytest.mark.parametrize("alarm", PIPELINE | LEDGER | LOADING)
def test_the_pipeline_alarms(deploy, alarm):
    namespace, metric, dimensions, statistic, comparison, threshold = (PIPELINE | LEDGER | LOADING)[alarm]
    found = deploy("create-trail-detectors-object")[alarm]
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
def test_every_alarm_tells_the_topic(deploy, name):
    stack = deploy(name)
    topic = OWN_TOPIC if name == "existing-topic" else "${AlarmTopic}"
    assert len(alarms(stack)) >= len(PIPELINE)
    for alarm, found in alarms(stack).items():
        assert found["AlarmActions"] == [topic], alarm
        assert found.get("ActionsEnabled", True) is True, alarm
    assert stack["AlarmSilence"]["OKActions"] == [topic]
    assert stack.outputs["AlarmTopicArn"] == topic


def test_alarm_names_are_let_in_by_the_topic(any_stack):
    # A name that CloudFormation makes up begins with the stack's too.
    for alarm, found in alarms(any_stack).items():
        assert found.get("AlarmName", "Watch-Prod-").startswith("Watch-Prod-"), alarm


@pytest.mark.parametrize("name", [name for name in DEPLOYMENTS if name != "existing-topic"])
def test_the_topic_is_encrypted_with_a_key_that_cloudwatch_may_use(deploy, name):
    stack = deploy(name)
    assert stack["AlarmTopic"]["KmsMasterKeyId"] == "${AlarmKey.Arn}"
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


def test_only_this_stacks_alarms_publish(deploy):
    refuses = refusals(OF_A_TOPIC)
    policy = deploy("create-trail")["AlarmTopicPolicy"]
    assert policy["Topics"] == ["${AlarmTopic}"]
    assert statements(policy["PolicyDocument"]) == {
        "AlarmsPublish": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "${AlarmTopic}",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "111111111111"},
                "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:Watch-Prod-*"},
            },
        },
        "TlsOnly": {**refuses["TlsOnly"], "Action": "sns:Publish", "Resource": "${AlarmTopic}"},
        "OwnAccountOnly": {**refuses["OwnAccountOnly"], "Resource": "${AlarmTopic}"},
    }


def test_a_topic_that_is_given_is_the_only_one(deploy):
    stack = deploy("existing-topic")
    assert {"AlarmTopic", "AlarmTopicPolicy", "AlarmKey", "AlarmEmailSubscription"} & set(stack.resources) == set()


def test_the_address_is_subscribed_if_there_is_one(deploy):
    assert "AlarmEmailSubscription" not in deploy("create-trail")
    assert deploy("create-trail-email-activity")["AlarmEmailSubscription"] == {
        "TopicArn": "${AlarmTopic}",
        "Protocol": "email",
        "Endpoint": "soc@example.com",
    }
