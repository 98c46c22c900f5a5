"""Each statement of a function's role is needed by a call that its code makes, or that a service makes for it, and each
call has its statement; a wildcard stands where AWS leaves no choice.

What the code calls is read from the adapters' sources, so neither list can fall behind the other."""

import re
from dataclasses import dataclass

import pytest
from conftest import DEPLOYMENTS, OWN_KEY, statements
from resolver import TEMPLATE

ADAPTERS = TEMPLATE.parent / "shared/aws/src"
# Parts of the crate that only the command on somebody's own machine uses, with that person's rights.
OF_THE_COMMAND = ("list.rs", "operator", "integrity/trail.rs")
# Where the command finds buckets of any region; a function knows its own.
CALLS_OF_THE_COMMAND = {("get_bucket_location", "integrity/buckets.rs")}
# Parts that one other function alone uses; all others are detect's.
OF_ROLE = {
    "notices.rs": "NotifyRole",
    "notices": "NotifyRole",
    "integrity.rs": "VerifyRole",
    "integrity": "VerifyRole",
    "backfill.rs": "BackfillRole",
    "backfill": "BackfillRole",
}
# What others use of detect's.
SHARED = {
    ("BackfillRole", "put_metric_data", "cloudwatch_sink.rs"),
    ("VerifyRole", "put_metric_data", "cloudwatch_sink.rs"),
    ("VerifyRole", "batch_get_item", "ledger.rs"),
    ("VerifyRole", "send_message_batch", "sqs_queue.rs"),
}

# What the SDK calls it: the action that IAM asks for, where the two differ.
ACTION_OF = {
    "get_object": "s3:GetObject",
    "list_objects_v2": "s3:ListBucket",
    "list_public_keys": "cloudtrail:ListPublicKeys",
    "put_object": "s3:PutObject",
    "put_metric_data": "cloudwatch:PutMetricData",
    "get_parameter": "ssm:GetParameter",
    "get_item": "dynamodb:GetItem",
    "put_item": "dynamodb:PutItem",
    "scan": "dynamodb:Scan",
    "update_item": "dynamodb:UpdateItem",
    "batch_get_item": "dynamodb:BatchGetItem",
    # A transaction is asked for item by item; ours consist of Put.
    "transact_write_items": "dynamodb:PutItem",
    # Batches are asked for as single messages.
    "send_message_batch": "sqs:SendMessage",
    "delete_message_batch": "sqs:DeleteMessage",
    "describe_alarms": "cloudwatch:DescribeAlarms",
    "filter_log_events": "logs:FilterLogEvents",
    "publish": "sns:Publish",
    "put_events": "events:PutEvents",
    # The one that is called without its SDK.
    "BatchImportFindings": "securityhub:BatchImportFindings",
}
# What a service that was called asks another for, in the caller's name.
ASKED_ON = {"kms:Decrypt", "kms:GenerateDataKey*", "secretsmanager:GetSecretValue"}


@dataclass(frozen=True)
class Call:
    """The function itself calls, by this method of the SDK."""

    method: str
    file: str


@dataclass(frozen=True)
class Service:
    """A service calls with the function's role, because the template has set up that it does."""

    why: str
    resource: str
    has: str


POLLS = Service("Lambda polls the queue", "AWS::Lambda::EventSourceMapping", "EventSourceArn")
DELETES = Service("Lambda deletes what was done", "AWS::Lambda::EventSourceMapping", "FunctionResponseTypes")
GIVES_UP = Service("Lambda passes on invocations that failed", "AWS::Lambda::EventInvokeConfig", "DestinationConfig")
TRACES = Service("X-Ray's daemon sends what Lambda and the function give it", "AWS::Lambda::Function", "TracingConfig")
LOGS = Service("Lambda writes what the function prints", "AWS::Lambda::Function", "LoggingConfig")

