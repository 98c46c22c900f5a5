"""Tables, workgroup and results of the queries over the logs, and that nothing of it stands unless asked for."""

import json
from pathlib import Path

import botocore
import pytest
from conftest import DEPLOYMENTS, FOREIGN_TRAIL, MANAGEMENT, ORGANISATION, OWN_KEY
from resolver import ACCOUNT, source

BUCKET = "trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"
# What a local cloud does not know, and what costs nothing but is clutter until somebody asks.
KINDS = {"AWS::Athena::NamedQuery", "AWS::Athena::WorkGroup", "AWS::Glue::Database", "AWS::Glue::Table", "AWS::Logs::QueryDefinition"}


def table(stack, name):
    (found,) = (t["TableInput"] for t in stack.of_type("AWS::Glue::Table").values() if t["TableInput"]["Name"] == name)
    return found


@pytest.mark.parametrize("name", [name for name, given in DEPLOYMENTS.items() if given.get("Queries") != "yes"])
def test_nothing_stands_unless_asked_for(deploy, name):
    stack = deploy(name)
    assert {resource["Type"] for resource in stack.resources.values()} & KINDS == set()
    assert not [output for output in stack.outputs if output.startswith("Query")]


def test_what_stands_follows_what_there_is(deploy):
    whole = deploy("create-trail-queries")
    bare = deploy("create-trail", Queries="yes")
    simple = deploy("existing-bucket-queries-of-an-organisation")

    def names(stack):
        return {query["Name"] for query in stack.of_type("AWS::Athena::NamedQuery").values()}

    assert {t["TableInput"]["Name"] for t in bare.of_type("AWS::Glue::Table").values()} == {"cloudtrail"}
    assert {name for name in names(whole) if "findings" in name} | {n for n in names(whole) if n.startswith("a8-")} == (
        names(whole) - names(bare)
    )
    assert names(simple) - names(bare) == {name for name in names(whole) if name.startswith("a8-")}
    silent = deploy("create-trail", Queries="yes", Findings="off").of_type("AWS::Logs::QueryDefinition")
    assert silent == {}
    groups = {stack: {tuple(q["LogGroupNames"]) for q in stack.of_type("AWS::Logs::QueryDefinition").values()} for stack in (whole, bare)}
    assert groups == {
        whole: {("/aws/lambda/Watch-Prod-detect",), ("aws-cloudtrail-logs",)},
        bare: {("/aws/lambda/Watch-Prod-detect",)},
    }


@pytest.mark.parametrize(
    ("name", "given", "folder", "accounts"),
    [
        ("create-trail", {}, f"{BUCKET}/AWSLogs", ACCOUNT),
        ("create-trail", {"QueriesAccounts": f"{ACCOUNT},{MANAGEMENT}"}, f"{BUCKET}/AWSLogs", f"{ACCOUNT},{MANAGEMENT}"),
        ("create-trail-organisation-all-data", {}, f"{BUCKET}/security/trail/AWSLogs/{ORGANISATION}", None),
        ("create-trail-organisation-all-data", {"QueriesAccounts": MANAGEMENT}, f"{BUCKET}/security/trail/AWSLogs/{ORGANISATION}", MANAGEMENT),
        # The trail is another account's, and so are its files.
        ("create-bucket", {}, f"{BUCKET}/AWSLogs", FOREIGN_TRAIL.split(":")[4]),
        ("create-bucket-organisation", {}, f"{BUCKET}/archive/AWSLogs/{ORGANISATION}", None),
        ("existing-bucket", {}, "old-logs/AWSLogs", ACCOUNT),
        ("existing-bucket-key", {"QueriesOrganizationId": ORGANISATION}, f"old-logs/archive/AWSLogs/{ORGANISATION}", None),
        ("existing-topic", {"QueriesAccounts": MANAGEMENT}, "old-logs/AWSLogs", MANAGEMENT),
    ],
)  # fmt: skip
def test_the_folders_of_a_trail(deploy, name, given, folder, accounts):
    parameters = table(deploy(name, Queries="yes", **given), "cloudtrail")["Parameters"]
    assert parameters["storage.location.template"] == f"s3://{folder}/${{account}}/CloudTrail/${{region}}/${{dt}}"
    assert parameters["projection.account.type"] == ("enum" if accounts else "injected")
    assert parameters.get("projection.account.values") == accounts


def test_the_folders_of_findings_and_access_logs(deploy):
    stack = deploy("create-trail-queries", QueriesSince="2024/02/29")
    findings = table(stack, "findings")["Parameters"]
    assert findings["storage.location.template"].endswith("/detector=${detector}/dt=${dt}")
    assert findings["projection.dt.range"] == "2024-02-29,NOW"
    assert findings["projection.detector.values"].startswith("OwnOne,OwnTwo,")
    logs = table(stack, "access_logs")
    assert logs["Parameters"]["storage.location.template"] == (
        "s3://amzn-s3-demo-logging/${source_account}/${source_region}/${source_bucket}/${dt}"
    )
    assert logs["Parameters"]["projection.dt.range"] == "2024/02/29,NOW"
    simple = table(deploy("existing-bucket-queries-of-an-organisation"), "access_logs")
    assert simple["Parameters"] == {"EXTERNAL": "TRUE"}
    assert "PartitionKeys" not in simple
    assert simple["StorageDescriptor"]["Location"] == "s3://amzn-s3-demo-logging/access/"


