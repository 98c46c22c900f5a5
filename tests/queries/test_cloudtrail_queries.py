"""Saved queries over CloudTrail records that were made here, so that the rows to expect are known."""

import pytest
from engine import Engine, trail_row
from saved import PARTITIONED, database, named_queries, stack, tables

ACCOUNT = "111122223333"
DEPLOYED = stack(**PARTITIONED)
QUERIES = named_queries(DEPLOYED)


def key(day, account=ACCOUNT, region="eu-west-1"):
    return f"AWSLogs/{account}/CloudTrail/{region}/{day}/x.json.gz"


def record(number, time, source, name, **more):
    """A record, with an id that says its number and the fields that every record has."""
    return {
        "eventVersion": "1.11",
        "eventID": f"e{number}",
        "requestID": f"r{number}",
        "eventTime": time,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2",
        "requestParameters": None,
        "responseElements": None,
        "recipientAccountId": ACCOUNT,
        **more,
    }


ALICE = {
    "type": "IAMUser",
    "principalId": "AIDAALICE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAALICE",
    "userName": "alice",
}


def session(name, access_key="ASIADEPLOY"):
    return {
        "type": "AssumedRole",
        "principalId": f"AROADEPLOY:{name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": access_key,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy", "userName": "deploy"},
            "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-11-20T00:00:00Z"},
        },
    }


