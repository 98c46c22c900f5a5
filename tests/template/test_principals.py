"""Who is let in and who is refused, by the policies of buckets, queues, topics, tables and keys, in every mode."""

import pytest
from conftest import statements
from resolver import ACCOUNT

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
# The property of a resource that is a policy about it.
POLICIES = ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument", "ResourcePolicy")
# Statements that let a service in and name no source, each with the reason.
WITHOUT_SOURCE = {
    ("AlarmKey", "AlarmsPublish"): (
        "AWS does not document that CloudWatch sends a source on to KMS, and if it does not no alarm would be heard. "
        "The key is for the stack's two topics, whose own policies name account and alarms."
    ),
    ("DetectRole", "LambdaRuns"): (
        "AWS does not document that Lambda sends a source when it takes a function's role, and if it does not nothing "
        "would run. A role is passed within its account only, so no other account's function can be given this one."
    ),
    ("NotifyRole", "LambdaRuns"): "as for DetectRole",
    ("BackfillRole", "LambdaRuns"): "as for DetectRole",
    ("VerifyRole", "LambdaRuns"): "as for DetectRole",
}


def policies(stack):
    """(resource, statements) of every policy about a resource; the role's own permissions are another matter."""
    for name, resource in stack.resources.items():
        for key in POLICIES:
            document = resource["Properties"].get(key)
            if document:
                yield name, statements(document.get("PolicyDocument", document))


def test_a_service_is_let_in_for_one_source_or_for_a_reason(any_stack):
    for name, by_sid in policies(any_stack):
        for sid, statement in by_sid.items():
            if statement["Effect"] == "Deny":
                continue
            principal = statement["Principal"]
            if "Service" not in principal:
                # The account itself, over its keys and over nothing else.
                assert (principal, sid) == (ROOT, "AccountDecides"), name
                continue
            keys = {key for block in statement.get("Condition", {}).values() for key in block}
            has_source = bool(keys & {"aws:SourceArn", "aws:SourceAccount"})
            # Either way round: a reason that is no longer one goes.
            assert has_source != ((name, sid) in WITHOUT_SOURCE), f"{name}: {sid}"


def test_no_reason_outlives_its_statement(deploy):
    stack = deploy("create-trail", Verify="yes", Backfill="map", AccessLogs="create-bucket")
    found = {(name, sid) for name, by_sid in policies(stack) for sid in by_sid}
    assert set(WITHOUT_SOURCE) <= found


OF_ITS_OWN = {"${AlarmEvents}", "${NotifyFunctionDigests.Arn}", "${VerifyFunctionRounds.Arn}"}


def test_each_service_invokes_a_function_for_one_source(any_stack):
    for name, permission in any_stack.of_type("AWS::Lambda::Permission").items():
        assert permission["Action"] == "lambda:InvokeFunction", name
        assert permission["Principal"].endswith(".amazonaws.com"), name
        # The ARN of something of the stack's own, without a wildcard.
        assert permission["SourceArn"] in OF_ITS_OWN, name


# Resources that others could reach, and where the policy about them stands.
REACHED = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
}


def test_every_bucket_queue_and_topic_has_a_policy(any_stack):
    for kind, (policy, key) in REACHED.items():
        covered = {str(v) for p in any_stack.of_type(policy).values() for v in _list(p[key])}
        assert covered == {str(any_stack._ref(name)) for name in any_stack.of_type(kind)}


def reached(stack):
    """(name, ARN, statements) of every bucket, queue, topic and table that the stack makes."""
    for kind, (policy, key) in REACHED.items():
        for properties in stack.of_type(policy).values():
            for target in _list(properties[key]):
                by_sid = statements(properties["PolicyDocument"])
                yield target, by_sid["TlsOnly"]["Resource"], by_sid
    for name in stack.of_type("AWS::DynamoDB::Table"):
        yield name, stack.arn(name), statements(stack[name]["ResourcePolicy"]["PolicyDocument"])


def test_each_refuses_plain_http_and_other_accounts_and_nothing_else(any_stack):
    seen = 0
    for name, target, by_sid in reached(any_stack):
        denied = {sid: statement for sid, statement in by_sid.items() if statement["Effect"] == "Deny"}
        assert set(denied) == {"TlsOnly", "OwnAccountOnly"}, name
        for sid, statement in denied.items():
            assert statement["Principal"] == "*", f"{name}: {sid}"
            assert statement["Resource"] == target, f"{name}: {sid}"
        seen += 1
    made = ("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::DynamoDB::Table")
    assert seen == sum(len(any_stack.of_type(kind)) for kind in made) >= 2