@pytest.mark.parametrize("name", ["create-trail-queries", "existing-bucket-queries-of-an-organisation"])
def test_each_folder_is_projected_and_each_projection_has_what_it_needs(deploy, name):
    # https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    needs = {"enum": {"type", "values"}, "injected": {"type"}, "date": {"type", "format", "range", "interval", "interval.unit"}}
    for found in (t["TableInput"] for t in deploy(name).of_type("AWS::Glue::Table").values()):
        keys = [key["Name"] for key in found.get("PartitionKeys", [])]
        assert not set(keys) & {column["Name"] for column in found["StorageDescriptor"]["Columns"]}, found["Name"]
        parameters = found["Parameters"]
        assert all(isinstance(value, str) for value in parameters.values())
        assert (parameters.get("projection.enabled") == "true") == bool(keys)
        said = {}
        for key in parameters:
            if key.startswith("projection.") and key != "projection.enabled":
                _, column, what = key.split(".", 2)
                said.setdefault(column, set()).add(what)
        assert said == {key: needs[parameters[f"projection.{key}.type"]] for key in keys}
        assert all(f"${{{key}}}" in parameters["storage.location.template"] for key in keys)
        # A value with a blank in it would be another folder.
        assert not any(" " in value for key, value in parameters.items() if key.endswith(".values"))


def test_every_region_is_looked_into_unless_told_otherwise():
    known = json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text(encoding="utf-8"))
    (aws,) = (partition for partition in known["partitions"] if partition["partition"] == "aws")
    assert source()["Parameters"]["QueriesRegions"]["Default"].split(",") == sorted(aws["regions"])


def test_the_workgroup_bounds_what_a_query_may_scan_and_where_results_go(deploy):
    stack = deploy("create-trail-queries", QueriesScanLimitGB=7)
    group = stack["QueryWorkGroup"]
    assert group["Name"] == "Watch-Prod"
    settings = group["WorkGroupConfiguration"]
    # A client cannot ask for other results or more bytes.
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert int(settings["BytesScannedCutoffPerQuery"]) == 7_000_000_000
    assert settings["PublishCloudWatchMetricsEnabled"] is True
    assert settings["ResultConfiguration"]["OutputLocation"] == "s3://${QueryResults}/"
    for query in stack.of_type("AWS::Athena::NamedQuery").values():
        assert (query["WorkGroup"], query["Database"]) == ("${QueryWorkGroup}", "${QueryDatabase}")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("create-trail-queries", "${LogKey.Arn}"),
        ("create-trail-own-key", OWN_KEY),
        ("create-bucket", "${LogKey.Arn}"),
        # Of another region or account, perhaps.
        ("existing-bucket-key", None),
        ("existing-bucket", None),
    ],
)
def test_results_are_encrypted_with_the_key_of_the_logs_where_it_is_at_hand(deploy, name, key):
    stack = deploy(name, Queries="yes")
    (encryption,) = stack["QueryResults"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    by_default = encryption["ServerSideEncryptionByDefault"]
    of_group = stack["QueryWorkGroup"]["WorkGroupConfiguration"]["ResultConfiguration"]["EncryptionConfiguration"]
    if key:
        assert by_default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        assert of_group == {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    else:
        assert by_default == {"SSEAlgorithm": "AES256"}
        assert of_group == {"EncryptionOption": "SSE_S3"}


def test_results_expire_and_their_bucket_does_not_hold_up_the_stack(deploy):
    stack = deploy("create-trail-queries", QueriesResultDays=3)
    (rule,) = stack["QueryResults"]["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], int(rule["ExpirationInDays"])) == ("Enabled", 3)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert set(stack["QueryResults"]["PublicAccessBlockConfiguration"].values()) == {True}
    for name in ("QueryResults", "QueryResultsPolicy"):
        assert stack.resources[name]["DeletionPolicy"] == stack.resources[name]["UpdateReplacePolicy"] == "Retain"
    assert stack["QueryWorkGroup"]["RecursiveDeleteOption"] is True


def test_the_database_has_a_name_that_glue_takes(deploy):
    stack = deploy("create-trail-queries")
    assert stack["QueryDatabase"]["DatabaseInput"]["Name"] == "trailmeter_a1b2c3d4e5f6"
    assert stack.outputs["QueryDatabaseName"] == "${QueryDatabase}"
    assert stack.outputs["QueryWorkGroupName"] == "${QueryWorkGroup}"


def test_the_generated_blocks_have_their_marks():
    text = (Path(__file__).resolve().parents[2] / "template.yaml").read_text(encoding="utf-8")
    for mark in (
        "  # {} generated by make queries (edit queries/, not this block)\n",
        "              # {} detectors written by make queries\n",
    ):
        begin, end = mark.format("BEGIN"), mark.format("END").replace(" (edit queries/, not this block)", "")
        assert text.count(begin) == text.count(end) == 1
        assert text.index(begin) < text.index(end) < text.index("\nOutputs:\n")
