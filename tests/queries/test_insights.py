"""Q1 to Q12 as saved queries of Logs Insights, over a trail's log group and over findings."""

import json
from datetime import datetime, timezone

import pytest
from insights import Parser, Wrong, discovered, run
from saved import PARTITIONED, insights_queries, stack

QUERIES = insights_queries(stack(**PARTITIONED))
ACCOUNT = "111122223333"


def at(time):
    return int(datetime.fromisoformat(time).replace(tzinfo=timezone.utc).timestamp() * 1000)


# --- The interpreter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "fields a |",
        "fields",
        "fields a,",
        "fields a b",
        "filter a",
        "filter a == 1",
        "filter a = ",
        "filter a != 1",
        "filter a < 1",
        'filter a like "b',
        "filter a in []",
        "filter (a = 1",
        "stats count(*)",
        "stats count(*) by",
        "stats count(*) as by a",
        "stats sum(a) by b",
        "stats bin(1x) by a",
        "sort a",
        "sort a up",
        "limit",
        "limit 0",
        "limit 10001",
        "limit any",
        "show a",
        "fields a-b",
        "fields a[*]",
        "fields `a",
        "fields a; limit 1",
    ],
)
def test_what_is_not_understood_is_refused(query):
    with pytest.raises(Wrong):
        Parser(query).query()


def test_fields_that_are_found_in_json():
    message = json.dumps({"a": {"b": [{"ARN": "x"}, {"ARN": "y"}], "c": None}, "d": False, "e.f": 1})
    assert discovered(message) == {"a.b.0.ARN": "x", "a.b.1.ARN": "y", "d": False, "e.f": 1}


EVENTS = [(at("2026-11-21T10:00:00") + number, json.dumps(one)) for number, one in enumerate([
    {"n": 1, "a": "x", "b": None, "x[*].y": 1},
    {"n": 2, "a": "y", "b": "z"},
    {"n": 3, "a": "x"},
])]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields n", [3, 2, 1]),
        ("fields n | sort n asc", [1, 2, 3]),
        ("fields n | limit 1", [3]),
        ("fields n | filter a = 'x'", [3, 1]),
        ("fields n | filter ispresent(b)", [2]),
        ("fields n | filter b = 'z' or n = 1 and a = 'x'", [2, 1]),
        ("fields n | filter (b = 'z' or n = 3) and a = 'x'", [3]),
        ("fields n | filter a in ['y', 'q']", [2]),
        ("fields n, `x[*].y` as z | filter z = 1", [1]),
        ("fields n | filter a like /^[xy]$/ # a comment", [3, 2, 1]),
        ("fields n | filter b like /./", [2]),
        ("fields n, a as c | filter c = 'y'", [2]),
        ("fields n | sort b desc", [2, 3, 1]),
        ("fields n | filter a = 'x' | filter n = 3", [3]),
    ],
)
def test_which_events_are_left(query, expected):
    assert [row["n"] for row in run(query, EVENTS)] == expected


def test_what_is_counted():
    assert run("stats count(*) as all, count_distinct(b) as b by a as c | sort all desc", EVENTS) == [
        {"c": "x", "all": 2, "b": 0},
        {"c": "y", "all": 1, "b": 1},
    ]
    assert run("stats count(*) by bin(1h)", EVENTS) == [{"bin(1h)": "2026-11-21 10:00:00", "count(*)": 3}]


# --- A trail's log group --------------------------------------------------------------------------------------------


def record(time, source, name, **more):
    return (
        at(time),
        json.dumps({
            "eventTime": f"{time}Z",
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": "eu-west-1",
            "eventCategory": "Management",
            "eventType": "AwsApiCall",
            "sourceIPAddress": "192.0.2.1",
            "responseElements": None,
            **more,
        }),
    )  # fmt: skip


