"""The function verify: what invokes it, what it is told, exactly what it may do, and where its failures go."""

import re

import pytest
from conftest import (
    CREATES_BUCKET,
    DEPLOYMENTS,
    FOREIGN_KEY,
    FOREIGN_TRAIL,
    ON_DEMAND,
    ORGANISATION,
    OWN_TRAIL,
    VERIFIES,
    statements,
)
from resolver import TEMPLATE, Refused

OWN_BUCKET = "trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:Watch-Prod"
TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/Watch-Prod"
LOGS = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/Watch-Prod-verify"
SETTINGS = (TEMPLATE.parent / "functions/verify/src/settings.rs").read_text(encoding="utf-8")
# All that is made for the sake of it.
MADE = {
    "DigestQueue", "DigestQueuePolicy", "IntegrityTable", "VerifyFunction", "VerifyFunctionDigests",
    "VerifyFunctionEventInvokeConfig", "VerifyFunctionRounds", "VerifyFunctionRoundsPermission", "VerifyLogGroup",
    "VerifyRole", "AlarmDigestsUnverified", "AlarmLogsChanged", "AlarmLogsMissing", "AlarmVerifyErrors",
}  # fmt: skip
# deployment: what the function is told beside what it is told everywhere
CATCHES_UP = {
    "TRAILMETER_LEDGER_TABLE": "Watch-Prod-ledger",
    "TRAILMETER_LEDGER_DAYS": "35",
    "TRAILMETER_QUEUE_URL": "${DeliveryQueue}",
}
TOLD = {
    "create-trail-verified": {
        "TRAILMETER_BUCKET": OWN_BUCKET,
        "TRAILMETER_TRAILS": "arn:aws:cloudtrail:eu-west-1:111111111111:trail/Watch-Prod-eu-west-1",
        "TRAILMETER_EXPIRES_DAYS": "365",
        "TRAILMETER_CATCH_UP_AFTER_MINUTES": "60",
        **CATCHES_UP,
    },
    "create-bucket-verified-of-an-organisation": {
        "TRAILMETER_BUCKET": OWN_BUCKET,
        "TRAILMETER_TRAILS": FOREIGN_TRAIL,
        "TRAILMETER_ORGANIZATION": ORGANISATION,
        "TRAILMETER_EXPIRES_DAYS": "365",
        "TRAILMETER_CATCH_UP_AFTER_MINUTES": "30",
        **CATCHES_UP,
    },
    "existing-bucket-verified": {
        "TRAILMETER_BUCKET": "old-logs",
        "TRAILMETER_BUCKET_REGION": "us-west-2",
        "TRAILMETER_PREFIX": "archive",
        "TRAILMETER_TRAILS": f"{OWN_TRAIL},{FOREIGN_TRAIL}",
        "TRAILMETER_ORGANIZATION": ORGANISATION,
    },
    "existing-bucket-verified-without-ledger": {"TRAILMETER_BUCKET": "old-logs"},
}


def role(stack):
    (policy,) = stack["VerifyRole"]["Policies"]
    return statements(policy["PolicyDocument"])


def told(stack):
    return {k: str(v) for k, v in stack["VerifyFunction"]["Environment"]["Variables"].items()}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_all_of_it_stands_or_nothing(deploy, name):
    stack = deploy(name)
    assert MADE & set(stack.resources) == (MADE if name in VERIFIES else set())
    unknown = {made for made in stack.resources if re.search("Verif|Integrity", made) and made not in MADE}
    assert not unknown, "name it above, so that it is known to go with the rest"


