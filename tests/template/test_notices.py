"""The function notify: what invokes it, what it is told, exactly what it may do, and where its failures go."""

import re

import pytest
from conftest import (
    DEPLOYMENTS,
    GIVEN_ALARM_TOPIC,
    NOTIFIES,
    ON_DEMAND,
    OWN_KEY,
    OWN_TOPIC,
    WITHOUT_NOTICES,
    peoples_topic,
    statements,
)
from resolver import TEMPLATE

TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/Watch-Prod-notices"
LOGS = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/Watch-Prod"
PARAMETER = "arn:aws:ssm:eu-west-1:111111111111:parameter"
SECRET = "arn:aws:secretsmanager:eu-west-1:111111111111:secret"
# All that is made for the sake of notices.
MADE = {
    "AlarmEvents", "AlarmEventsPolicy", "AlarmEventsSubscription", "AlarmEventsInvoke", "NotifyFunction",
    "NotifyFunctionDigests", "NotifyFunctionDigestsPermission", "NotifyFunctionEventInvokeConfig", "NotifyLogGroup",
    "NotifyRole", "NoticeTable", "AlarmNotifyErrors",
}  # fmt: skip
# deployment: what the function is told beside what it is told everywhere
TOLD = {
    "create-trail-both-alarms": {"TRAILMETER_DIGEST_MINUTES": "240"},
    "create-trail-webhook-parameter": {
        "TRAILMETER_WEBHOOK": "/trailmeter/webhook",
        "TRAILMETER_WEBHOOK_FORMAT": "teams",
    },
    "existing-bucket-webhook-secret": {
        "TRAILMETER_WEBHOOK": "/aws/reference/secretsmanager/team/chat",
        "TRAILMETER_WEBHOOK_FORMAT": "slack",
    },
    "existing-bucket-without-findings": {"TRAILMETER_WAIT_SECONDS": "0"},
}


def encrypts(key):
    """To publish to a topic under a key, through SNS alone."""
    return {
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}},
    }


# deployment: what the role allows beside what it allows everywhere
ALLOWED = {
    **{name: {"EncryptForTopic": encrypts("${AlarmKey.Arn}")} for name in NOTIFIES},
    # With a key of SNS's own, or none, there is nothing to ask for.
    "existing-topic": {},
    "existing-bucket-alarm-topic-key": {"EncryptForTopic": encrypts(OWN_KEY)},
    "create-trail-webhook-parameter": {
        "EncryptForTopic": encrypts("${AlarmKey.Arn}"),
        "ReadWebhook": {"Action": "ssm:GetParameter", "Resource": f"{PARAMETER}/trailmeter/webhook"},
    },
    "existing-bucket-webhook-secret": {
        "EncryptForTopic": encrypts("${AlarmKey.Arn}"),
        "ReadWebhook": {
            "Action": "ssm:GetParameter",
            "Resource": f"{PARAMETER}/aws/reference/secretsmanager/team/chat",
        },
        "ReadWebhookSecret": {"Action": "secretsmanager:GetSecretValue", "Resource": f"{SECRET}:team/chat-??????"},
    },
}


def role(stack):
    (policy,) = stack["NotifyRole"]["Policies"]
    return statements(policy["PolicyDocument"])


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_all_of_it_stands_or_nothing(deploy, name):
    stack = deploy(name)
    assert MADE & set(stack.resources) == (MADE if name in NOTIFIES else set())
    unknown = {made for made in stack.resources if "Noti" in made and made not in MADE}
    assert not unknown, "name it above, so that it is known to go with the rest"


def test_without_notices_nothing_speaks_of_them(deploy):
    assert WITHOUT_NOTICES
    for name in WITHOUT_NOTICES:
        stack = deploy(name)
        assert not any("AlarmEvents" in str(resource["Properties"]) for resource in stack.resources.values()), name