ALICE = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "userName": "alice"}
DEPLOY = {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci",
          "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "deploy"}}}  # fmt: skip
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k1"


def object_of(bucket, key):
    return {"bucketName": bucket, "key": key}


TRAIL = [
    record("2026-11-21T08:00:00", "ec2", "RunInstances", userIdentity=DEPLOY,
           responseElements={"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}),
    record("2026-11-21T08:05:00", "ec2", "RunInstances", userIdentity=ALICE, errorCode="Client.UnauthorizedOperation"),
    record("2026-11-21T08:10:00", "signin", "ConsoleLogin", userIdentity=ALICE, responseElements={"ConsoleLogin": "Success"}),
    record("2026-11-21T08:11:00", "signin", "ConsoleLogin", userIdentity={"type": "Root"}, errorMessage="Failed authentication",
           responseElements={"ConsoleLogin": "Failure"}),
    record("2026-11-21T08:20:00", "s3", "PutObject", userIdentity=DEPLOY, requestParameters=object_of("amzn-s3-demo-bucket", "a")),
    record("2026-11-21T08:21:00", "s3", "PutObject", userIdentity=DEPLOY, requestParameters=object_of("amzn-s3-demo-bucket2", "a")),
    record("2026-11-21T08:22:00", "s3", "GetObject", userIdentity=DEPLOY, requestParameters=object_of("amzn-s3-demo-bucket", "a"),
           errorCode="AccessDenied", errorMessage="Access Denied"),
    record("2026-11-21T08:23:00", "s3", "GetObject", userIdentity=DEPLOY, requestParameters=object_of("amzn-s3-demo-bucket", "a"),
           errorCode="AccessDenied", errorMessage="Access Denied"),
    record("2026-11-21T08:24:00", "s3", "GetObject", userIdentity=DEPLOY, requestParameters=object_of("amzn-s3-demo-bucket", "b"),
           errorCode="NoSuchKey", errorMessage="gone"),
    record("2026-11-21T09:00:00", "kms", "Decrypt", userIdentity=DEPLOY, resources=[{"ARN": KEY, "type": "AWS::KMS::Key"}]),
    record("2026-11-21T09:59:59", "kms", "Decrypt", userIdentity=DEPLOY, resources=[{"ARN": KEY, "type": "AWS::KMS::Key"}]),
    record("2026-11-21T10:00:00", "kms", "Decrypt", userIdentity=ALICE, resources=[{"ARN": KEY, "type": "AWS::KMS::Key"}]),
    record("2026-11-21T10:01:00", "kms", "GenerateDataKey", userIdentity=ALICE, resources=[{"ARN": KEY}]),
    record("2026-11-21T10:02:00", "sqs", "SendMessage", userIdentity={"type": "AWSService", "invokedBy": "x.amazonaws.com"},
           errorCode="ThrottlingException"),
]  # fmt: skip


def trail(name):
    return run(QUERIES[f"trail/{name}"], TRAIL)


def test_q1_the_newest_of_a_trail():
    assert trail("q01-newest") == [{"@timestamp": time, "@message": message} for time, message in reversed(TRAIL)]


def test_q2_single_fields_of_a_trail():
    assert trail("q02-newest-fields")[0] == {
        "@timestamp": at("2026-11-21T10:02:00"),
        "awsRegion": "eu-west-1",
        "eventCategory": "Management",
        "eventSource": "sqs.amazonaws.com",
        "eventName": "SendMessage",
        "eventType": "AwsApiCall",
        "sourceIPAddress": "192.0.2.1",
        "userIdentity.type": "AWSService",
    }
    assert len(trail("q02-newest-fields")) == len(TRAIL)


def test_q3_launches_of_a_trail():
    assert trail("q03-instance-launches") == [
        {"eventTime": "2026-11-21T08:05:00Z", "API": "RunInstances", "InstanceID": None, "IssuerType": None,
         "IdentityType": "IAMUser", "UserName": None},
        {"eventTime": "2026-11-21T08:00:00Z", "API": "RunInstances", "InstanceID": "i-1", "IssuerType": "Role",
         "IdentityType": "AssumedRole", "UserName": "deploy"},
    ]  # fmt: skip


def test_q4_and_q5_sign_ins_of_a_trail():
    assert [(row["Response"], row["UserType"], row["ARN"]) for row in trail("q04-console-logins")] == [
        ("Failure", "Root", None),
        ("Success", "IAMUser", ALICE["arn"]),
    ]
    assert trail("q05-failed-logins") == [
        {"eventTime": "2026-11-21T08:11:00Z", "eventName": "ConsoleLogin", "Response": "Failure", "UserName": None,
         "ARN": None, "UserType": "Root", "sourceIPAddress": "192.0.2.1", "errorMessage": "Failed authentication"},
    ]  # fmt: skip


def test_q6_and_q7_objects_of_a_trail():
    assert trail("q06-uploads") == [
        {"@timestamp": at("2026-11-21T08:20:00"), "API": "PutObject", "BucketName": "amzn-s3-demo-bucket", "Key": "a",
         "UserName": "deploy"},
    ]  # fmt: skip
    rows = trail("q07-s3-activity")
    assert rows[0] == {"API": "GetObject", "BucketName": "amzn-s3-demo-bucket", "Key": "a", "Hits": 2}
    assert [row["Hits"] for row in rows] == [2, 1, 1, 1]


def test_q8_and_q12_decryptions_of_a_trail():
    assert trail("q08-kms-decrypts") == [
        {"KMSKey": KEY, "User": "deploy", "Hits": 2},
        {"KMSKey": KEY, "User": None, "Hits": 1},
    ]
    assert sorted((row["bin(1h)"], row["Hits"]) for row in trail("q12-kms-per-hour")) == [
        ("2026-11-21 09:00:00", 2),
        ("2026-11-21 10:00:00", 1),
    ]


def test_q9_to_q11_errors_of_a_trail():
    rows = trail("q09-errors")
    assert rows[0] == {"Service": "s3.amazonaws.com", "API": "GetObject", "errorCode": "AccessDenied", "Events": 2}
    assert {row["errorCode"] for row in rows[1:]} == {"NoSuchKey", "Client.UnauthorizedOperation", "ThrottlingException"}
    assert trail("q10-s3-errors") == [
        {"errorCode": "AccessDenied", "errorMessage": "Access Denied", "Hits": 2},
        {"errorCode": "NoSuchKey", "errorMessage": "gone", "Hits": 1},
    ]
    assert trail("q11-denied-calls") == [
        {"errorCode": "AccessDenied", "Service": "s3.amazonaws.com", "API": "GetObject", "IdentityType": "AssumedRole",
         "InvokedBy": None, "Events": 2},
        {"errorCode": "Client.UnauthorizedOperation", "Service": "ec2.amazonaws.com", "API": "RunInstances",
         "IdentityType": "IAMUser", "InvokedBy": None, "Events": 1},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "denied"),
    [
        ("AccessDenied", True),
        ("AccessDeniedException", True),
        ("UnauthorizedOperation", True),
        ("Client.UnauthorizedOperation", True),
        ("VpceAccessDenied", True),
        ("UnauthorizedOperationX", False),
        ("NoSuchKey", False),
    ],
)
def test_q11_what_is_denied(code, denied):
    events = [record("2026-11-21T08:00:00", "s3", "GetObject", errorCode=code)]
    assert bool(run(QUERIES["trail/q11-denied-calls"], events)) is denied


# --- Findings -------------------------------------------------------------------------------------------------------

A_USER = {"kind": "user", "name": "alice", "arn": ALICE["arn"]}
A_SESSION = {"kind": "role-session", "name": "deploy/ci", "arn": DEPLOY["arn"], "issuer": f"arn:aws:iam::{ACCOUNT}:role/deploy"}


def finding(number, time, detector, source, name, actor, **more):
    # The function writes it when the file has come, some minutes after the event.
    return (
        at(time) + 300_000,
        json.dumps({
            "type": "trailmeter.finding", "version": 1, "detector": detector, "severity": "medium",
            "event_time": f"{time}Z", "event_id": f"e{number}", "account": ACCOUNT, "region": "eu-west-1", "actor": actor,
            "source_ip": "192.0.2.1", "event_source": f"{source}.amazonaws.com", "event_name": name, **more,
        }),
    )  # fmt: skip


FINDINGS = [
    finding(1, "2026-11-21T08:00:00", "Ec2Launch", "ec2", "RunInstances", A_SESSION,
            parameters={"requestParameters.instanceType": "m7g.large",
                        "responseElements.instancesSet.items[*].instanceId": "i-1, i-2"}),
    finding(2, "2026-11-21T08:10:00", "ConsoleLogin", "signin", "ConsoleLogin", A_USER),
    finding(3, "2026-11-21T08:11:00", "ConsoleLoginFailure", "signin", "ConsoleLogin", {"kind": "root", "name": "root"},
            error_message="Failed authentication"),
    finding(4, "2026-11-21T08:20:00", "S3PutObject", "s3", "PutObject", A_SESSION, resources=["arn:aws:s3:::amzn-s3-demo-bucket/a"]),
    finding(5, "2026-11-21T08:21:00", "S3PutObject", "s3", "PutObject", A_SESSION, resources=["arn:aws:s3:::amzn-s3-demo-bucket2/a"]),
    # One event that two detectors found.
    finding(6, "2026-11-21T08:22:00", "AccessDenied", "s3", "GetObject", A_SESSION, error_code="AccessDenied",
            error_message="Access Denied", resources=["arn:aws:s3:::amzn-s3-demo-bucket/a"]),
    finding(6, "2026-11-21T08:22:00", "S3Error", "s3", "GetObject", A_SESSION, error_code="AccessDenied",
            error_message="Access Denied", resources=["arn:aws:s3:::amzn-s3-demo-bucket/a"]),
    finding(7, "2026-11-21T09:00:00", "KmsDecrypt", "kms", "Decrypt", A_SESSION, resources=[KEY]),
    finding(8, "2026-11-21T09:54:00", "KmsDecrypt", "kms", "Decrypt", A_SESSION, resources=[KEY]),
    finding(9, "2026-11-21T09:56:00", "KmsDecrypt", "kms", "Decrypt", A_USER, resources=[KEY]),
]  # fmt: skip
# What else the function writes into its log.
OTHER = [
    (at("2026-11-21T11:00:00"), json.dumps({"type": "trailmeter.findings-summary", "detector": "KmsDecrypt", "findings": 12,
                                            "event_source": "kms.amazonaws.com", "error_code": "AccessDenied"})),
    (at("2026-11-21T11:00:01"), json.dumps({"level": "INFO", "message": "counted"})),
    (at("2026-11-21T11:00:02"), json.dumps({"type": "platform.report", "record": {"metrics": {"durationMs": 1}}})),
]  # fmt: skip


def findings(name):
    return run(QUERIES[f"findings/{name}"], [*FINDINGS, *OTHER])


def test_q1_and_q2_the_newest_findings():
    assert [row["@message"] for row in findings("q01-newest")][0] == FINDINGS[-1][1]
    assert len(findings("q01-newest")) == len(FINDINGS)
    rows = findings("q02-newest-fields")
    assert rows[0] == {
        "event_time": "2026-11-21T09:56:00Z", "detector": "KmsDecrypt", "severity": "medium", "account": ACCOUNT,
        "region": "eu-west-1", "event_source": "kms.amazonaws.com", "event_name": "Decrypt", "source_ip": "192.0.2.1",
        "actor.kind": "user", "actor.name": "alice",
    }  # fmt: skip
    assert len(rows) == len(FINDINGS)


def test_q3_launches_among_findings():
    assert findings("q03-instance-launches") == [
        {"event_time": "2026-11-21T08:00:00Z", "API": "RunInstances", "InstanceIDs": "i-1, i-2",
         "Issuer": A_SESSION["issuer"], "ActorKind": "role-session", "ActorName": "deploy/ci"},
    ]  # fmt: skip


def test_q4_and_q5_sign_ins_among_findings():
    assert [(row["detector"], row["ARN"]) for row in findings("q04-console-logins")] == [
        ("ConsoleLoginFailure", None),
        ("ConsoleLogin", ALICE["arn"]),
    ]
    assert findings("q05-failed-logins") == [
        {"event_time": "2026-11-21T08:11:00Z", "ActorName": "root", "ARN": None, "ActorKind": "root", "source_ip": "192.0.2.1",
         "error_message": "Failed authentication"},
    ]  # fmt: skip


def test_q6_and_q7_objects_among_findings():
    assert findings("q06-uploads") == [
        {"event_time": "2026-11-21T08:20:00Z", "API": "PutObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/a",
         "ActorName": "deploy/ci"},
    ]  # fmt: skip
    rows = findings("q07-s3-activity")
    assert {(row["API"], row["Resource"], row["Hits"]) for row in rows} == {
        ("PutObject", "arn:aws:s3:::amzn-s3-demo-bucket/a", 1),
        ("PutObject", "arn:aws:s3:::amzn-s3-demo-bucket2/a", 1),
        ("GetObject", "arn:aws:s3:::amzn-s3-demo-bucket/a", 1),
    }


def test_q8_and_q12_decryptions_among_findings():
    assert findings("q08-kms-decrypts") == [
        {"KMSKey": KEY, "User": "deploy/ci", "Hits": 2},
        {"KMSKey": KEY, "User": "alice", "Hits": 1},
    ]
    # By arrival: the last two came either side of the hour.
    assert sorted((row["bin(1h)"], row["Hits"]) for row in findings("q12-kms-per-hour")) == [
        ("2026-11-21 09:00:00", 2),
        ("2026-11-21 10:00:00", 1),
    ]


def test_q9_to_q11_errors_among_findings():
    expected = {"Service": "s3.amazonaws.com", "API": "GetObject", "error_code": "AccessDenied", "Events": 1}
    assert findings("q09-errors") == [expected]
    assert findings("q10-s3-errors") == [{"error_code": "AccessDenied", "error_message": "Access Denied", "Hits": 1}]
    assert findings("q11-denied-calls") == [{**expected, "ActorKind": "role-session", "InvokedBy": None}]


# --- All of them ----------------------------------------------------------------------------------------------------


def test_each_question_is_asked_of_both():
    names = {folder: {name.split("/")[1] for name in QUERIES if name.startswith(folder)} for folder in ("trail", "findings")}
    assert names["trail"] == names["findings"]
    assert [name[:3] for name in sorted(names["trail"])] == [f"q{number:02}" for number in range(1, 13)]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_understood_and_bounded(name):
    commands = [command[0] for command in Parser(QUERIES[name]).query()]
    assert "limit" in commands or "bin(" in QUERIES[name]
