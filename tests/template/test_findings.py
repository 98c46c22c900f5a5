"""The bucket of findings: there where it is asked for, as closed as the logs', and ended when told."""

import pytest
from conftest import DEPLOYMENTS, KEEPS_FINDINGS, refusals, statements

ARN = "${FindingsStore.Arn}"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_there_is_a_bucket_where_findings_are_kept(deploy, name):
    stack = deploy(name)
    made = {"FindingsStore", "FindingsStorePolicy"}
    assert made & set(stack.resources) == (made if name in KEEPS_FINDINGS else set())


def test_findings_are_kept_whatever_the_mode(deploy):
    for name in ("create-bucket", "existing-bucket", "existing-topic"):
        stack = deploy(name, FindingsBucket="yes")
        assert stack["DetectFunction"]["Environment"]["Variables"]["TRAILMETER_FINDINGS_BUCKET"] == "${FindingsStore}"
        assert stack["FindingsStorePolicy"]["Bucket"] == "${FindingsStore}"


def test_the_bucket(deploy):
    bucket = deploy("create-trail-findings-kept")["FindingsStore"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    # Nothing reads it on its own; a notification to the queue would be taken for a log file.
    assert "NotificationConfiguration" not in bucket


def test_findings_expire_when_told(deploy):
    (rule,) = deploy("create-trail-findings-kept")["FindingsStore"]["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert int(rule["ExpirationInDays"]) == 2555
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 7
    # No prefix, no tag: all of them.
    assert not {"Prefix", "TagFilters"} & set(rule)


def test_nobody_is_let_in_by_the_policy(deploy):
    # The function's own role has its statement; who reads findings is for the account's IAM to say.
    policy = deploy("create-trail-findings-kept")["FindingsStorePolicy"]
    assert statements(policy["PolicyDocument"]) == {
        sid: {**refusal, "Resource": [ARN, f"{ARN}/*"]} for sid, refusal in refusals("s3:*").items()
    }


def test_the_function_writes_below_the_folders_that_it_names(deploy):
    # The key as findings/bucket.rs writes it.
    from resolver import TEMPLATE

    source = (TEMPLATE.parent / "shared/aws/src/findings/bucket.rs").read_text(encoding="utf-8")
    assert 'format!("detector={}/dt={day}/' in source
    (policy,) = deploy("create-trail-findings-kept")["DetectRole"]["Policies"]
    assert statements(policy["PolicyDocument"])["KeepFindings"]["Resource"] == f"{ARN}/detector=*"
