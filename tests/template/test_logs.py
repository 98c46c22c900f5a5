"""Trail, log bucket and key: what the create modes make, and that the existing modes make none of it."""

import pytest
from conftest import (
    CREATES_BUCKET,
    CREATES_TRAIL,
    EXISTING,
    FOREIGN_TRAIL,
    MANAGEMENT,
    ORGANISATION,
    OWN_KEY,
    refusals,
    statements,
)
from resolver import ACCOUNT

BUCKET = "trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"
OWN_TRAIL = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/Watch-Prod-eu-west-1"
MANAGEMENT_EVENTS = {
    "Name": "Management events",
    "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}],
}
DATA = [
    {"Field": "eventCategory", "Equals": ["Data"]},
    {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
]


@pytest.mark.parametrize("name", CREATES_TRAIL)
def test_the_trail(deploy, name):
    stack = deploy(name)
    trail = stack["Trail"]
    assert trail["IsLogging"] is True
    assert trail["IsMultiRegionTrail"] is True
    assert trail["IncludeGlobalServiceEvents"] is True
    assert trail["EnableLogFileValidation"] is True
    assert trail["S3BucketName"] == BUCKET
    assert trail["KMSKeyId"] == (OWN_KEY if name == "create-trail-own-key" else "${LogKey.Arn}")
    organisation = "organisation" in name
    assert trail["IsOrganizationTrail"] is organisation
    assert trail.get("S3KeyPrefix") == ("security/trail" if organisation else None)
    assert stack.resources["Trail"]["DependsOn"] == "LogBucketPolicy"
    assert stack.arn("Trail") == OWN_TRAIL


def test_only_management_events_unless_asked(deploy):
    trail = deploy("create-trail")["Trail"]
    assert trail["AdvancedEventSelectors"] == [MANAGEMENT_EVENTS]
    assert "InsightSelectors" not in trail


def test_all_data_events_but_those_of_the_log_bucket(deploy):
    trail = deploy("create-trail-organisation-all-data")["Trail"]
    management, data = trail["AdvancedEventSelectors"]
    assert data["FieldSelectors"] == [*DATA, {"Field": "resources.ARN", "NotStartsWith": [f"arn:aws:s3:::{BUCKET}/"]}]
    assert management["FieldSelectors"] == [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
    ]
    assert {s["InsightType"] for s in trail["InsightSelectors"]} == {"ApiCallRateInsight", "ApiErrorRateInsight"}


def test_findings_that_are_kept_make_no_events(deploy):
    # Each object of findings would be an event otherwise, and with the activity pack a finding again.
    _, data = deploy("create-trail-findings-kept")["Trail"]["AdvancedEventSelectors"]
    left_out = [f"arn:aws:s3:::{BUCKET}/", "${FindingsStore.Arn}/"]
    assert data["FieldSelectors"] == [*DATA, {"Field": "resources.ARN", "NotStartsWith": left_out}]


def test_data_events_of_listed_buckets(deploy):
    management, data = deploy("create-trail-listed-data")["Trail"]["AdvancedEventSelectors"]
    assert management == MANAGEMENT_EVENTS
    assert data["FieldSelectors"] == [
        *DATA,
        {
            "Field": "resources.ARN",
            "StartsWith": ["arn:aws:s3:::payroll/", "arn:aws:s3:::shop/exports/"],
            "NotStartsWith": [f"arn:aws:s3:::{BUCKET}/"],
        },
    ]


@pytest.mark.parametrize("name", CREATES_BUCKET)
def test_the_bucket(deploy, name):
    stack = deploy(name)
    bucket = stack["LogBucket"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": OWN_KEY if name == "create-trail-own-key" else "${LogKey.Arn}",
        },
    }
    # No filter: a digest is a sign of life.
    assert bucket["NotificationConfiguration"] == {
        "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": stack.arn("DeliveryQueue")}]
    }
    assert stack.resources["LogBucket"]["DependsOn"] == "DeliveryQueuePolicy"


