"""The function detect: how it is started, what it is told, and exactly what it may do. And what holds for all."""

import pytest
from conftest import (
    ACCESS_LOGS,
    CREATES_BUCKET,
    DEPLOYMENTS,
    FOREIGN_KEY,
    KEEPS_FINDINGS,
    OWN_KEY,
    OWN_PRODUCT,
    SOC_BUS,
    VERIFIES,
    statements,
)
from resolver import TEMPLATE, source

QUEUE = "arn:aws:sqs:eu-west-1:111111111111:Watch-Prod-deliveries"
OWN_BUCKET = "trailmeter-111111111111-eu-west-1-a1b2c3d4e5f6"
ACCESS_BUCKET = "trailmeter-access-111111111111-eu-west-1-a1b2c3d4e5f6"
# deployment: (objects, key, region of the bucket)
READS = {
    "create-trail": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "create-trail-email-activity": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "create-trail-organisation-all-data": (f"{OWN_BUCKET}/security/trail/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "create-trail-listed-data": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "create-trail-own-key": (f"{OWN_BUCKET}/AWSLogs", OWN_KEY, "eu-west-1"),
    "create-bucket": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "create-bucket-organisation": (f"{OWN_BUCKET}/archive/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket": ("old-logs/AWSLogs", None, None),
    "existing-bucket-key": ("old-logs/archive/AWSLogs", OWN_KEY, "eu-west-1"),
    "existing-bucket-elsewhere": ("old-logs/AWSLogs", FOREIGN_KEY, "us-west-2"),
    "create-bucket-verified-of-an-organisation": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "create-trail-verified": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-verified": ("old-logs/archive/AWSLogs", FOREIGN_KEY, "us-west-2"),
    "existing-bucket-verified-without-ledger": ("old-logs/AWSLogs", None, None),
    "existing-topic": ("old-logs/AWSLogs", FOREIGN_KEY, "us-west-2"),
    "create-trail-detectors-object": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-detectors-parameter": ("old-logs/AWSLogs", None, None),
    "create-trail-single-events": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-single-events": ("old-logs/AWSLogs", None, None),
    "create-trail-ledger-of-objects": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-without-ledger": ("old-logs/AWSLogs", None, None),
    "existing-topic-plain-alarms": ("old-logs/AWSLogs", None, None),
    "create-trail-plain-alarms": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "create-trail-both-alarms": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-alarm-topic-key": ("old-logs/AWSLogs", None, None),
    "create-trail-webhook-parameter": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-webhook-secret": ("old-logs/AWSLogs", None, None),
    "create-trail-backfill": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-backfill-map": ("old-logs/audit/AWSLogs", None, None),
    "create-trail-findings-kept": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-without-findings": ("old-logs/AWSLogs", None, None),
    "create-trail-findings-sent": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-findings-as-events": ("old-logs/AWSLogs", None, None),
    "create-trail-queries": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-queries-of-an-organisation": ("old-logs/archive/AWSLogs", None, None),
    "create-trail-access-logs": (f"{OWN_BUCKET}/AWSLogs", "${LogKey.Arn}", "eu-west-1"),
    "existing-bucket-access-logs": ("old-logs/AWSLogs", None, None),
}
LEDGER = "arn:aws:dynamodb:eu-west-1:111111111111:table/Watch-Prod-ledger"
CLAIMS_OBJECTS = {"ClaimObjects": {"Action": "dynamodb:UpdateItem", "Resource": LEDGER}}
REMEMBERS_EVENTS = {"RememberEvents": {"Action": ["dynamodb:BatchGetItem", "dynamodb:PutItem"], "Resource": LEDGER}}
# What a ledger adds to the role: everything by default.
KEEPS_LEDGER = {
    "create-trail-ledger-of-objects": CLAIMS_OBJECTS,
    "existing-bucket-without-ledger": {},
    "existing-bucket-verified-without-ledger": {},
}
PASSES_ON = {"PassOnDigests": {"Action": "sqs:SendMessage", "Resource": QUEUE.replace("deliveries", "digests")}}
KEEPS = {"KeepFindings": {"Action": "s3:PutObject", "Resource": "${FindingsStore.Arn}/detector=*"}}
READS_ACCESS_LOGS = {"ReadAccessLogs": {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{ACCESS_BUCKET}/*"}}
# deployment: what the role allows beside what it allows everywhere
READS_DETECTORS = {
    "create-trail-detectors-object": {
        "ReadDetectors": {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::soc-detectors/trailmeter/prod.yaml"},
    },
    "existing-bucket-detectors-parameter": {
        "ReadDetectors": {
            "Action": "ssm:GetParameter",
            "Resource": "arn:aws:ssm:eu-west-1:111111111111:parameter/trailmeter/detectors",
        },
        "DecryptDetectors": {
            "Action": "kms:Decrypt",
            "Resource": OWN_KEY,
            "Condition": {"StringEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}},
        },
    },
}
SENDS_EVENTS = {"SendFindings": {"Action": "events:PutEvents", "Resource": SOC_BUS}}
SENDS_FINDINGS = {
    "create-trail-findings-sent": {
        **SENDS_EVENTS,
        "ImportFindings": {"Action": "securityhub:BatchImportFindings", "Resource": OWN_PRODUCT},
        "WriteTraces": {"Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"},
    },
    "existing-bucket-findings-as-events": SENDS_EVENTS,
}
# deployment: what the function is told beside what it is told everywhere
TOLD = {
    "create-trail-email-activity": {"TRAILMETER_PACKS": "default,activity"},
    "create-trail-single-events": {"TRAILMETER_PACKS": "default,insight,network"},
    "existing-bucket-elsewhere": {"TRAILMETER_BUCKET_REGION": "us-west-2"},
    "existing-bucket-verified": {"TRAILMETER_BUCKET_REGION": "us-west-2"},
    "existing-topic": {"TRAILMETER_BUCKET_REGION": "us-west-2"},
    "create-trail-detectors-object": {
        "TRAILMETER_PACKS": "default,cis,sources,threats",
        "TRAILMETER_LISTS": "known_networks=192.0.2.0/24,2001:db8::/32;used_regions=eu-west-1",
        "TRAILMETER_DETECTORS": "s3://soc-detectors/trailmeter/prod.yaml",
        "TRAILMETER_DETECTORS_REFRESH_SECONDS": "60",
        "TRAILMETER_LOADED_ALARM": "yes",
        "TRAILMETER_NAMESPACES": "CISBenchmark,Security/SOC",
    },
    "existing-bucket-detectors-parameter": {
        "TRAILMETER_LISTS": "used_regions=eu-west-1,eu-central-1",
        "TRAILMETER_DETECTORS": "ssm:/trailmeter/detectors",
        "TRAILMETER_DETECTORS_REFRESH_SECONDS": "300",
    },
    "create-trail-findings-kept": {
        "TRAILMETER_PACKS": "default,activity,cis,sources,threats",
        "TRAILMETER_FINDINGS": "all",
        "TRAILMETER_FINDING_LINES": "1000",
        "TRAILMETER_FINDINGS_BUCKET": "${FindingsStore}",
    },
    "create-trail-queries": {"TRAILMETER_FINDINGS_BUCKET": "${FindingsStore}"},
    "create-trail-access-logs": {
        "TRAILMETER_BUCKETS": f"{OWN_BUCKET},{ACCESS_BUCKET}",
        "TRAILMETER_PACKS": "default,s3-access",
    },
    "existing-bucket-access-logs": {"TRAILMETER_BUCKETS": f"old-logs,{ACCESS_BUCKET}"},
    "create-trail-backfill": {"TRAILMETER_CATCH_UP_ALARMS": "no"},
    "existing-bucket-backfill-map": {"TRAILMETER_BUCKET_REGION": "us-west-2"},
    "existing-bucket-without-findings": {"TRAILMETER_FINDINGS": "off"},
    "create-trail-queries": {"TRAILMETER_FINDINGS_BUCKET": "${FindingsStore}"},
    "create-trail-findings-sent": {
        "TRAILMETER_EVENT_BUS": SOC_BUS,
        "TRAILMETER_EVENT_FORMAT": "ocsf",
        "TRAILMETER_SECURITY_HUB": "yes",
        "TRAILMETER_PRODUCT_ARN": OWN_PRODUCT,
        "TRAILMETER_TRACING": "yes",
    },
    "existing-bucket-findings-as-events": {
        "TRAILMETER_EVENT_BUS": SOC_BUS,
        "TRAILMETER_EVENT_FORMAT": "asff",
        "TRAILMETER_PRODUCT_ARN": OWN_PRODUCT,
    },
}
TOLD_OF_LEDGER = {
    "by default": {
        "TRAILMETER_LEDGER": "event",
        "TRAILMETER_LEDGER_TABLE": "Watch-Prod-ledger",
        "TRAILMETER_LEDGER_EVENT_HOURS": "24",
        "TRAILMETER_LEDGER_DAYS": "35",
        "TRAILMETER_LEDGER_UNAVAILABLE": "hold",
    },
    "create-trail-ledger-of-objects": {
        "TRAILMETER_LEDGER": "object",
        "TRAILMETER_LEDGER_TABLE": "Watch-Prod-ledger",
        "TRAILMETER_LEDGER_DAYS": "90",
        "TRAILMETER_LEDGER_UNAVAILABLE": "count",
    },
    "existing-bucket-without-ledger": {"TRAILMETER_LEDGER": "off"},
    "existing-bucket-verified-without-ledger": {"TRAILMETER_LEDGER": "off"},
}
OWN_NAMESPACE = "Trailmeter/Watch-Prod"


def test_every_deployment_is_looked_at():
    assert set(READS) == set(DEPLOYMENTS)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_role_allows_this_and_nothing_else(deploy, name):
    stack = deploy(name)
    objects, key, region = READS[name]
    (policy,) = stack["DetectRole"]["Policies"]
    expected = {
        "ReadLogFiles": {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{objects}/*"},
        "TakeDeliveries": {
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "Resource": QUEUE,
        },
        "HandBackObjects": {"Action": "sqs:SendMessage", "Resource": QUEUE},
        "KeepFailedInvocations": {"Action": "sqs:SendMessage", "Resource": "${DeadLetterQueue.Arn}"},
        "PutMetrics": {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": OWN_NAMESPACE}},
        },
        "WriteOwnLog": {
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/Watch-Prod-detect:*",
        },
    }
    if key:
        expected["DecryptLogFiles"] = {
            "Action": "kms:Decrypt",
            "Resource": key,
            "Condition": {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
        }
    if "DetectorNamespaces" in DEPLOYMENTS[name]:
        namespaces = [OWN_NAMESPACE, *DEPLOYMENTS[name]["DetectorNamespaces"].split(",")]
        expected["PutMetrics"]["Condition"]["StringEquals"]["cloudwatch:namespace"] = namespaces
    expected.update(READS_DETECTORS.get(name, {}))
    expected.update(SENDS_FINDINGS.get(name, {}))
    expected.update(KEEPS_LEDGER.get(name, CLAIMS_OBJECTS | REMEMBERS_EVENTS))
    expected.update(KEEPS if name in KEEPS_FINDINGS else {})
    expected.update(READS_ACCESS_LOGS if name in ACCESS_LOGS else {})
    expected.update(PASSES_ON if name in VERIFIES else {})
    expected = {sid: {"Effect": "Allow", **statement} for sid, statement in expected.items()}
    assert statements(policy["PolicyDocument"]) == expected


def test_each_function_has_a_role_and_a_log_of_its_own(any_stack):
    functions = any_stack.of_type("AWS::Lambda::Function")
    assert {"DetectFunction"} <= set(functions) <= {
        "DetectFunction",
        "NotifyFunction",
        "VerifyFunction",
        "BackfillFunction",
    }
    roles, groups = any_stack.of_type("AWS::IAM::Role"), any_stack.of_type("AWS::Logs::LogGroup")
    # A state machine has a role, and is looked at with the function that it runs.
    machine = roles.pop("BackfillMachineRole", None)
    assert (machine is None) == ("BackfillMachine" not in any_stack)
    assert len(roles) == len(groups) == len(functions)
    assert {f["Role"] for f in functions.values()} == {f"${{{name}.Arn}}" for name in roles}
    assert {f["LoggingConfig"]["LogGroup"] for f in functions.values()} == {g["LogGroupName"] for g in groups.values()}
    for name, role in roles.items():
        assert "ManagedPolicyArns" not in role, name
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}, name
        assert trust["Action"] == "sts:AssumeRole", name
    assert any_stack.of_type("AWS::IAM::Policy") == {} and any_stack.of_type("AWS::IAM::ManagedPolicy") == {}


def test_no_one_is_let_in_to_invoke_detect(any_stack):
    # Its queue is polled.
    for name, permission in any_stack.of_type("AWS::Lambda::Permission").items():
        assert permission["FunctionName"] != "${DetectFunction}", name


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_what_the_function_is_told(deploy, name):
    stack = deploy(name)
    expected = {
        "TRAILMETER_NAMESPACE": "Trailmeter/Watch-Prod",
        "TRAILMETER_BUCKETS": OWN_BUCKET if name in CREATES_BUCKET else "old-logs",
        "TRAILMETER_PACKS": "default",
        "TRAILMETER_TIMESTAMPS": "arrival",
        "TRAILMETER_DIMENSION_VALUES": "50",
        "TRAILMETER_MAX_INFLATED_MIB": "512",
        "TRAILMETER_QUEUE_URL": "${DeliveryQueue}",
        "TRAILMETER_FINDINGS": "on",
        "TRAILMETER_FINDING_LINES": "100",
    }
    expected.update(TOLD_OF_LEDGER.get(name, TOLD_OF_LEDGER["by default"]))
    expected.update({"TRAILMETER_DIGEST_QUEUE_URL": "${DigestQueue}"} if name in VERIFIES else {})
    expected.update(TOLD.get(name, {}))
    told = stack["DetectFunction"]["Environment"]["Variables"]
    assert {k: str(v) for k, v in told.items()} == expected


def test_a_key_of_the_object_is_for_s3_alone(deploy):
    stack = deploy("create-trail-detectors-object", DetectorsKmsKeyArn=OWN_KEY)
    (policy,) = stack["DetectRole"]["Policies"]
    assert statements(policy["PolicyDocument"])["DecryptDetectors"] == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": OWN_KEY,
        "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
    }


@pytest.mark.parametrize(("function", "at_least"), [("detect", 20), ("notify", 10), ("verify", 9), ("backfill", 6)])
def test_every_setting_of_the_template_is_one_that_the_function_reads(function, at_least):
    # A name that the function does not know would be ignored, and its parameter with it.
    folder = TEMPLATE.parent / f"functions/{function}/src"
    files = [folder / "settings.rs", *sorted((folder / "settings").glob("*.rs"))]
    # Its tests name variables as well, and are no reader.
    settings = "".join(file.read_text(encoding="utf-8") for file in files if file.name != "tests.rs")
    told = source()["Resources"][f"{function.title()}Function"]["Properties"]["Environment"]["Variables"]
    assert len(told) >= at_least
    for name in told:
        assert f'"{name}"' in settings, name


def test_the_settings_reach_the_function(deploy):
    stack = deploy(
        "create-trail",
        Timestamps="both",
        DimensionValues=7,
        MaxInflatedMiB=100,
        FunctionMemory=2048,
        Architecture="x86_64",
        BatchSize=25,
        BatchWindow=5,
        MaximumConcurrency=3,
        FunctionLogRetentionDays=90,
        Tracing="Active",
    )
    function = stack["DetectFunction"]
    assert function["Environment"]["Variables"]["TRAILMETER_TIMESTAMPS"] == "both"
    assert function["Environment"]["Variables"]["TRAILMETER_DIMENSION_VALUES"] == "7"
    assert function["Environment"]["Variables"]["TRAILMETER_MAX_INFLATED_MIB"] == "100"
    assert function["MemorySize"] == "2048"
    assert function["Architectures"] == ["x86_64"]
    assert function["TracingConfig"] == {"Mode": "Active"}
    mapping = stack.one("AWS::Lambda::EventSourceMapping")
    assert mapping["BatchSize"] == "25"
    assert mapping["MaximumBatchingWindowInSeconds"] == "5"
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": "3"}
    assert stack["DetectLogGroup"]["RetentionInDays"] == "90"
    assert stack["NotifyFunction"]["Architectures"] == ["x86_64"]
    assert stack["NotifyLogGroup"]["RetentionInDays"] == "90"


def test_the_runtime(any_stack):
    for name, function in any_stack.of_type("AWS::Lambda::Function").items():
        own = name.removesuffix("Function")
        assert function["Runtime"] == "provided.al2023", name
        assert function["Handler"] == "bootstrap", name
        assert function["Architectures"] == ["arm64"], name
        assert function["LoggingConfig"] == {
            "LogGroup": f"/aws/lambda/Watch-Prod-{own.lower()}",
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",
            "SystemLogLevel": "INFO",
        }, name
        assert any_stack[f"{own}LogGroup"]["RetentionInDays"] == "30", name


def test_the_queue_gets_partial_answers(any_stack):
    mapping = any_stack["DetectFunctionDeliveries"]
    assert mapping["EventSourceArn"] == QUEUE
    assert mapping["FunctionName"] == "${DetectFunction}"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_no_bound_on_concurrency_if_none_is_wanted(deploy):
    assert "ScalingConfig" not in deploy("existing-topic").one("AWS::Lambda::EventSourceMapping")
    assert deploy("existing-bucket").one("AWS::Lambda::EventSourceMapping")["ScalingConfig"] == {
        "MaximumConcurrency": "10"
    }


def test_a_direct_invocation_that_fails_is_kept(any_stack):
    config = any_stack["DetectFunctionEventInvokeConfig"]
    assert config["FunctionName"] == "${DetectFunction}"
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == "${DeadLetterQueue.Arn}"


@pytest.mark.parametrize("name", ["detect", "notify", "verify", "backfill"])
def test_sam_builds_the_package_that_is_there(name):
    function = source()["Resources"][f"{name.title()}Function"]
    assert function["Metadata"] == {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": name}}
    manifest = TEMPLATE.parent / function["Properties"]["CodeUri"] / "Cargo.toml"
    assert f'\nname = "{name}"\n' in manifest.read_text(encoding="utf-8")