@pytest.mark.parametrize("name", VERIFIES)
def test_the_role_allows_this_and_nothing_else(deploy, name):
    bucket = OWN_BUCKET if name in CREATES_BUCKET else "old-logs"
    folder = "archive/AWSLogs" if "LogKeyPrefix" in DEPLOYMENTS[name] else "AWSLogs"
    expected = {
        "ReadLogFiles": {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/{folder}/*"},
        "ListLogFiles": {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
        "AskForPublicKeys": {"Action": "cloudtrail:ListPublicKeys", "Resource": "*"},
        "TakeDigests": {
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "Resource": f"{QUEUE}-digests",
        },
        "RememberDigests": {"Action": ["dynamodb:BatchGetItem", "dynamodb:PutItem"], "Resource": f"{TABLE}-integrity"},
        "KeepFailedInvocations": {"Action": "sqs:SendMessage", "Resource": "${DeadLetterQueue.Arn}"},
        "PutMetrics": {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "Trailmeter/Watch-Prod"}},
        },
        "WriteOwnLog": {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{LOGS}:*"},
    }
    if name in CREATES_BUCKET:
        expected["AskWhatWasCounted"] = {"Action": "dynamodb:BatchGetItem", "Resource": f"{TABLE}-ledger"}
        expected["QueueWhatWasMissed"] = {"Action": "sqs:SendMessage", "Resource": f"{QUEUE}-deliveries"}
    if name in CREATES_BUCKET or "LogKmsKeyArn" in DEPLOYMENTS[name]:
        region = DEPLOYMENTS[name].get("LogBucketRegion", "eu-west-1")
        expected["DecryptLogFiles"] = {
            "Action": "kms:Decrypt",
            "Resource": FOREIGN_KEY if "LogKmsKeyArn" in DEPLOYMENTS[name] else "${LogKey.Arn}",
            "Condition": {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
        }
    assert role(deploy(name)) == {sid: {"Effect": "Allow", **statement} for sid, statement in expected.items()}


@pytest.mark.parametrize("name", VERIFIES)
def test_what_the_function_is_told(deploy, name):
    assert told(deploy(name)) == {
        "TRAILMETER_NAMESPACE": "Trailmeter/Watch-Prod",
        "TRAILMETER_INTEGRITY_TABLE": "Watch-Prod-integrity",
        **TOLD[name],
    }


@pytest.mark.parametrize("name", VERIFIES)
def test_it_is_told_all_that_it_requires(deploy, name):
    required = set(re.findall(r'required\("(\w+)"\)', SETTINGS))
    assert len(required) == 3
    assert required <= {variable for variable, value in told(deploy(name)).items() if value}


def test_the_bounds_of_the_template_are_the_functions(template):
    minutes = template["Parameters"]["CatchUpAfterMinutes"]
    (default,) = re.findall(r"UNDER_WAY_MINUTES: i64 = (\d+);", SETTINGS)
    (most,) = re.findall(r"MOST_MINUTES: i64 = (\d+);", SETTINGS)
    (days,) = re.findall(r"MOST_DAYS: i64 = ([\d_]+);", SETTINGS)
    for name in ("LogFileRetentionDays", "LedgerDays"):
        assert template["Parameters"][name]["MaxValue"] <= int(days.replace("_", "")), name
    assert (minutes["Default"], minutes["MaxValue"]) == (int(default), int(most))


@pytest.mark.parametrize("name", VERIFIES)
def test_digests_come_from_detect_and_failures_go_where_all_go(deploy, name):
    stack = deploy(name)
    detect = stack["DetectFunction"]["Environment"]["Variables"]
    assert detect["TRAILMETER_DIGEST_QUEUE_URL"] == "${DigestQueue}"
    mapping = stack["VerifyFunctionDigests"]
    assert mapping["EventSourceArn"] == f"{QUEUE}-digests" or mapping["EventSourceArn"] == "${DigestQueue.Arn}"
    assert mapping["BatchSize"] == 1
    queue, function = stack["DigestQueue"], stack["VerifyFunction"]
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": "${DeadLetterQueue.Arn}", "maxReceiveCount": 5}
    assert stack["IntegrityTable"].items() >= ON_DEMAND.items()


EXISTING = {"DeliveryMode": "existing-bucket", "LogBucketName": "old-logs"}


@pytest.mark.parametrize(
    "given",
    [
        {"Verify": "yes", "VerifyTrails": OWN_TRAIL},
        {"DeliveryMode": "create-bucket", "TrailArn": FOREIGN_TRAIL, "Verify": "yes", "VerifyTrails": FOREIGN_TRAIL},
        {**EXISTING, "VerifyTrails": OWN_TRAIL},
        {**EXISTING, "Verify": "yes", "VerifyOrganizationId": ORGANISATION},
        {**EXISTING, "Verify": "yes", "VerifyTrails": "ours"},
        {**EXISTING, "Verify": "yes", "VerifyTrails": f"{OWN_TRAIL}, {FOREIGN_TRAIL}"},
    ],
)
def test_trails_are_named_where_they_are_not_known(deploy, given):
    with pytest.raises(Refused, match="Verify(Trails|OrganizationId)"):
        deploy("create-trail", **given)


@pytest.mark.parametrize("given", [{}, {"Verify": "yes", "CatchUp": "no"}])
def test_a_wait_for_what_never_comes_is_refused(deploy, given):
    with pytest.raises(Refused, match="CatchUpAfterMinutes"):
        deploy("create-trail", CatchUpAfterMinutes=60, **given)


def test_what_is_counted_without_the_ledger_is_not_taken_for_missed(deploy):
    with pytest.raises(Refused, match="CatchUp"):
        deploy("create-trail", Verify="yes", LedgerUnavailable="count")
    deploy("create-trail", Verify="yes", LedgerUnavailable="count", CatchUp="no")