def test_log_files_expire_when_told(deploy):
    (rule,) = deploy("create-trail", LogFileRetentionDays=400)["LogBucket"]["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert int(rule["ExpirationInDays"]) == 400
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30


def test_a_log_file_outlives_its_dead_letter(template, deploy):
    days = deploy("create-trail")["DeadLetterQueue"]["MessageRetentionPeriod"] / 86400
    assert days == 14
    assert template["Parameters"]["LogFileRetentionDays"]["MinValue"] > days


@pytest.mark.parametrize(
    ("name", "trail", "folders"),
    [
        ("create-trail", OWN_TRAIL, [f"AWSLogs/{ACCOUNT}"]),
        ("create-trail-own-key", OWN_TRAIL, [f"AWSLogs/{ACCOUNT}"]),
        (
            "create-trail-organisation-all-data",
            OWN_TRAIL,
            [f"security/trail/AWSLogs/{ACCOUNT}", f"security/trail/AWSLogs/{ORGANISATION}"],
        ),
        ("create-bucket", FOREIGN_TRAIL, [f"AWSLogs/{MANAGEMENT}"]),
        (
            "create-bucket-organisation",
            FOREIGN_TRAIL,
            [f"archive/AWSLogs/{MANAGEMENT}", f"archive/AWSLogs/{ORGANISATION}"],
        ),
    ],
)
def test_the_bucket_lets_one_trail_write_below_its_own_folders(deploy, name, trail, folders):
    policy = deploy(name)["LogBucketPolicy"]
    assert policy["Bucket"] == BUCKET
    cloudtrail = {"Service": "cloudtrail.amazonaws.com"}
    assert statements(policy["PolicyDocument"]) == {
        "TrailChecksAcl": {
            "Effect": "Allow",
            "Principal": cloudtrail,
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{BUCKET}",
            "Condition": {"StringEquals": {"aws:SourceArn": trail}},
        },
        "TrailWrites": {
            "Effect": "Allow",
            "Principal": cloudtrail,
            "Action": "s3:PutObject",
            "Resource": [f"arn:aws:s3:::{BUCKET}/{folder}/*" for folder in folders],
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail},
            },
        },
        **{
            sid: {**refusal, "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}
            for sid, refusal in refusals("s3:*").items()
        },
    }


@pytest.mark.parametrize(
    ("name", "trail", "account"),
    [
        ("create-trail", OWN_TRAIL, ACCOUNT),
        ("create-trail-organisation-all-data", OWN_TRAIL, ACCOUNT),
        ("create-bucket", FOREIGN_TRAIL, MANAGEMENT),
        ("create-bucket-organisation", FOREIGN_TRAIL, MANAGEMENT),
    ],
)
def test_the_key_lets_the_trail_encrypt_and_no_one_else(deploy, name, trail, account):
    key = deploy(name)["LogKey"]
    assert key["EnableKeyRotation"] is True
    cloudtrail = {"Service": "cloudtrail.amazonaws.com"}
    grants = statements(key["KeyPolicy"])
    assert grants.pop("AccountDecides")["Action"] == "kms:*"
    assert grants == {
        "TrailEncrypts": {
            "Effect": "Allow",
            "Principal": cloudtrail,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:SourceArn": trail},
                "StringLike": {
                    "kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account}:trail/*"
                },
            },
        },
        "TrailEncryptsByBucketDefault": {
            "Effect": "Allow",
            "Principal": cloudtrail,
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "aws:SourceArn": trail}
            },
        },
        "TrailDescribes": {
            "Effect": "Allow",
            "Principal": cloudtrail,
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": trail}},
        },
    }


def test_a_key_that_is_given_is_the_only_one(deploy):
    assert "LogKey" not in deploy("create-trail-own-key")


@pytest.mark.parametrize("name", EXISTING)
def test_the_existing_modes_make_no_store(deploy, name):
    stack = deploy(name)
    assert {"LogBucket", "LogBucketPolicy", "LogKey", "Trail"} & set(stack.resources) == set()
