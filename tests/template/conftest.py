"""The ways of deploying the template that every test of this folder looks at."""

import pytest
from resolver import ACCOUNT, Stack, transformed

ORGANISATION = "o-a1b2c3d4e5"
MANAGEMENT = "999999999999"  # the account of other people's trails, topics and keys
OWN_TRAIL = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/ours"
FOREIGN_TRAIL = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/org-trail"
FOREIGN_TOPIC = f"arn:aws:sns:us-west-2:{MANAGEMENT}:trail-notifications"
FOREIGN_KEY = f"arn:aws:kms:us-west-2:{MANAGEMENT}:key/mrk-0123456789abcdef0123456789abcdef"
OWN_KEY = "arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"
SOC_BUS = f"arn:aws:events:eu-west-1:{MANAGEMENT}:event-bus/soc"
OWN_PRODUCT = "arn:aws:securityhub:eu-west-1:111111111111:product/111111111111/default"
OWN_TOPIC = "arn:aws:sns:eu-west-1:111111111111:on-call"

DEPLOYMENTS = {
    "create-trail": {},
    "create-trail-email-activity": {"AlarmEmail": "soc@example.com", "PackActivity": "yes"},
    "create-trail-organisation-all-data": {
        "OrganizationId": ORGANISATION,
        "S3DataEvents": "all",
        "ExcludeKmsEvents": "yes",
        "InsightEvents": "yes",
        "LogKeyPrefix": "security/trail",
    },
    "create-trail-listed-data": {
        "S3DataEvents": "listed",
        "S3DataEventBuckets": "arn:aws:s3:::payroll/,arn:aws:s3:::shop/exports/",
    },
    "create-trail-own-key": {"LogKmsKeyArn": OWN_KEY},
    "create-bucket": {"DeliveryMode": "create-bucket", "TrailArn": FOREIGN_TRAIL},
    "create-bucket-organisation": {
        "DeliveryMode": "create-bucket",
        "TrailArn": FOREIGN_TRAIL,
        "OrganizationId": ORGANISATION,
        "LogKeyPrefix": "archive",
    },
    "existing-bucket": {"DeliveryMode": "existing-bucket", "LogBucketName": "old-logs"},
    "existing-bucket-key": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "LogKeyPrefix": "archive",
        "LogKmsKeyArn": OWN_KEY,
    },
    "existing-bucket-elsewhere": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "LogBucketRegion": "us-west-2",
        "LogKmsKeyArn": FOREIGN_KEY,
    },
    "create-trail-detectors-object": {
        "PackCis": "yes",
        "PackSources": "yes",
        "PackThreats": "yes",
        "KnownNetworks": "192.0.2.0/24,2001:db8::/32",
        "UsedRegions": "eu-west-1",
        "DetectorsObject": "s3://soc-detectors/trailmeter/prod.yaml",
        "DetectorNamespaces": "CISBenchmark,Security/SOC",
    },
    "existing-bucket-detectors-parameter": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "UsedRegions": "eu-west-1,eu-central-1",
        "DetectorsParameter": "/trailmeter/detectors",
        "DetectorsKmsKeyArn": OWN_KEY,
        "DetectorsRefreshSeconds": "300",
        "LoadedDetectorsAlarm": "no",
    },
    "create-trail-single-events": {"SingleEvents": "write", "PackInsight": "yes", "PackNetwork": "yes"},
    "existing-bucket-single-events": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "SingleEvents": "all",
    },
    "create-trail-ledger-of-objects": {"Ledger": "object", "LedgerDays": "90", "LedgerUnavailable": "count"},
    "existing-bucket-without-ledger": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "Ledger": "off",
    },
    "create-trail-backfill": {"Backfill": "function", "CatchUpAlarms": "no"},
    "existing-bucket-backfill-map": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "LogBucketRegion": "us-west-2",
        "LogKeyPrefix": "audit",
        "Backfill": "map",
    },
    "create-trail-findings-sent": {
        "FindingsEventBusArn": SOC_BUS,
        "FindingsEventFormat": "ocsf",
        "FindingsSecurityHub": "yes",
        "Tracing": "Active",
    },
    "existing-bucket-findings-as-events": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "FindingsEventBusArn": SOC_BUS,
        "FindingsEventFormat": "asff",
    },
    "create-trail-queries": {
        "Queries": "yes",
        "FindingsBucket": "yes",
        "QueriesDetectors": "OwnOne,OwnTwo",
        "AccessLogsBucket": "amzn-s3-demo-logging",
        "InsightsLogGroup": "aws-cloudtrail-logs",
    },
    "existing-bucket-queries-of-an-organisation": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "LogKeyPrefix": "archive",
        "Queries": "yes",
        "QueriesOrganizationId": ORGANISATION,
        "QueriesRegions": "eu-west-1",
        "AccessLogsBucket": "amzn-s3-demo-logging",
        "AccessLogsPrefix": "access/",
        "AccessLogsLayout": "simple",
    },
    "create-trail-verified": {"Verify": "yes", "CatchUpAfterMinutes": "60"},
    "existing-bucket-verified": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "LogBucketRegion": "us-west-2",
        "LogKeyPrefix": "archive",
        "LogKmsKeyArn": FOREIGN_KEY,
        "Verify": "yes",
        "VerifyTrails": f"{OWN_TRAIL},{FOREIGN_TRAIL}",
        "VerifyOrganizationId": ORGANISATION,
        "CatchUp": "no",
    },
    "create-bucket-verified-of-an-organisation": {
        "DeliveryMode": "create-bucket",
        "TrailArn": FOREIGN_TRAIL,
        "OrganizationId": ORGANISATION,
        "Verify": "yes",
    },
    "existing-bucket-verified-without-ledger": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "Ledger": "off",
        "Verify": "yes",
    },
    "existing-topic": {
        "DeliveryMode": "existing-topic",
        "LogBucketName": "old-logs",
        "TrailTopicArn": FOREIGN_TOPIC,
        "LogBucketRegion": "us-west-2",
        "LogKmsKeyArn": FOREIGN_KEY,
        "AlarmTopicArn": OWN_TOPIC,
        "MaximumConcurrency": "0",
    },
    "existing-topic-plain-alarms": {
        "DeliveryMode": "existing-topic",
        "LogBucketName": "old-logs",
        "TrailTopicArn": FOREIGN_TOPIC,
        "AlarmTopicArn": OWN_TOPIC,
        "Notices": "no",
    },
    "create-trail-plain-alarms": {"Notices": "no"},
    "create-trail-both-alarms": {"PlainAlarms": "yes", "DigestMinutes": "240"},
    "existing-bucket-alarm-topic-key": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "AlarmTopicArn": OWN_TOPIC,
        "AlarmTopicKmsKeyArn": OWN_KEY,
    },
    "create-trail-webhook-parameter": {"WebhookParameter": "/trailmeter/webhook", "WebhookFormat": "teams"},
    "existing-bucket-webhook-secret": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "WebhookParameter": "/aws/reference/secretsmanager/team/chat",
    },
    "create-trail-findings-kept": {
        "S3DataEvents": "all",
        "PackActivity": "yes",
        "PackCis": "yes",
        "PackSources": "yes",
        "PackThreats": "yes",
        "Findings": "all",
        "FindingLines": "1000",
        "FindingsBucket": "yes",
        "FindingsRetentionDays": "2555",
    },
    "create-trail-access-logs": {
        "AccessLogs": "create-bucket",
        "PackS3Access": "yes",
        "S3DataEvents": "all",
    },
    "existing-bucket-access-logs": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "AccessLogs": "create-bucket",
    },
    "existing-bucket-without-findings": {
        "DeliveryMode": "existing-bucket",
        "LogBucketName": "old-logs",
        "Findings": "off",
    },
}
CREATES_TRAIL = [name for name in DEPLOYMENTS if name.startswith("create-trail")]
CREATES_BUCKET = [name for name in DEPLOYMENTS if name.startswith("create-")]
WITHOUT_LEDGER = [name for name, given in DEPLOYMENTS.items() if given.get("Ledger") == "off"]
WITHOUT_NOTICES = [name for name, given in DEPLOYMENTS.items() if given.get("Notices") == "no"]
NOTIFIES = [name for name in DEPLOYMENTS if name not in WITHOUT_NOTICES]
VERIFIES = [name for name, given in DEPLOYMENTS.items() if given.get("Verify") == "yes"]
KEEPS_FINDINGS = [name for name, given in DEPLOYMENTS.items() if given.get("FindingsBucket") == "yes"]
BACKFILLS = [name for name, given in DEPLOYMENTS.items() if "Backfill" in given]
GIVEN_ALARM_TOPIC = [name for name, given in DEPLOYMENTS.items() if "AlarmTopicArn" in given]
SINGLE_EVENTS = [name for name, given in DEPLOYMENTS.items() if "SingleEvents" in given]
ACCESS_LOGS = [name for name, given in DEPLOYMENTS.items() if "AccessLogs" in given]
EXISTING = [name for name in DEPLOYMENTS if name.startswith("existing-")]