# Sid: action: everybody who needs it there.
OF_DETECT = {
    "ReadLogFiles": {"s3:GetObject": [Call("get_object", "s3_store.rs")]},
    "ReadAccessLogs": {"s3:GetObject": [Call("get_object", "s3_store.rs")]},
    # S3 asks KMS in the reader's name.
    "DecryptLogFiles": {"kms:Decrypt": [Call("get_object", "s3_store.rs")]},
    "TakeDeliveries": {
        "sqs:ReceiveMessage": [POLLS],
        "sqs:DeleteMessage": [DELETES, Call("delete_message_batch", "sqs_queue.rs")],
        "sqs:GetQueueAttributes": [POLLS],
    },
    "PassOnDigests": {"sqs:SendMessage": [Call("send_message_batch", "sqs_queue.rs")]},
    "HandBackObjects": {"sqs:SendMessage": [Call("send_message_batch", "sqs_queue.rs")]},
    "KeepFailedInvocations": {"sqs:SendMessage": [GIVES_UP]},
    "PutMetrics": {"cloudwatch:PutMetricData": [Call("put_metric_data", "cloudwatch_sink.rs")]},
    "ClaimObjects": {"dynamodb:UpdateItem": [Call("update_item", "ledger/item.rs"), Call("update_item", "ledger.rs")]},
    "RememberEvents": {
        "dynamodb:BatchGetItem": [Call("batch_get_item", "ledger.rs")],
        "dynamodb:PutItem": [Call("transact_write_items", "ledger/events.rs")],
    },
    "ReadDetectors": {
        "s3:GetObject": [Call("get_object", "detectors.rs")],
        "ssm:GetParameter": [Call("get_parameter", "detectors.rs")],
    },
    "DecryptDetectors": {"kms:Decrypt": [Call("get_object", "detectors.rs"), Call("get_parameter", "detectors.rs")]},
    "KeepFindings": {"s3:PutObject": [Call("put_object", "findings/bucket.rs")]},
    "SendFindings": {"events:PutEvents": [Call("put_events", "findings/event_bus.rs")]},
    "ImportFindings": {"securityhub:BatchImportFindings": [Call("BatchImportFindings", "findings/security_hub/call.rs")]},
    "WriteTraces": {"xray:PutTraceSegments": [TRACES], "xray:PutTelemetryRecords": [TRACES]},
    "WriteOwnLog": {"logs:CreateLogStream": [LOGS], "logs:PutLogEvents": [LOGS]},
}
PUBLISHES = Call("publish", "notices/topic.rs")
READS_ADDRESS = Call("get_parameter", "notices/webhook.rs")
NEEDS = {
    "DetectRole": OF_DETECT,
    "NotifyRole": {
        "FindFindings": {"logs:FilterLogEvents": [Call("filter_log_events", "notices/log.rs")]},
        "AskWhichAlarmsAreOn": {"cloudwatch:DescribeAlarms": [Call("describe_alarms", "notices/alarms.rs")]},
        "RememberWhatWasTold": {
            "dynamodb:GetItem": [Call("get_item", "notices/book.rs")],
            "dynamodb:PutItem": [Call("put_item", "notices/book.rs")],
            "dynamodb:Scan": [Call("scan", "notices/book.rs")],
        },
        "TellPeople": {"sns:Publish": [PUBLISHES, GIVES_UP]},
        # SNS asks KMS in the sender's name.
        "EncryptForTopic": {"kms:Decrypt": [PUBLISHES, GIVES_UP], "kms:GenerateDataKey*": [PUBLISHES, GIVES_UP]},
        "ReadWebhook": {"ssm:GetParameter": [READS_ADDRESS]},
        # Parameter Store asks Secrets Manager in the reader's name.
        "ReadWebhookSecret": {"secretsmanager:GetSecretValue": [READS_ADDRESS]},
        "WriteOwnLog": {"logs:CreateLogStream": [LOGS], "logs:PutLogEvents": [LOGS]},
    },
    "VerifyRole": {
        "ReadLogFiles": {"s3:GetObject": [Call("get_object", "integrity/buckets.rs")]},
        "ListLogFiles": {"s3:ListBucket": [Call("list_objects_v2", "integrity/buckets.rs")]},
        # S3 asks KMS in the reader's name.
        "DecryptLogFiles": {"kms:Decrypt": [Call("get_object", "integrity/buckets.rs")]},
        "AskForPublicKeys": {"cloudtrail:ListPublicKeys": [Call("list_public_keys", "integrity/keys.rs")]},
        "TakeDigests": {
            "sqs:ReceiveMessage": [POLLS],
            "sqs:DeleteMessage": [DELETES],
            "sqs:GetQueueAttributes": [POLLS],
        },
        "RememberDigests": {
            "dynamodb:BatchGetItem": [Call("batch_get_item", "integrity/memory.rs")],
            "dynamodb:PutItem": [Call("put_item", "integrity/memory.rs")],
        },
        "AskWhatWasCounted": {"dynamodb:BatchGetItem": [Call("batch_get_item", "ledger.rs")]},
        "QueueWhatWasMissed": {"sqs:SendMessage": [Call("send_message_batch", "sqs_queue.rs")]},
        "KeepFailedInvocations": {"sqs:SendMessage": [GIVES_UP]},
        "PutMetrics": {"cloudwatch:PutMetricData": [Call("put_metric_data", "cloudwatch_sink.rs")]},
        "WriteOwnLog": {"logs:CreateLogStream": [LOGS], "logs:PutLogEvents": [LOGS]},
    },
}
NEEDS["BackfillRole"] = {
    "ListLogFiles": {"s3:ListBucket": [Call("list_objects_v2", "backfill/listing.rs")]},
    "NameObjects": {"sqs:SendMessage": [Call("send_message_batch", "backfill/queue.rs")]},
    "RememberPlaces": {
        "dynamodb:GetItem": [Call("get_item", "backfill/places.rs")],
        "dynamodb:PutItem": [Call("put_item", "backfill/places.rs")],
    },
    "PutMetrics": {"cloudwatch:PutMetricData": [Call("put_metric_data", "cloudwatch_sink.rs")]},
    "WriteOwnLog": {"logs:CreateLogStream": [LOGS], "logs:PutLogEvents": [LOGS]},
}
# Step Functions calls by itself, as the machine's definition has it.
RUNS = Service("the machine's states run the function", "AWS::StepFunctions::StateMachine", "Definition")
NEEDS["BackfillMachineRole"] = {
    "RunFunction": {"lambda:InvokeFunction": [RUNS]},
    "RunParts": {"states:StartExecution": [RUNS]},
    "WatchParts": {"states:DescribeExecution": [RUNS], "states:StopExecution": [RUNS]},
}
# Besides the ways of deploying: a key on an object with detectors.
WITH_KEY = ("create-trail-detectors-object", {"DetectorsKmsKeyArn": OWN_KEY})


