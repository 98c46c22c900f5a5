"""The table that remembers what has been counted."""

import pytest
from conftest import DEPLOYMENTS, ON_DEMAND, WITHOUT_LEDGER

ARN = "arn:aws:dynamodb:eu-west-1:111111111111:table/Watch-Prod-ledger"


@pytest.mark.parametrize("name", [name for name in DEPLOYMENTS if name not in WITHOUT_LEDGER])
def test_the_table(deploy, name):
    stack = deploy(name)
    table = dict(stack["LedgerTable"])
    assert stack.arn("LedgerTable") == ARN
    table.pop("ResourcePolicy")  # test_principals.py
    assert table == {"TableName": "Watch-Prod-ledger", **ON_DEMAND}


@pytest.mark.parametrize("name", WITHOUT_LEDGER)
def test_there_is_none_where_it_is_off(deploy, name):
    assert "LedgerTable" not in deploy(name)


def test_the_table_goes_with_the_stack(deploy):
    # Its name is fixed: kept, it would stand in the way of the next stack of that name.
    table = deploy("create-trail").resources["LedgerTable"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Delete"


def test_an_object_is_remembered_for_longer_than_its_message_can_come_back(template, deploy):
    stack = deploy("create-trail")
    kept = max(queue["MessageRetentionPeriod"] for queue in stack.of_type("AWS::SQS::Queue").values())
    assert template["Parameters"]["LedgerDays"]["MinValue"] * 86400 > kept


def test_no_value_of_the_setting_is_a_truth_value(template):
    # YAML takes a bare off for false.
    assert template["Parameters"]["Ledger"]["AllowedValues"] == ["event", "object", "off"]