@pytest.fixture(scope="session")
def template():
    return transformed()


@pytest.fixture(scope="session")
def deploy(template):
    """`deploy("create-trail", BatchSize=5)`: that deployment with parameters on top."""

    def stack(name, **more):
        return Stack(template, **{**DEPLOYMENTS[name], **{k: str(v) for k, v in more.items()}})

    return stack


@pytest.fixture(params=DEPLOYMENTS)
def any_stack(request, deploy):
    return deploy(request.param)


# Every table: one key, paid by use, encrypted, and items end by themselves.
ON_DEMAND = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True},
}


def peoples_topic(name):
    """What people hear of alarms from in a deployment."""
    return OWN_TOPIC if name in GIVEN_ALARM_TOPIC else "${AlarmTopic}"


def statements(document):
    """Statements of a policy by Sid; each must have one of its own."""
    by_sid = {s["Sid"]: {k: v for k, v in s.items() if k != "Sid"} for s in document["Statement"]}
    assert len(by_sid) == len(document["Statement"]), "two statements with one Sid"
    return by_sid


def refusals(actions):
    """What each policy of a resource refuses, whoever asks; where it is in force is for the caller to add."""
    everyone = {"Effect": "Deny", "Principal": "*", "Action": actions}
    return {
        "TlsOnly": {**everyone, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        "OwnAccountOnly": {
            **everyone,
            "Condition": {
                "StringNotEquals": {"aws:PrincipalAccount": ACCOUNT},
                "Bool": {"aws:PrincipalIsAWSService": "false"},
            },
        },
    }
