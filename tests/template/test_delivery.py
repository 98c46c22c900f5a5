"""From the bucket to the queue: who may send, what is subscribed, what the queue does with what fails."""

import pytest
from conftest import (
    ACCESS_LOGS,
    CREATES_BUCKET,
    DEPLOYMENTS,
    EXISTING,
    FOREIGN_TOPIC,
    SINGLE_EVENTS,
    refusals,
    statements,
)
from resolver import ACCOUNT

QUEUE = "arn:aws:sqs:eu-west-1:111111111111:Watch-Prod-deliveries"
DIGESTS = QUEUE.replace("deliveries", "digests")
LOG_BUCKET = "arn:aws:s3:::trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"
ACCESS_LOG_BUCKET = LOG_BUCKET.replace("trailmeter-", "trailmeter-access-")
REFUSES = refusals("sqs:*")
BY_BUCKET = {"LogBucketSends": ("s3", {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnEquals": {"aws:SourceArn": LOG_BUCKET},
})}  # fmt: skip
BY_ACCESS_LOG_BUCKET = {"AccessLogBucketSends": ("s3", {
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
    "ArnEquals": {"aws:SourceArn": ACCESS_LOG_BUCKET},
})}  # fmt: skip
BY_RULE = {"DeliveryRuleSends": ("events", {"ArnEquals": {"aws:SourceArn": "${DeliveryRule.Arn}"}})}
BY_EVENT_RULE = {"SingleEventRuleSends": ("events", {"ArnEquals": {"aws:SourceArn": "${SingleEventRule.Arn}"}})}
BY_TOPIC = {"TrailTopicSends": ("sns", {"ArnEquals": {"aws:SourceArn": FOREIGN_TOPIC}})}
SENDERS = {
    **{name: BY_BUCKET for name in CREATES_BUCKET},
    **{name: BY_RULE for name in EXISTING if name.startswith("existing-bucket")},
    **{name: BY_TOPIC for name in EXISTING if name.startswith("existing-topic")},
}
for _name in SINGLE_EVENTS:
    SENDERS[_name] = SENDERS[_name] | BY_EVENT_RULE
SENDERS |= {name: {**SENDERS[name], **BY_ACCESS_LOG_BUCKET} for name in ACCESS_LOGS}


def test_every_deployment_has_its_sender():
    assert set(SENDERS) == set(DEPLOYMENTS)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_who_may_send_to_the_queue(deploy, name):
    policy = deploy(name)["DeliveryQueuePolicy"]
    assert policy["Queues"] == ["${DeliveryQueue}"]
    expected = {
        sid: {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": QUEUE,
            "Condition": condition,
        }
        for sid, (service, condition) in SENDERS[name].items()
    }
    expected |= {sid: {**refusal, "Resource": QUEUE} for sid, refusal in REFUSES.items()}
    assert statements(policy["PolicyDocument"]) == expected


