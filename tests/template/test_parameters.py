"""What the operator may not say, and that the refusal names what to set instead."""

import pytest
from conftest import (
    DEPLOYMENTS,
    FOREIGN_TOPIC,
    FOREIGN_TRAIL,
    MANAGEMENT,
    ORGANISATION,
    OWN_KEY,
    OWN_TOPIC,
    SOC_BUS,
)
from resolver import Refused

BUCKET = "arn:aws:s3:::payroll/"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_each_deployment_stands(deploy, name):
    assert deploy(name).outputs["DetectFunctionName"] == "${DetectFunction}"


@pytest.mark.parametrize(
    ("name", "given", "set_this"),
    [
        ("create-trail", {"LogBucketName": "old-logs"}, "LogBucketName"),
        ("create-bucket", {"LogBucketName": "old-logs"}, "LogBucketName"),
        ("create-trail", {"LogBucketRegion": "us-west-2"}, "LogBucketRegion"),
        ("create-trail", {"TrailArn": FOREIGN_TRAIL}, "TrailArn"),
        ("create-trail", {"TrailTopicArn": FOREIGN_TOPIC}, "TrailTopicArn"),
        ("create-trail", {"S3DataEvents": "listed"}, "S3DataEventBuckets"),
        ("create-trail", {"S3DataEvents": "all", "S3DataEventBuckets": BUCKET}, "S3DataEventBuckets"),
        ("create-trail", {"S3DataEventBuckets": BUCKET}, "S3DataEventBuckets"),
        ("create-trail", {"AlarmEmail": "a@example.com", "AlarmTopicArn": OWN_TOPIC}, "AlarmEmail"),
        ("create-trail", {"MaximumConcurrency": "1"}, "MaximumConcurrency"),
        ("create-trail-detectors-object", {"DetectorsParameter": "/d"}, "DetectorsParameter"),
        ("create-trail", {"DetectorsKmsKeyArn": OWN_KEY}, "DetectorsKmsKeyArn"),
        ("create-trail", {"Ledger": "object", "LedgerEventHours": "48"}, "LedgerEventHours"),
        ("create-trail", {"Ledger": "off", "LedgerEventHours": "48"}, "LedgerEventHours"),
        ("create-trail", {"Ledger": "off", "LedgerDays": "90"}, "LedgerDays"),
        ("create-trail", {"Ledger": "off", "LedgerUnavailable": "count"}, "LedgerUnavailable"),
        ("create-trail", {"Ledger": "object", "SingleEvents": "write"}, "SingleEvents"),
        ("existing-bucket", {"Ledger": "off", "SingleEvents": "all"}, "SingleEvents"),
        ("create-trail", {"Findings": "off", "FindingsBucket": "yes"}, "Findings"),
        ("create-trail", {"Findings": "off", "FindingLines": "0"}, "FindingLines"),
        ("create-trail", {"Findings": "off", "FindingsSecurityHub": "yes"}, "FindingsSecurityHub"),
        ("create-trail", {"Findings": "off", "FindingsEventBusArn": SOC_BUS}, "FindingsEventBusArn"),
        ("create-trail", {"FindingsRetentionDays": "30"}, "FindingsRetentionDays"),
        ("create-trail", {"Notices": "no", "WebhookParameter": "/chat"}, "Notices"),
        ("create-trail", {"Notices": "no", "DigestMinutes": "30"}, "DigestMinutes"),
        ("create-trail", {"WebhookFormat": "teams"}, "WebhookParameter"),
        ("create-trail", {"AlarmTopicKmsKeyArn": OWN_KEY}, "AlarmTopicKmsKeyArn"),
        ("create-trail", {"FindingsEventFormat": "ocsf"}, "FindingsEventBusArn"),
        ("create-bucket", {"TrailArn": ""}, "TrailArn"),
        ("create-bucket", {"S3DataEvents": "all"}, "S3DataEvents"),
        ("create-bucket", {"ExcludeKmsEvents": "yes"}, "ExcludeKmsEvents"),
        ("create-bucket", {"InsightEvents": "yes"}, "InsightEvents"),
        ("existing-bucket", {"LogBucketName": ""}, "LogBucketName"),
        ("existing-bucket", {"OrganizationId": ORGANISATION}, "OrganizationId"),
        ("existing-bucket", {"S3DataEvents": "all"}, "S3DataEvents"),
        ("existing-bucket", {"TrailTopicArn": FOREIGN_TOPIC}, "TrailTopicArn"),
        ("existing-bucket", {"TrailArn": FOREIGN_TRAIL}, "TrailArn"),
        ("existing-topic", {"LogBucketName": ""}, "LogBucketName"),
        ("existing-topic", {"TrailTopicArn": ""}, "TrailTopicArn"),
        ("existing-topic", {"TrailArn": FOREIGN_TRAIL}, "TrailArn"),
        ("existing-bucket", {"QueriesOrganizationId": ORGANISATION}, "QueriesOrganizationId"),
        ("create-trail", {"Queries": "yes", "QueriesOrganizationId": ORGANISATION}, "QueriesOrganizationId"),
        ("create-trail", {"QueriesAccounts": MANAGEMENT}, "QueriesAccounts"),
        ("create-trail", {"QueriesDetectors": "Own"}, "QueriesDetectors"),
        ("create-trail", {"Queries": "yes", "QueriesDetectors": "Own"}, "QueriesDetectors"),
        ("create-trail", {"AccessLogsBucket": "access"}, "AccessLogsBucket"),
        ("create-trail", {"InsightsLogGroup": "trail"}, "InsightsLogGroup"),
        ("create-trail", {"Queries": "yes", "AccessLogsPrefix": "a/"}, "AccessLogsBucket"),
        ("create-trail", {"Queries": "yes", "AccessLogsLayout": "simple"}, "AccessLogsBucket"),
    ],
)
def test_combinations_that_would_be_ignored_or_fail_late_are_refused(deploy, name, given, set_this):
    with pytest.raises(Refused, match=f": .*{set_this}"):
        deploy(name, **given)


