"""The bucket for S3 server access logs: who writes to it, who is told, who reads it, and that it never logs to itself."""

import pytest
from conftest import ACCESS_LOGS, DEPLOYMENTS, refusals, statements
from resolver import ACCOUNT, Refused

BUCKET = "trailmeter-access-111111111111-eu-west-1-a1b2c3d4e5f6"
ARN = f"arn:aws:s3:::{BUCKET}"


@pytest.mark.parametrize("name", set(DEPLOYMENTS) - set(ACCESS_LOGS))
def test_there_is_none_unless_asked(deploy, name):
    stack = deploy(name)
    assert {"AccessLogBucket", "AccessLogBucketPolicy"} & set(stack.resources) == set()
    assert "," not in variables(stack)["TRAILMETER_BUCKETS"]


@pytest.mark.parametrize("name", ACCESS_LOGS)
def test_the_bucket(deploy, name):
    stack = deploy(name)
    bucket = stack["AccessLogBucket"]
    assert bucket["BucketName"] == BUCKET and len(BUCKET.replace("eu-west-1", "ap-southeast-99")) <= 63
    assert list(bucket["PublicAccessBlockConfiguration"].values()) == [True] * 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    # With a KMS key as default S3 delivers nothing.
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["NotificationConfiguration"] == {
        "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": stack.arn("DeliveryQueue")}]
    }
    made = stack.resources["AccessLogBucket"]
    assert made["DependsOn"] == "DeliveryQueuePolicy"
    assert made["DeletionPolicy"] == made["UpdateReplacePolicy"] == "Retain"
    assert "LoggingConfiguration" not in bucket, "it would log to somewhere"


def test_its_files_expire_when_told(deploy):
    bucket = deploy("create-trail-access-logs", LogFileRetentionDays=90)["AccessLogBucket"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert int(rule["ExpirationInDays"]) == 90


@pytest.mark.parametrize("name", ACCESS_LOGS)
def test_buckets_of_the_account_log_to_it_and_never_itself(deploy, name):
    policy = deploy(name)["AccessLogBucketPolicy"]
    assert policy["Bucket"] == BUCKET
    assert statements(policy["PolicyDocument"]) == {
        "BucketsLog": {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{ARN}/*",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
                "ArnNotEquals": {"aws:SourceArn": ARN},
            },
        },
        **{sid: {**refusal, "Resource": [ARN, f"{ARN}/*"]} for sid, refusal in refusals("s3:*").items()},
    }


@pytest.mark.parametrize(("name", "log_bucket"), [
    ("create-trail-access-logs", "trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"),
    ("existing-bucket-access-logs", "old-logs"),
])  # fmt: skip
def test_the_function_reads_both(deploy, name, log_bucket):
    stack = deploy(name)
    assert variables(stack)["TRAILMETER_BUCKETS"] == f"{log_bucket},{BUCKET}"
    (policy,) = stack["DetectRole"]["Policies"]
    reads = {
        sid: statement["Resource"]
        for sid, statement in statements(policy["PolicyDocument"]).items()
        if statement["Action"] == "s3:GetObject"
    }
    assert reads == {"ReadLogFiles": f"arn:aws:s3:::{log_bucket}/AWSLogs/*", "ReadAccessLogs": f"{ARN}/*"}
    # Access logs keep coming when the trail has stopped: its silence is that of its own bucket.
    objects = stack["AlarmSilence"]["Metrics"][1]["MetricStat"]["Metric"]
    assert objects["Dimensions"] == [{"Name": "Bucket", "Value": log_bucket}]


def test_the_trail_records_no_access_to_it(deploy):
    # Each log that is delivered, and each that the function reads, would be an event.
    _, data = deploy("create-trail-access-logs")["Trail"]["AdvancedEventSelectors"]
    (resources,) = [field for field in data["FieldSelectors"] if field["Field"] == "resources.ARN"]
    assert f"{ARN}/" in resources["NotStartsWith"]


def test_the_pack(deploy):
    assert variables(deploy("create-trail-access-logs"))["TRAILMETER_PACKS"] == "default,s3-access"
    assert "AlarmAccessLogAnonymousDelete" in deploy("create-trail-access-logs").resources
    assert "AlarmAccessLogAnonymousDelete" not in deploy("existing-bucket-access-logs").resources


@pytest.mark.parametrize(("name", "more", "says"), [
    ("create-trail", {"PackS3Access": "yes"}, "AccessLogs to create-bucket"),
    ("existing-bucket-elsewhere", {"AccessLogs": "create-bucket"}, "AccessLogs at no"),
])  # fmt: skip
def test_what_is_refused(deploy, name, more, says):
    with pytest.raises(Refused, match=says):
        deploy(name, **more)


def variables(stack):
    return stack["DetectFunction"]["Environment"]["Variables"]