def calls_of_the_code():
    """(role, method, file) of every call of an SDK that a function can make."""
    found = set()
    for path in sorted(ADAPTERS.rglob("*.rs")):
        file = path.relative_to(ADAPTERS).as_posix()
        if file.split("/")[0] in OF_THE_COMMAND or file in OF_THE_COMMAND or path.name == "tests.rs":
            continue
        text = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        # What else is called a client, such as the transport's, is no SDK's.
        role = OF_ROLE.get(file.split("/")[0], "DetectRole")
        # A request that is made here and not by an SDK says what it is called.
        found |= {(role, name, file) for name in re.findall(r'\.operation_name\("(\w+)"\)', text)}
        if "aws_sdk_" in text:
            # Whatever a client is called where it is kept.
            clients = "|".join({"client", *re.findall(r"\b([a-z_0-9]+): (?:aws_sdk_[a-z]+::)?Client\b", text)})
            methods = re.findall(rf"\b(?:{clients})\s*\.\s*([a-z0-9_]+)\(\)", text)
            found |= {(role, method, file) for method in methods if (method, file) not in CALLS_OF_THE_COMMAND}
        # Calls that are written in another way still name what they may fail with, or send nothing.
        named = {method for _, method, _ in found}
        assert set(re.findall(r"\boperation::([a-z0-9_]+)", text)) <= named | set(ACTION_OF), file
    # What is shared is there to be shared.
    assert {("DetectRole", *call) for _, *call in SHARED} <= found
    return {call for call in found | SHARED if call[1] not in ("clone", "config")}


def roles(stack):
    """The statements of each role."""
    found = {}
    for name, role in stack.of_type("AWS::IAM::Role").items():
        (policy,) = role["Policies"]
        found[name] = statements(policy["PolicyDocument"])
    return found


def granted(stack):
    """(role, Sid, statement) of every statement of a role."""
    return [(role, sid, statement) for role, by_sid in roles(stack).items() for sid, statement in by_sid.items()]


@pytest.fixture(params=[(name, {}) for name in DEPLOYMENTS] + [WITH_KEY], ids=lambda p: p[0] + "+" * bool(p[1]))
def stack(request, deploy):
    name, more = request.param
    return deploy(name, **more)