ANONYMOUS = {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
# The copy that the owner of a bucket gets of another account's call has neither ARN nor name.
STRANGER = {"type": "AWSAccount", "principalId": "AIDASTRANGER", "accountId": "444455556666"}
SIGV2 = {"SignatureVersion": "SigV2", "AuthenticationMethod": "QueryString"}
SIGV4 = {"SignatureVersion": "SigV4", "AuthenticationMethod": "AuthHeader"}


def s3(number, time, name, who, bucket="shop", item="a/b.csv", **more):
    parameters = {"bucketName": bucket, "key": item}
    return record(number, time, "s3", name, userIdentity=who, requestParameters=parameters, **more)


FILES = [
    # Delivered today and yesterday.
    (key("2026/11/21"), [
        s3(1, "2026-11-21T10:00:00Z", "GetObject", ALICE, additionalEventData=SIGV2, userAgent="boto/2.49"),
        s3(2, "2026-11-21T10:01:00Z", "PutObject", session("ci"), additionalEventData=SIGV4),
        s3(3, "2026-11-21T10:02:00Z", "GetObject", ANONYMOUS, sourceIPAddress="198.51.100.7", userAgent="curl/8"),
        s3(4, "2026-11-21T10:03:00Z", "PreflightRequest", ANONYMOUS, sourceIPAddress="198.51.100.7"),
        s3(5, "2026-11-21T10:04:00Z", "GetObject", STRANGER, additionalEventData=SIGV2),
        s3(6, "2026-11-21T10:05:00Z", "GetObject", ALICE, bucket="shop-2", additionalEventData=SIGV4),
        record(7, "2026-11-21T10:06:00Z", "ec2", "TerminateInstances", userIdentity=ALICE,
               requestParameters={"instancesSet": {"items": [{"instanceId": "i-0abc"}]}}),
        record(8, "2026-11-21T10:07:00Z", "iam", "CreateUser", userIdentity=session("ci"), errorCode="AccessDenied",
               errorMessage="no", requestParameters={"userName": "eve"}, sourceIPAddress="203.0.113.9"),
        record(9, "2026-11-21T10:08:00Z", "kms", "Decrypt", userIdentity=session("ci"), requestParameters=None,
               resources=[{"ARN": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k1", "accountId": ACCOUNT, "type": "AWS::KMS::Key"}]),
        record(10, "2026-11-21T10:09:00Z", "ec2", "AuthorizeSecurityGroupIngress", userIdentity=session("ci"),
               requestParameters={"groupId": "sg-1"}, responseElements={"_return": True}),
    ]),
    # Event 1 again, as CloudTrail may deliver it: to another file.
    (key("2026/11/21"), [s3(1, "2026-11-21T10:00:00Z", "GetObject", ALICE, additionalEventData=SIGV2, userAgent="boto/2.49")]),
    (key("2026/11/20"), [
        record(11, "2026-11-20T09:00:00Z", "sts", "AssumeRole", userIdentity=ALICE,
               requestParameters={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy", "roleSessionName": "ci"},
               responseElements={"credentials": {"accessKeyId": "ASIADEPLOY", "sessionToken": "x"}}),
        record(12, "2026-11-20T09:30:00Z", "iam", "ListUsers", userIdentity=ALICE, errorCode="AccessDenied", errorMessage="first"),
        record(13, "2026-11-20T09:31:00Z", "iam", "ListUsers", userIdentity=ALICE, errorCode="AccessDenied", errorMessage="last"),
        record(14, "2026-11-20T09:00:30Z", "autoscaling", "SetDesiredCapacity", userIdentity={"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"},
               sourceIPAddress="autoscaling.amazonaws.com"),
    ]),
    (key("2026/11/20", region="us-east-1"), [
        s3(15, "2026-11-20T09:40:00Z", "GetObject", ALICE, additionalEventData=SIGV2, awsRegion="us-east-1"),
        record(16, "2026-11-20T08:00:00Z", "iam", "CreateAccessKey", userIdentity=ALICE, awsRegion="us-east-1",
               responseElements={"accessKey": {"accessKeyId": "AKIANEW", "userName": "eve"}}),
    ]),
    # Three weeks ago: within the thirty days of what asks for what is new, without the seven of everything else.
    (key("2026/11/01"), [
        record(17, "2026-11-01T10:00:00Z", "ec2", "DescribeInstances", userIdentity=ALICE),
        s3(18, "2026-11-01T10:00:00Z", "GetObject", ALICE, additionalEventData=SIGV2),
    ]),
    # Delivered late: an event of three days ago in a file of today.
    (key("2026/11/21"), [s3(19, "2026-11-18T10:00:00Z", "GetObject", ANONYMOUS, sourceIPAddress="198.51.100.8")]),
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    engine = Engine(database(DEPLOYED), tables(DEPLOYED), tmp_path_factory.mktemp("trail"))
    table = tables(DEPLOYED)["cloudtrail"]
    engine.fill("cloudtrail", [trail_row(table, one, path) for path, records in FILES for one in records])
    return lambda name, *parameters: engine.run(QUERIES[name], *parameters)


def ids(rows):
    return [row["eventid"] for row in rows]


def test_a2_everything_of_ec2_with_all_fields(run):
    rows = run("a2-ec2-events")
    assert ids(rows) == ["e10", "e7"]
    assert list(rows[0]) == [
        *(column["Name"] for column in tables(DEPLOYED)["cloudtrail"]["StorageDescriptor"]["Columns"]),
        "account", "region", "dt",
    ]  # fmt: skip
    assert rows[1]["useridentity"]["arn"] == ALICE["arn"]
    assert rows[0]["useridentity"]["sessioncontext"]["sessionissuer"]["username"] == "deploy"
    assert rows[0]["responseelements"] == '{"_return":true}'
    assert (rows[0]["account"], rows[0]["region"], rows[0]["dt"]) == (ACCOUNT, "eu-west-1", "2026/11/21")


def test_a3_everything_of_s3(run):
    assert ids(run("a3-s3-events")) == ["e6", "e5", "e4", "e3", "e2", "e1", "e1", "e15", "e19"]


def test_a4_requests_signed_with_version_2(run):
    rows = run("a4-sigv2-requests")
    assert [row["eventtime"] for row in rows] == [
        "2026-11-21T10:04:00Z", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", "2026-11-20T09:40:00Z",
    ]  # fmt: skip
    assert rows[1] == {
        "eventtime": "2026-11-21T10:00:00Z",
        "eventname": "GetObject",
        "requestparameters": '{"bucketName":"shop","key":"a/b.csv"}',
        "awsregion": "eu-west-1",
        "sourceipaddress": "192.0.2.1",
        "useragent": "boto/2.49",
        "authentication": "QueryString",
    }


def test_a5_who_signs_with_version_2_and_a_repeat_counts_once(run):
    assert run("a5-sigv2-requesters") == [
        {
            "requester": ALICE["arn"],
            "requests": 2,
            "last_request": "2026-11-21T10:00:00Z",
            "last_user_agent": "boto/2.49",
        },
        {
            "requester": "AIDASTRANGER",
            "requests": 1,
            "last_request": "2026-11-21T10:04:00Z",
            "last_user_agent": "aws-cli/2",
        },
    ]


@pytest.mark.parametrize(
    ("region", "day", "expected"),
    [
        ("eu-west-1", "2026/11/21", [(ALICE["arn"], 1), ("AIDASTRANGER", 1)]),
        ("us-east-1", "2026/11/20", [(ALICE["arn"], 1)]),
        ("eu-west-1", "2026/11/20", []),
    ],
)
def test_a5_on_one_region_and_day(run, region, day, expected):
    rows = run("a5-sigv2-requesters-of-a-day", region, day)
    assert sorted((row["requester"], row["requests"]) for row in rows) == sorted(expected)


def test_a6_objects_of_a_bucket_in_a_time(run):
    rows = run("a6-object-access", "shop")
    assert [(row["eventname"], row["object_key"], row["who"]) for row in rows] == [
        ("GetObject", "a/b.csv", "AIDASTRANGER"),
        ("GetObject", "a/b.csv", "anonymous"),
        ("PutObject", "a/b.csv", session("ci")["arn"]),
        ("GetObject", "a/b.csv", "alice"),
        ("GetObject", "a/b.csv", "alice"),
    ]
    assert [row["bucket"] for row in run("a6-object-access", "shop-2")] == ["shop-2"]


def test_a7_who_comes_without_credentials(run):
    # Neither the preflight, nor the stranger with an account, nor what happened three days ago.
    assert run("a7-anonymous-requesters", "shop") == [
        {
            "sourceipaddress": "198.51.100.7",
            "eventname": "GetObject",
            "errorcode": None,
            "last_user_agent": "curl/8",
            "requests": 1,
            "first_request": "2026-11-21T10:02:00Z",
            "last_request": "2026-11-21T10:02:00Z",
        }
    ]
    assert run("a7-anonymous-requesters", "shop-2") == []


DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/deploy"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("alice", ["e7", "e6", "e1", "e1", "e15", "e13", "e12", "e11", "e16"]),
        (ALICE["arn"], ["e7", "e6", "e1", "e1", "e15", "e13", "e12", "e11", "e16"]),
        (DEPLOY, ["e10", "e9", "e8", "e2"]),
        ("deploy", ["e10", "e9", "e8", "e2"]),
        (session("ci")["arn"], ["e10", "e9", "e8", "e2"]),
        ("autoscaling.amazonaws.com", ["e14"]),
        ("AIDASTRANGER", ["e5"]),
        ("nobody", []),
    ],
)
def test_calls_of_a_principal_by_whatever_name(run, who, expected):
    assert ids(run("calls-of-principal", who)) == expected


def test_calls_of_an_access_key(run):
    assert ids(run("calls-of-access-key", "ASIADEPLOY")) == ["e10", "e9", "e8", "e2"]


def test_calls_of_an_address(run):
    rows = run("calls-of-address", "203.0.113.9")
    assert [(row["eventid"], row["who"], row["access_key"]) for row in rows] == [("e8", session("ci")["arn"], "ASIADEPLOY")]


@pytest.mark.parametrize("asked", ["e8", "r8"])
def test_one_event_with_all_that_is_in_it(run, asked):
    (found,) = run("call-of-event-id", asked)
    assert (found["eventid"], found["errorcode"], found["requestparameters"]) == ("e8", "AccessDenied", '{"userName":"eve"}')


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("i-0abc", ["e7"]),
        ("sg-1", ["e10"]),
        (DEPLOY, ["e11"]),
        ("key/k1", ["e9"]),
        ("shop", ["e6", "e5", "e4", "e3", "e2", "e1", "e1", "e15", "e19"]),
        ('"shop"', ["e5", "e4", "e3", "e2", "e1", "e1", "e15", "e19"]),
        (f'"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k1"', ["e9"]),
        ("AKIANEW", ["e16"]),
        ("i-0nothing", []),
    ],
)
def test_calls_on_a_resource_wherever_it_is_named(run, resource, expected):
    assert ids(run("calls-on-resource", resource)) == expected


def test_what_else_a_principal_did_around_an_event(run):
    assert ids(run("calls-around-event", "e8")) == ["e2", "e8", "e9", "e10"]
    # An hour either way, and a repeat once.
    assert ids(run("calls-around-event", "e12")) == ["e11", "e12", "e13", "e15"]
    assert ids(run("calls-around-event", "e7")) == ["e1", "e6", "e7"]


@pytest.mark.parametrize(("access_key", "expected"), [("ASIADEPLOY", ["e11"]), ("AKIANEW", ["e16"]), ("AKIAALICE", [])])
def test_who_made_an_access_key(run, access_key, expected):
    rows = run("maker-of-access-key", access_key)
    assert ids(rows) == expected
    assert all((row["who"], row["with_access_key"]) == (ALICE["arn"], "AKIAALICE") for row in rows)


def test_errors_of_a_principal(run):
    assert run("errors-of-principal", "alice") == [
        {
            "eventsource": "iam.amazonaws.com",
            "eventname": "ListUsers",
            "errorcode": "AccessDenied",
            "calls": 2,
            "first_call": "2026-11-20T09:30:00Z",
            "last_call": "2026-11-20T09:31:00Z",
            "last_message": "last",
        }
    ]
    assert [row["eventname"] for row in run("errors-of-principal", DEPLOY)] == ["CreateUser"]


def test_principals_that_were_not_there_before(run):
    rows = run("new-principals")
    # Alice was; the role is one, whatever its sessions are called.
    assert [(row["principal"], row["first_event"], row["calls"], row["addresses"]) for row in rows] == [
        ("anonymous", "GetObject", 3, 2),
        ("autoscaling.amazonaws.com", "SetDesiredCapacity", 1, 1),
        (DEPLOY, "PutObject", 4, 2),
        ("AIDASTRANGER", "GetObject", 1, 1),
    ]


def test_addresses_that_were_not_there_before(run):
    rows = run("new-addresses")
    assert [(row["sourceipaddress"], row["calls"], row["principals"]) for row in rows] == [
        ("198.51.100.8", 1, 1),
        ("198.51.100.7", 2, 1),
        ("203.0.113.9", 1, 1),
    ]