@pytest.mark.parametrize("name", CREATES_BUCKET)
def test_the_sender_written_out_is_the_bucket(deploy, name):
    assert deploy(name).arn("LogBucket") == LOG_BUCKET


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_only_the_rules_may_give_up_into_the_dead_letter_queue(deploy, name):
    stack = deploy(name)
    policy = statements(stack["DeadLetterQueuePolicy"]["PolicyDocument"])
    for sid, refusal in REFUSES.items():
        assert policy.pop(sid) == {**refusal, "Resource": "${DeadLetterQueue.Arn}"}
    rules = ["DeliveryRule"] * name.startswith("existing-bucket") + ["SingleEventRule"] * (name in SINGLE_EVENTS)
    assert policy == {
        f"{rule}GivesUp": {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "${DeadLetterQueue.Arn}",
            "Condition": {"ArnEquals": {"aws:SourceArn": f"${{{rule}.Arn}}"}},
        }
        for rule in rules
    }


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("existing-bucket", "AWSLogs/"),
        ("existing-bucket-key", "archive/AWSLogs/"),
        ("existing-bucket-elsewhere", "AWSLogs/"),
    ],
)
def test_the_rule_passes_one_buckets_files(deploy, name, prefix):
    rule = deploy(name)["DeliveryRule"]
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["old-logs"]}, "object": {"key": [{"prefix": prefix}]}},
    }
    assert rule["Targets"] == [
        {"Id": "delivery-queue", "Arn": QUEUE, "DeadLetterConfig": {"Arn": "${DeadLetterQueue.Arn}"}}
    ]
    assert "State" not in rule, "enabled is the default"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_single_events_come_where_they_are_asked_for(deploy, name):
    stack = deploy(name)
    assert ("SingleEventRule" in stack.resources) == (name in SINGLE_EVENTS)
    if name not in SINGLE_EVENTS:
        return
    rule = stack["SingleEventRule"]
    # What the function takes is in shared/pipeline/src/delivery/single_event.rs. A source of AWS's no one else can use.
    assert rule["EventPattern"] == {
        "source": [{"prefix": "aws."}],
        "detail-type": [
            "AWS API Call via CloudTrail",
            "AWS Console Sign In via CloudTrail",
            "AWS Console Action via CloudTrail",
            "AWS Service Event via CloudTrail",
        ],
        "detail": {"managementEvent": [True]},
    }
    reads = DEPLOYMENTS[name]["SingleEvents"] == "all"
    assert rule["State"] == ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if reads else "ENABLED")
    assert rule["Targets"] == [
        {"Id": "delivery-queue", "Arn": QUEUE, "DeadLetterConfig": {"Arn": "${DeadLetterQueue.Arn}"}}
    ]
    # The topic and the bucket of the mode are untouched by it.
    assert rule.get("EventBusName") is None, "CloudTrail sends to the default bus"


def test_the_topic_of_another_account_and_region_is_subscribed(deploy):
    stack = deploy("existing-topic")
    assert stack["TrailSubscription"] == {
        "TopicArn": FOREIGN_TOPIC,
        "Region": "us-west-2",
        "Protocol": "sqs",
        "Endpoint": QUEUE,
        "RawMessageDelivery": True,
    }
    assert stack.resources["TrailSubscription"]["DependsOn"] == "DeliveryQueuePolicy"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_one_way_in_for_each_mode(deploy, name):
    stack = deploy(name)
    ways = {"LogBucket", "DeliveryRule", "TrailSubscription"} & set(stack.resources)
    expected = {"create-": "LogBucket", "existing-b": "DeliveryRule", "existing-t": "TrailSubscription"}
    assert ways == {way for start, way in expected.items() if name.startswith(start)}


def test_the_queues(any_stack):
    queue, dead = any_stack["DeliveryQueue"], any_stack["DeadLetterQueue"]
    assert queue["SqsManagedSseEnabled"] is True and dead["SqsManagedSseEnabled"] is True
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": "${DeadLetterQueue.Arn}", "maxReceiveCount": 5}
    assert any_stack.arn("DeliveryQueue") == QUEUE
    sources = [QUEUE, *([DIGESTS] if "DigestQueue" in any_stack else [])]
    assert dead["RedriveAllowPolicy"] == {"redrivePermission": "byQueue", "sourceQueueArns": sources}
    assert dead["MessageRetentionPeriod"] == 14 * 86400
    # A message keeps its first date when it moves to the dead-letter queue.
    assert queue["MessageRetentionPeriod"] <= dead["MessageRetentionPeriod"]


def test_a_message_stays_hidden_while_its_batch_may_still_run(template, any_stack):
    timeout = any_stack["DetectFunction"]["Timeout"]
    window = template["Parameters"]["BatchWindow"]["MaxValue"]
    assert any_stack["DeliveryQueue"]["VisibilityTimeout"] >= 6 * timeout + window


def test_less_than_a_minute_is_added_by_default(deploy):
    mapping = deploy("create-trail").one("AWS::Lambda::EventSourceMapping")
    assert int(mapping["MaximumBatchingWindowInSeconds"]) <= 30