def test_each_statement_is_needed_as_it_stands(stack):
    assert granted(stack)
    for role, sid, statement in granted(stack):
        assert statement["Effect"] == "Allow", sid
        wanted = NEEDS[role][sid]
        actions = _list(statement["Action"])
        # The statement on detectors is one of two, by where they lie.
        expected = [actions[0]] if sid == "ReadDetectors" and actions[0] in wanted else list(wanted)
        assert actions == expected, sid
        for needer in (needer for action in actions for needer in wanted[action]):
            if isinstance(needer, Service):
                assert any(needer.has in made for made in stack.of_type(needer.resource).values()), f"{sid}: {needer}"


def needs():
    """(role, Sid, action, everybody who needs it)."""
    for role, by_sid in NEEDS.items():
        for sid, actions in by_sid.items():
            for action, needers in actions.items():
                yield role, sid, action, needers


def test_each_need_is_one_that_the_code_has():
    called = calls_of_the_code()
    for role, sid, action, needers in needs():
        for call in (needer for needer in needers if isinstance(needer, Call)):
            assert (role, call.method, call.file) in called, f"{sid} is for a call that is no longer made: {call}"
            assert action in {ACTION_OF[call.method], *ASKED_ON}, sid


def test_each_call_of_the_code_has_its_statement():
    # By the action of the call itself; what a service asks on is not what allows it.
    needed = {
        (role, needer.method, needer.file)
        for role, _, action, needers in needs()
        for needer in needers
        if isinstance(needer, Call) and action == ACTION_OF[needer.method]
    }
    called = calls_of_the_code()
    assert {role for role, _, _ in called} == set(NEEDS) - {"BackfillMachineRole"}
    for role, method, file in sorted(called):
        assert method in ACTION_OF, f"{file} calls {method}: name its action here, and the statement that allows it"
        assert (role, method, file) in needed, f"{file} calls {method}, which no statement of {role} is for"


def test_each_need_is_met_in_some_deployment(deploy):
    stacks = [*(deploy(name) for name in DEPLOYMENTS), deploy(WITH_KEY[0], **WITH_KEY[1])]
    met = {(role, sid) for stack in stacks for role, sid, _ in granted(stack)}
    assert met == {(role, sid) for role, by_sid in NEEDS.items() for sid in by_sid}


def test_a_ledger_of_objects_may_not_touch_events(deploy):
    assert "RememberEvents" not in roles(deploy("create-trail", Ledger="object"))["DetectRole"]
    assert not {"ClaimObjects", "RememberEvents"} & set(roles(deploy("create-trail", Ledger="off"))["DetectRole"])