def test_what_is_no_mistake_is_not_refused(deploy):
    # Rules compare texts; a bound that is given outright is the bound all the same.
    for given in (
        {"Notices": "no", "DigestMinutes": "60"},
        {"Notices": "no", "PlainAlarms": "yes"},
        {"Findings": "off", "FindingLines": "100", "FindingsRetentionDays": "400"},
        {"WebhookFormat": "slack"},
    ):
        deploy("create-trail", **given)


@pytest.mark.parametrize("value_of", ["Findings", "FindingsBucket", "Notices", "PlainAlarms"])
def test_no_value_is_a_truth_value(template, value_of):
    # YAML takes a bare on, off, yes or no for one.
    parameter = template["Parameters"][value_of]
    assert all(isinstance(value, str) for value in [parameter["Default"], *parameter["AllowedValues"]])


def test_the_defaults_that_rules_name_are_the_defaults(template):
    # "Leave X at Y": a rule that asks for another value than the default would refuse whoever left it alone.
    named = 0
    for rule in template["Rules"].values():
        for assertion in rule["Assertions"]:
            match assertion["Assert"]:
                case {"Fn::Equals": [{"Ref": parameter}, str(value)]} if f"eave {parameter} at" in assertion["AssertDescription"]:
                    assert str(template["Parameters"][parameter]["Default"]) == value, parameter
                    assert f"{parameter} at {value}" in assertion["AssertDescription"], parameter
                    named += 1
    assert named >= 7


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("LogBucketName", ["old-logs", "a.b.c"], ["Old", "arn:aws:s3:::old-logs", "ab", "-old-"]),
        ("LogBucketRegion", ["us-gov-west-1", "cn-north-1", "ap-southeast-4"], ["Frankfurt", "eu-west", "eu-west-1a"]),
        ("LogKeyPrefix", ["a", "a/b", "org=1/x_y"], ["/a", "a/", "a//b", "a*", "a b", "${a}"]),
        (
            "LogKmsKeyArn",
            ["arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef"],
            ["alias/logs", "arn:aws:kms:eu-west-1:111111111111:alias/logs", "01234567-89ab-cdef-0123-456789abcdef"],
        ),
        ("TrailTopicArn", [FOREIGN_TOPIC], ["trail", f"{FOREIGN_TOPIC}.fifo", "arn:aws:sqs:eu-west-1:111111111111:q"]),
        ("TrailArn", [FOREIGN_TRAIL], ["org-trail", "arn:aws:cloudtrail:us-east-1:1:trail/org-trail"]),
        ("OrganizationId", [ORGANISATION], ["o-short", "ou-a1b2c3d4e5", "a1b2c3d4e5f6"]),
        (
            "S3DataEventBuckets",
            [BUCKET, f"{BUCKET},{BUCKET}x/y"],
            ["payroll", "arn:aws:s3:::payroll", f"{BUCKET},", f",{BUCKET}", f"{BUCKET}, {BUCKET}", "arn:aws:s3:::*/"],
        ),
        ("AlarmEmail", ["soc@example.com"], ["soc", "a@b", "a@b.c d@e.f"]),
        ("AlarmTopicArn", [OWN_TOPIC], ["on-call", "arn:aws:sns:eu-west-1:111111111111:on-call.fifo"]),
        (
            "DetectorsObject",
            ["s3://soc/d.yaml", "s3://soc.detectors/a/b=1/c.yaml"],
            ["soc/d.yaml", "s3://soc", "s3://soc/", "s3://soc/*", "s3://soc/a//b", "s3://soc/${a}", "s3://Soc/d"],
        ),
        ("DetectorsParameter", ["/d", "/trailmeter/prod/detectors"], ["d", "/", "/d/", "/d*", "/d:3", "ssm:/d"]),
        ("DetectorsKmsKeyArn", [OWN_KEY], ["alias/d", "arn:aws:kms:eu-west-1:111111111111:alias/d"]),
        ("DetectorsRefreshSeconds", ["10", "86400"], ["9", "0", "86401"]),
        ("DetectorNamespaces", ["CISBenchmark", "A/B,C.D_E-F#G:H"], ["AWS/Lambda", "Good,AWS/S3", ":a", "a*", "${a}"]),
        ("KnownNetworks", ["10.0.0.0/8,2001:db8::/32"], ["10.0.0.1", "10.0.0.0/8;192.0.2.0/24", "10.0.0.0/8, 192.0.2.0/24", "10.0.0.0/8,", "any"]),
        ("UsedRegions", ["eu-west-1,us-gov-west-1"], ["Frankfurt", "eu-west-1;us-east-1", "eu-west-1, us-east-1", "eu-west-1,"]),
        ("Ledger", ["event", "object", "off"], ["on", "", "Event", "False"]),
        ("LedgerEventHours", ["1", "720"], ["0", "721"]),
        ("LedgerDays", ["15", "365"], ["14", "366"]),
        ("LedgerUnavailable", ["hold", "count"], ["", "fail"]),
        ("SingleEvents", ["no", "write", "all"], ["", "yes", "read"]),
        ("AlarmTopicKmsKeyArn", [OWN_KEY], ["alias/on-call", "arn:aws:kms:eu-west-1:111111111111:alias/on-call", "x"]),
        ("Notices", ["yes", "no"], ["", "True", "off"]),
        ("PlainAlarms", ["yes", "no"], ["", "False"]),
        ("DigestMinutes", ["10", "1440"], ["9", "1441"]),
        (
            "WebhookParameter",
            ["/chat", "/trailmeter/chat_1.prod", "/aws/reference/secretsmanager/team/chat"],
            ["chat", "/", "/chat/", "/a//b", "/chat:3", "/chat*", "https://hooks.example.com/T1", "ssm:/chat"],
        ),
        ("WebhookFormat", ["slack", "teams", "json"], ["", "Slack", "irc"]),
        ("Findings", ["on", "all", "off"], ["", "True", "yes"]),
        ("FindingLines", ["0", "10000"], ["-1", "10001"]),
        ("FindingsBucket", ["yes", "no"], ["", "on", "old-logs"]),
        ("FindingsRetentionDays", ["1", "3653"], ["0", "3654"]),
        (
            "FindingsEventBusArn",
            [SOC_BUS, "arn:aws-cn:events:cn-north-1:111111111111:event-bus/default"],
            ["soc", SOC_BUS.replace("event-bus", "rule"), f"{SOC_BUS}*", SOC_BUS.replace("999999999999", "1")],
        ),
        ("FindingsEventFormat", ["trailmeter", "ocsf", "asff"], ["", "OCSF", "cef"]),
        ("FindingsSecurityHub", ["no", "yes"], ["", "True"]),
        ("Tracing", ["PassThrough", "Active"], ["", "active"]),
        ("SilenceHours", ["2", "168"], ["1", "169"]),
        ("BatchWindow", ["1", "60"], ["0", "61"]),
        ("LogFileRetentionDays", ["15"], ["14"]),
        ("FunctionLogRetentionDays", ["30"], ["31"]),
        ("Architecture", ["x86_64"], ["x86"]),
        ("Queries", ["no", "yes"], ["", "true"]),
        ("QueriesOrganizationId", [ORGANISATION], ["o-short"]),
        ("QueriesAccounts", ["", MANAGEMENT, f"{MANAGEMENT},111111111111"], ["1111", f"{MANAGEMENT}, 111111111111", "all"]),
        ("QueriesRegions", ["eu-west-1", "us-gov-west-1,cn-north-1"], ["", "all", "eu-west-1, us-east-1"]),
        ("QueriesSince", ["2024/02/29"], ["", "2024-02-29", "2024/13/01", "2024/1/1"]),
        ("QueriesDetectors", ["Own", "Own,a_b-c.d"], ["a b", "a, b", "a,", "*"]),
        ("QueriesScanLimitGB", ["1", "1000000"], ["0", "1000001"]),
        ("QueriesResultDays", ["1", "3650"], ["0", "3651"]),
        ("AccessLogs", ["no", "create-bucket"], ["", "yes", "existing-bucket"]),
        ("AccessLogsBucket", ["old-logs"], ["Old", "s3://old-logs"]),
        ("AccessLogsPrefix", ["", "a/", "a/b=1/"], ["a", "/a/", "a//", "${a}/"]),
        ("AccessLogsLayout", ["simple", "partitioned"], ["", "flat"]),
        ("InsightsLogGroup", ["aws-cloudtrail-logs", "/aws/x_y.z#1"], ["arn:aws:logs:eu-west-1:1:log-group:x", "a b"]),
    ],
)
def test_values(template, parameter, good, bad):
    from resolver import Stack

    check = Stack.__new__(Stack)
    check.template = template
    for value in good:
        assert check._parameters({parameter: value})[parameter] == value
    for value in bad:
        with pytest.raises(Refused):
            check._parameters({parameter: value})