# What a request says of itself, by the pages of IAM on aws:PrincipalAccount and aws:PrincipalIsAWSService: the second
# is in every signed request and in no anonymous one; of services only the first is unsure.
OWN = {"aws:SecureTransport": "true", "aws:PrincipalAccount": ACCOUNT, "aws:PrincipalIsAWSService": "false"}
OTHER = {**OWN, "aws:PrincipalAccount": "222222222222"}
SERVICE = {"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true"}
SERVICE_WITH_ITS_ACCOUNT = {**SERVICE, "aws:PrincipalAccount": "333333333333"}
SERVICE_THAT_SAYS_NOTHING = {"aws:SecureTransport": "true"}


@pytest.mark.parametrize(
    ("who", "refused_by"),
    [
        (OWN, set()),
        (OTHER, {"OwnAccountOnly"}),
        (SERVICE, set()),
        (SERVICE_WITH_ITS_ACCOUNT, set()),
        (SERVICE_THAT_SAYS_NOTHING, set()),
        ({**OWN, "aws:SecureTransport": "false"}, {"TlsOnly"}),
        ({**SERVICE, "aws:SecureTransport": "false"}, {"TlsOnly"}),
        ({**OTHER, "aws:SecureTransport": "false"}, {"TlsOnly", "OwnAccountOnly"}),
        # Not refused here, and let in nowhere: see test_nobody_is_let_in_without_a_name.
        ({"aws:SecureTransport": "true", "aws:PrincipalAccount": "anonymous"}, set()),
    ],
)
def test_who_is_refused(any_stack, who, refused_by):
    for name, _, by_sid in reached(any_stack):
        denied = {s: statement for s, statement in by_sid.items() if statement["Effect"] == "Deny"}
        assert {sid for sid, statement in denied.items() if holds(statement["Condition"], who)} == refused_by, name


def test_nobody_is_let_in_without_a_name(any_stack):
    for name, by_sid in policies(any_stack):
        for sid, statement in by_sid.items():
            if statement["Effect"] == "Allow":
                principal = statement["Principal"]
                assert principal != "*" and "*" not in principal.values(), f"{name}: {sid}"
                assert "NotPrincipal" not in statement, f"{name}: {sid}"


def test_what_is_encrypted_can_still_be_reached(any_stack):
    # SQS's own key asks nobody for a grant. A customer key here would need one for S3, EventBridge and SNS.
    for name, queue in any_stack.of_type("AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True and "KmsMasterKeyId" not in queue, name
    # SNS's managed key does not let CloudWatch publish; a key of the stack's own does.
    for name, topic in any_stack.of_type("AWS::SNS::Topic").items():
        grants = statements(any_stack["AlarmKey"]["KeyPolicy"])
        assert topic["KmsMasterKeyId"] == any_stack.arn("AlarmKey"), name
        senders = {
            statement["Principal"]["Service"]
            for properties in any_stack.of_type("AWS::SNS::TopicPolicy").values()
            for statement in properties["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow"
        }
        for sender in senders:
            granted = [s["Action"] for s in grants.values() if s["Principal"] == {"Service": sender}]
            assert granted == [["kms:Decrypt", "kms:GenerateDataKey*"]], sender
    for name, table in any_stack.of_type("AWS::DynamoDB::Table").items():
        # The account's key for DynamoDB lets in whoever may use the table.
        assert table["SSESpecification"] == {"SSEEnabled": True}, name


def test_every_log_group_ends_what_it_keeps(any_stack):
    groups = any_stack.of_type("AWS::Logs::LogGroup")
    assert groups
    for name, group in groups.items():
        assert int(group["RetentionInDays"]) > 0, name
    # And the function writes to no other, which Lambda would make without an end.
    for function in any_stack.of_type("AWS::Lambda::Function").values():
        assert function["LoggingConfig"]["LogGroup"] in {g["LogGroupName"] for g in groups.values()}


def holds(condition, request):
    """Whether a condition holds, as IAM has it: a key that is absent meets a negated operator and no other."""
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            found = request.get(key)
            match operator:
                case "Bool":
                    met = found == wanted
                case "StringNotEquals":
                    met = found != wanted
                case _:
                    raise NotImplementedError(operator)
            if not met:
                return False
    return True


def _list(value):
    return value if isinstance(value, list) else [value]
