"""The resolver itself: were it lenient, the other tests would prove nothing."""

import pytest
from resolver import Refused, Stack

TEMPLATE = {
    "Parameters": {
        "Mode": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]},
        "Name": {"Type": "String", "Default": "", "AllowedPattern": "^[a-z]*$"},
        "Count": {"Type": "Number", "Default": 2, "MinValue": 1, "MaxValue": 3},
    },
    "Rules": {
        "NoNameInB": {
            "RuleCondition": {"Fn::Equals": [{"Ref": "Mode"}, "b"]},
            "Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Name"}, ""]}, "AssertDescription": "no name in b"}],
        }
    },
    "Conditions": {
        "IsA": {"Fn::Equals": [{"Ref": "Mode"}, "a"]},
        "IsB": {"Fn::Not": [{"Condition": "IsA"}]},
        "Both": {"Fn::And": [{"Condition": "IsA"}, {"Condition": "IsB"}]},
        "Either": {"Fn::Or": [{"Condition": "IsA"}, {"Condition": "IsB"}]},
    },
    "Resources": {
        "OnlyA": {"Type": "AWS::S3::Bucket", "Condition": "IsA", "Properties": {"BucketName": "a-logs"}},
        "Any": {"Type": "X", "Properties": {}},
    },
}


def resolve(node, resources=None, **parameters):
    template = {**TEMPLATE, "Resources": {**TEMPLATE["Resources"], "Probe": {"Type": "X", "Properties": {"P": node}}}}
    template["Resources"].update(resources or {})
    return Stack(template, **parameters)["Probe"].get("P", "absent")


@pytest.mark.parametrize(
    ("node", "parameters", "expected"),
    [
        ({"Ref": "Mode"}, {}, "a"),
        ({"Ref": "Any"}, {}, "${Any}"),
        ({"Fn::GetAtt": ["Any", "Arn"]}, {}, "${Any.Arn}"),
        ({"Ref": "OnlyA"}, {}, "a-logs"),
        ({"Fn::GetAtt": ["OnlyA", "Arn"]}, {}, "arn:aws:s3:::a-logs"),
        ({"Fn::If": ["IsA", 1, 2]}, {}, 1),
        ({"Fn::If": ["IsA", 1, 2]}, {"Mode": "b"}, 2),
        ({"Fn::If": ["Both", 1, 2]}, {}, 2),
        ({"Fn::If": ["Either", 1, 2]}, {"Mode": "b"}, 1),
        ({"Fn::If": ["IsB", 1, {"Ref": "AWS::NoValue"}]}, {}, "absent"),
        ([1, {"Fn::If": ["IsB", 2, {"Ref": "AWS::NoValue"}]}, 3], {}, [1, 3]),
        ({"Fn::Join": ["-", ["x", {"Ref": "Mode"}]]}, {}, "x-a"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "p:q:r"]}]}, {}, "q"),
        ({"Fn::Sub": "${Mode}/${Any.Arn}/${AWS::Region}/${!raw}"}, {}, "a/${Any.Arn}/eu-west-1/${raw}"),
        ({"Fn::Sub": ["${Mode}${Own}", {"Own": {"Ref": "Count"}}]}, {}, "a2"),
    ],
)
def test_intrinsics(node, parameters, expected):
    assert resolve(node, **parameters) == expected


@pytest.mark.parametrize(
    ("node", "parameters"),
    [
        ({"Ref": "OnlyA"}, {"Mode": "b"}),
        ({"Ref": "Nowhere"}, {}),
        ({"Fn::Sub": "${OnlyA.Arn}"}, {"Mode": "b"}),
        ({"Fn::Select": [3, {"Fn::Split": [":", ""]}]}, {}),
        (1, {"Mode": "c"}),
        (1, {"Name": "A"}),
        (1, {"Count": "4"}),
        (1, {"Typo": "x"}),
        (1, {"Mode": "b", "Name": "x"}),
    ],
)
def test_refusals(node, parameters):
    with pytest.raises(Refused):
        resolve(node, **parameters)


def test_a_branch_not_taken_is_not_looked_at():
    assert resolve({"Fn::If": ["IsA", {"Ref": "OnlyA"}, "none"]}, Mode="b") == "none"


def test_depending_on_what_does_not_stand():
    with pytest.raises(Refused):
        resolve(1, {"Late": {"Type": "X", "DependsOn": "OnlyA"}}, Mode="b")


def test_an_unknown_intrinsic_is_not_passed_through():
    with pytest.raises(NotImplementedError):
        resolve({"Fn::Cidr": ["10.0.0.0/8", 1, 8]})