@pytest.mark.parametrize("name", NOTIFIES)
def test_the_role_allows_this_and_nothing_else(deploy, name):
    expected = {
        "FindFindings": {"Action": "logs:FilterLogEvents", "Resource": f"{LOGS}-detect:*"},
        "AskWhichAlarmsAreOn": {
            "Action": "cloudwatch:DescribeAlarms",
            "Resource": "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:*",
        },
        "RememberWhatWasTold": {
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"],
            "Resource": TABLE,
        },
        "TellPeople": {"Action": "sns:Publish", "Resource": peoples_topic(name)},
        "WriteOwnLog": {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{LOGS}-notify:*"},
        **ALLOWED[name],
    }
    assert role(deploy(name)) == {sid: {"Effect": "Allow", **statement} for sid, statement in expected.items()}


@pytest.mark.parametrize("name", NOTIFIES)
def test_what_it_tells_cannot_come_back_to_it(deploy, name):
    # A function that publishes to the topic it hears of would tell for ever.
    stack = deploy(name)
    assert stack["AlarmEventsSubscription"]["TopicArn"] == "${AlarmEvents}"
    assert "${AlarmEvents}" not in str(role(stack))
    assert stack["NotifyFunction"]["Environment"]["Variables"]["TRAILMETER_TOPIC"] != "${AlarmEvents}"


@pytest.mark.parametrize("name", NOTIFIES)
def test_what_the_function_is_told(deploy, name):
    expected = {
        "TRAILMETER_STACK": "Watch-Prod",
        "TRAILMETER_NAMESPACE": "Trailmeter/Watch-Prod",
        "TRAILMETER_LOG_GROUP": "/aws/lambda/Watch-Prod-detect",
        "TRAILMETER_DASHBOARD": "Watch-Prod-eu-west-1",
        "TRAILMETER_TOPIC": peoples_topic(name),
        "TRAILMETER_NOTICE_TABLE": "Watch-Prod-notices",
        "TRAILMETER_DIGEST_MINUTES": "60",
        **TOLD.get(name, {}),
    }
    told = deploy(name)["NotifyFunction"]["Environment"]["Variables"]
    assert {k: str(v) for k, v in told.items()} == expected


@pytest.mark.parametrize("name", NOTIFIES)
def test_it_is_told_all_that_it_requires(deploy, name):
    text = (TEMPLATE.parent / "functions/notify/src/settings.rs").read_text(encoding="utf-8")
    required = set(re.findall(r'required\("(\w+)"\)', text))
    assert len(required) >= 6
    told = deploy(name)["NotifyFunction"]["Environment"]["Variables"]
    # The region is from Lambda itself.
    assert required - {"AWS_REGION"} <= {variable for variable, value in told.items() if value}


def test_it_looks_where_detect_writes_and_counts(any_stack):
    if "NotifyFunction" not in any_stack:
        return
    told = any_stack["NotifyFunction"]["Environment"]["Variables"]
    detect = any_stack["DetectFunction"]
    assert told["TRAILMETER_LOG_GROUP"] == detect["LoggingConfig"]["LogGroup"]
    assert told["TRAILMETER_NAMESPACE"] == detect["Environment"]["Variables"]["TRAILMETER_NAMESPACE"]
    dashboards = {board["DashboardName"] for board in any_stack.of_type("AWS::CloudWatch::Dashboard").values()}
    assert told["TRAILMETER_DASHBOARD"] in dashboards, "a link that leads nowhere"
    assert told["TRAILMETER_STACK"] == "Watch-Prod", "the alarms' names begin with it"


def test_the_bounds_of_the_template_are_the_functions(template):
    text = (TEMPLATE.parent / "functions/notify/src/settings.rs").read_text(encoding="utf-8")
    (longest,) = re.findall(r"LONGEST_BETWEEN_DIGESTS: i64 = (\d+);", text)
    assert template["Parameters"]["DigestMinutes"]["MaxValue"] == int(longest)
    # The schedule is what a digest waits for; more often than that it cannot come.
    assert template["Parameters"]["DigestMinutes"]["MinValue"] == 10
    for word in template["Parameters"]["WebhookFormat"]["AllowedValues"]:
        assert f'Some("{word}")' in text, word


def test_the_wait_for_findings_fits_into_an_invocation(deploy):
    text = (TEMPLATE.parent / "functions/notify/src/settings.rs").read_text(encoding="utf-8")
    (longest,) = re.findall(r"LONGEST_WAIT: u64 = (\d+);", text)
    assert deploy("create-trail")["NotifyFunction"]["Timeout"] >= int(longest) + 30


@pytest.mark.parametrize("name", NOTIFIES)
def test_two_things_invoke_it(deploy, name):
    stack = deploy(name)
    assert stack["AlarmEventsSubscription"] == {
        "TopicArn": "${AlarmEvents}",
        "Protocol": "lambda",
        "Endpoint": "${NotifyFunction.Arn}",
    }
    invoke = {"FunctionName": "${NotifyFunction}", "Action": "lambda:InvokeFunction"}
    permissions = stack.of_type("AWS::Lambda::Permission")
    assert {name: made for name, made in permissions.items() if made["FunctionName"] == "${NotifyFunction}"} == {
        "AlarmEventsInvoke": {**invoke, "Principal": "sns.amazonaws.com", "SourceArn": "${AlarmEvents}"},
        "NotifyFunctionDigestsPermission": {
            **invoke,
            "Principal": "events.amazonaws.com",
            "SourceArn": "${NotifyFunctionDigests.Arn}",
        },
    }
    schedule = stack["NotifyFunctionDigests"]
    assert schedule["ScheduleExpression"] == "rate(10 minutes)"
    assert [target["Arn"] for target in schedule["Targets"]] == ["${NotifyFunction.Arn}"]
    assert schedule.get("State", "ENABLED") == "ENABLED"
    # An input of its own would take away the detail-type by which the function knows it.
    assert not {"Input", "InputPath", "InputTransformer"} & set(schedule["Targets"][0])


@pytest.mark.parametrize("name", NOTIFIES)
def test_what_cannot_be_told_goes_to_people_as_it_is(deploy, name):
    config = deploy(name)["NotifyFunctionEventInvokeConfig"]
    assert config["FunctionName"] == "${NotifyFunction}"
    assert config["MaximumRetryAttempts"] == 2
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": peoples_topic(name)}}


@pytest.mark.parametrize("name", NOTIFIES)
def test_the_table_of_notices(deploy, name):
    stack = deploy(name)
    assert stack.arn("NoticeTable") == TABLE
    table = dict(stack["NoticeTable"])
    table.pop("ResourcePolicy")  # test_principals.py
    assert table == {"TableName": "Watch-Prod-notices", **ON_DEMAND}
    # As the ledger: its name is fixed, and kept it would stand in the way of the next stack of that name.
    made = stack.resources["NoticeTable"]
    assert made["DeletionPolicy"] == made["UpdateReplacePolicy"] == "Delete"


def test_the_table_has_the_keys_that_the_code_writes(deploy):
    text = (TEMPLATE.parent / "shared/aws/src/notices/book.rs").read_text(encoding="utf-8")
    table = deploy("create-trail")["NoticeTable"]
    assert f'.key("{table["KeySchema"][0]["AttributeName"]}"' in text
    assert f'.item("{table["TimeToLiveSpecification"]["AttributeName"]}"' in text


@pytest.mark.parametrize(
    ("parameter", "secret"),
    [
        ("/chat", None),
        ("/aws/reference/secretsmanager/chat", "chat"),
        ("/aws/reference/secretsmanager/a/b/c", "a/b/c"),
        # A parameter that only looks like it.
        ("/a/b/secretsmanager/chat", None),
        ("/aws/reference/secretsmanager", None),
        ("/x/aws/reference/secretsmanager/chat", None),
    ],
)
def test_a_secret_is_read_only_where_one_is_named(deploy, parameter, secret):
    found = role(deploy("create-trail", WebhookParameter=parameter))
    assert found["ReadWebhook"]["Resource"] == f"{PARAMETER}{parameter}"
    if secret is None:
        assert "ReadWebhookSecret" not in found
    else:
        assert found["ReadWebhookSecret"]["Resource"] == f"{SECRET}:{secret}-??????"


def test_no_address_of_a_webhook_stands_in_the_template(template):
    # Who knows it may post; a parameter of the stack is shown to whoever may describe stacks.
    assert not [name for name in template["Parameters"] if "url" in name.lower() or "secret" in name.lower()]
    assert template["Parameters"]["WebhookParameter"]["AllowedPattern"].startswith("^((/")


def test_a_topic_that_is_given_needs_no_key_of_ours(deploy):
    for name in set(GIVEN_ALARM_TOPIC) & set(NOTIFIES):
        found = role(deploy(name))
        assert found["TellPeople"]["Resource"] == OWN_TOPIC
        assert "${AlarmKey.Arn}" not in str(found), name