KEY = "in a key's own policy the asterisk means this key; KMS knows nothing else there"
FILES = "the keys of log files are not known beforehand; bucket and folder are"
ANY_DATA_KEY = "AWS's own policy for this; the service chooses with or without plain text"
STREAMS = "the log streams of one group, which Lambda names"
# (resource, Sid, element): why it has a wildcard. Statements that deny are wide on purpose and not asked.
WILDCARDS = {
    ("DetectRole", "PutMetrics", "Resource"): "PutMetricData knows no resource type; the namespace narrows it",
    ("BackfillRole", "PutMetrics", "Resource"): "PutMetricData knows no resource type; the namespace narrows it",
    ("BackfillRole", "WriteOwnLog", "Resource"): STREAMS,
    ("BackfillRole", "ListLogFiles", "Condition"): FILES,
    ("BackfillRole", "RememberPlaces", "Condition"): "its own items, by what their ids begin with",
    ("BackfillMachineRole", "StepFunctionsRuns", "Condition"): "a map's runs bear its name behind the machine's",
    ("BackfillMachineRole", "WatchParts", "Resource"): "executions have names that Step Functions makes",
    ("DetectRole", "WriteTraces", "Resource"): "X-Ray knows no resource type for either",
    ("DetectRole", "ReadLogFiles", "Resource"): FILES,
    ("DetectRole", "ReadAccessLogs", "Resource"): "which prefix each bucket logs to is not known; the bucket has nothing else",
    ("DetectRole", "WriteOwnLog", "Resource"): STREAMS,
    ("DetectRole", "KeepFindings", "Resource"): "below the folder of a detector; its days and files are not known beforehand",
    ("NotifyRole", "FindFindings", "Resource"): STREAMS,
    ("NotifyRole", "WriteOwnLog", "Resource"): STREAMS,
    ("NotifyRole", "AskWhichAlarmsAreOn", "Resource"): "whoever asks by prefix asks for all alarms of the region",
    ("NotifyRole", "EncryptForTopic", "Action"): ANY_DATA_KEY,
    ("NotifyRole", "ReadWebhookSecret", "Resource"): "Secrets Manager puts six characters of its own behind the name",
    ("VerifyRole", "PutMetrics", "Resource"): "as for DetectRole",
    ("VerifyRole", "ReadLogFiles", "Resource"): FILES,
    ("VerifyRole", "WriteOwnLog", "Resource"): STREAMS,
    ("VerifyRole", "AskForPublicKeys", "Resource"): "ListPublicKeys knows no resource type, and what it tells is public",
    ("LogBucketPolicy", "TrailWrites", "Resource"): FILES,
    ("AccessLogBucketPolicy", "BucketsLog", "Resource"): "each bucket logs below a prefix of its own choice",
    ("LogKey", "AccountDecides", "Action"): "without it the key could be left that nobody may manage; IAM narrows it",
    ("LogKey", "AccountDecides", "Resource"): KEY,
    ("LogKey", "TrailEncrypts", "Action"): ANY_DATA_KEY,
    ("LogKey", "TrailEncrypts", "Resource"): KEY,
    ("LogKey", "TrailEncrypts", "Condition"): "the context names the trail in each region it writes from; the source is one",
    ("LogKey", "TrailEncryptsByBucketDefault", "Action"): ANY_DATA_KEY,
    ("LogKey", "TrailEncryptsByBucketDefault", "Resource"): KEY,
    ("LogKey", "TrailDescribes", "Resource"): KEY,
    ("AlarmKey", "AccountDecides", "Action"): "as for LogKey",
    ("AlarmKey", "AccountDecides", "Resource"): KEY,
    ("AlarmKey", "AlarmsPublish", "Action"): ANY_DATA_KEY,
    ("AlarmKey", "AlarmsPublish", "Resource"): KEY,
    ("AlarmTopicPolicy", "AlarmsPublish", "Condition"): "this stack's alarms, all of whose names begin with its own",
    ("AlarmEventsPolicy", "AlarmsPublish", "Condition"): "as for AlarmTopicPolicy",
}


def wildcards(stack):
    for name, resource in stack.resources.items():
        properties = resource["Properties"]
        documents = [properties[key] for key in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument") if key in properties]
        documents += [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for statement in (s for document in documents for s in document["Statement"]):
            if statement["Effect"] == "Allow":
                for element in ("Action", "NotAction", "Resource", "NotResource", "Condition"):
                    if re.search(r"[*?]", str(statement.get(element, ""))):
                        yield name, statement["Sid"], element


def test_a_wildcard_stands_for_a_reason(deploy):
    found = {wildcard for name in DEPLOYMENTS for wildcard in wildcards(deploy(name))}
    assert found == set(WILDCARDS)


def test_no_wildcard_of_a_role_widens_what_a_statement_is_for(stack):
    # Of the bare asterisks the one that is always there has its condition.
    bare = {(role, sid): s for role, sid, s in granted(stack) if "*" in _list(s["Resource"])}
    unconditional = {("DetectRole", "WriteTraces"), ("VerifyRole", "AskForPublicKeys")}
    puts = {role for role, _ in set(bare) - unconditional}
    assert set(bare) - unconditional == {(role, "PutMetrics") for role in puts} and "DetectRole" in puts
    for role in puts:
        namespaces = _list(bare[role, "PutMetrics"]["Condition"]["StringEquals"]["cloudwatch:namespace"])
        assert namespaces[0] == "Trailmeter/Watch-Prod" and not any("*" in namespace for namespace in namespaces)
    for role, sid, statement in granted(stack):
        wide = [action for action in _list(statement["Action"]) if "*" in action]
        # With one key, and through SNS alone.
        assert wide == (["kms:GenerateDataKey*"] if sid == "EncryptForTopic" else []), f"{role}: {sid}"


def _list(value):
    return value if isinstance(value, list) else [value]
