"""What `make package` writes, and what `make samconfig` makes of answers."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from conftest import DEPLOYMENTS
from resolver import TEMPLATE, Refused, Stack, transformed

ROOT = TEMPLATE.parent
TOOLS = ROOT / "tools"
sys.path.insert(0, str(TOOLS))

from deployment import ASKED, OF_MODES, parsed  # noqa: E402  (stands beside what it tests)

FUNCTIONS = sorted(folder.parent.name for folder in (ROOT / "functions").glob("*/Cargo.toml"))


def run(script, *arguments, **variables):
    names = parsed(TEMPLATE.read_text(encoding="utf-8"))["Parameters"]
    kept = {key: value for key, value in os.environ.items() if key not in {*names, "ENV", "STACK", "REPLACE"}}
    command = [sys.executable, TOOLS / script, *arguments]
    return subprocess.run(command, env={**kept, **variables}, stdin=subprocess.DEVNULL, capture_output=True, text=True)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The folder, made of binaries that are none."""
    built, out = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("out") / "package"
    for name in FUNCTIONS:
        (built / name).mkdir()
        (built / name / "bootstrap").write_bytes(f"the code of {name}".encode())
    arguments = ["--arch", "x86_64", "--built", built, "--out", out]
    done = run("package.py", *arguments)
    assert done.returncode == 0, done.stderr
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    # A second time over the first, with answers in it.
    (out / "samconfig.toml").write_text("version = 0.1\n# mine\n", encoding="utf-8")
    done = run("package.py", *arguments)
    assert done.returncode == 0, done.stderr
    again = {path.name: path.read_bytes() for path in out.iterdir()}
    assert again.pop("samconfig.toml") == b"version = 0.1\n# mine\n", "a user's answers were overwritten"
    samconfig = first.pop("samconfig.toml")
    assert again == first, "the same binaries make the same bytes"
    (out / "samconfig.toml").write_bytes(samconfig)
    return out


def test_it_holds_a_zip_of_each_function(package):
    names = {path.name for path in package.iterdir()}
    zips = {f"{name}-x86_64.zip" for name in FUNCTIONS}
    assert names == {"template.yaml", "guided.json", "samconfig.toml", "README.md", "LICENSE"} | zips
    for name in FUNCTIONS:
        with zipfile.ZipFile(package / f"{name}-x86_64.zip") as archive:
            (entry,) = archive.infolist()
            assert (entry.filename, entry.external_attr >> 16) == ("bootstrap", 0o755)
            assert archive.read(entry) == f"the code of {name}".encode()


def test_the_template_is_the_repositorys_but_for_code_and_processor(package):
    source = parsed(TEMPLATE.read_text(encoding="utf-8"))
    packaged = parsed((package / "template.yaml").read_text(encoding="utf-8"))
    code = []
    for resource in packaged["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            code.append(resource["Properties"]["CodeUri"])
            resource["Properties"]["CodeUri"] = f"functions/{code[-1].removesuffix('-x86_64.zip')}"
    assert sorted(set(code)) == [f"{name}-x86_64.zip" for name in FUNCTIONS]
    processor = packaged["Parameters"]["Architecture"]
    assert (processor["Default"], processor["AllowedValues"]) == ("x86_64", ["x86_64"])
    packaged["Parameters"]["Architecture"] = source["Parameters"]["Architecture"]
    assert packaged == source


def test_guided_asks_for_what_matters_and_for_nothing_else(package):
    guided = json.loads((package / "guided.json").read_text(encoding="utf-8"))
    assert set(guided["Parameters"]) == set(ASKED)
    assert set(OF_MODES) <= set(ASKED)
    groups = guided["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(ASKED)
    samconfig = tomllib.loads((package / "samconfig.toml").read_text(encoding="utf-8"))
    assert samconfig["default"]["deploy"]["parameters"]["template_file"] == "guided.json"


@pytest.fixture(scope="module")
def both(package):
    return transformed(package / "template.yaml"), transformed(package / "guided.json")


ANSWERS = {name: given for name, given in DEPLOYMENTS.items() if set(given) <= set(ASKED)} | {
    "all-packs": {"AccessLogs": "create-bucket", **{name: "yes" for name in ASKED if name.startswith("Pack")}},
    "findings-kept": {"FindingsBucket": "yes", "AlarmEmail": "soc@example.com"},
    "findings-off": {"Findings": "off"},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_guided_makes_the_stack_that_the_whole_template_makes(both, name):
    whole, guided = (Stack(template, **ANSWERS[name]) for template in both)
    assert as_text(guided.resources) == as_text(whole.resources)
    assert guided.outputs == whole.outputs


def as_text(node):
    """A parameter is text even if it is a number, a number that is written out is one; CloudFormation takes either."""
    if isinstance(node, dict):
        return {key: as_text(value) for key, value in node.items()}
    if isinstance(node, list):
        return [as_text(item) for item in node]
    return str(node) if isinstance(node, int) and not isinstance(node, bool) else node


@pytest.mark.parametrize(
    "answers",
    [
        {"LogBucketName": "old-logs"},
        {"DeliveryMode": "existing-bucket"},
        {"DeliveryMode": "existing-topic", "LogBucketName": "old-logs"},
        {"DeliveryMode": "create-bucket"},
        {"TrailArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/x"},
        {"AlarmEmail": "nobody"},
    ],
)
def test_guided_refuses_what_the_whole_template_refuses(both, answers):
    for template in both:
        with pytest.raises(Refused):
            Stack(template, **answers)


@pytest.mark.parametrize("name", ["template.yaml", "guided.json"])
def test_a_linter_finds_nothing(package, name):
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([linter, package / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# -- make samconfig


@pytest.fixture
def samconfig(tmp_path):
    """Runs `make samconfig` on a copy of the repository's file: `samconfig(PackCis="yes")`."""
    path = tmp_path / "samconfig.toml"
    path.write_text((ROOT / "samconfig.toml").read_text(encoding="utf-8"), encoding="utf-8")

    def go(**variables):
        return run("samconfig.py", SAMCONFIG=str(path), **variables), path.read_text(encoding="utf-8")

    return go


def overrides(text, environment="default", command="deploy"):
    parameters = tomllib.loads(text)[environment][command]["parameters"]
    return parameters.get("parameter_overrides", "")


def test_answers_are_written_and_all_else_stays(samconfig):
    before = (ROOT / "samconfig.toml").read_text(encoding="utf-8")
    done, text = samconfig()
    assert (done.returncode, text) == (0, before), done.stderr
    done, text = samconfig(DeliveryMode="existing-bucket", LogBucketName="our-logs", Architecture="x86_64")
    assert done.returncode == 0, done.stderr
    assert overrides(text) == 'DeliveryMode="existing-bucket" LogBucketName="our-logs" Architecture="x86_64"'
    # The build has to know the processor too.
    assert overrides(text, command="build") == 'Architecture="x86_64"'
    left = [line for line in text.splitlines() if not line.startswith("parameter_overrides")]
    assert left == before.splitlines()


def test_answers_of_before_are_not_replaced_in_silence(samconfig):
    samconfig(DeliveryMode="existing-bucket", LogBucketName="our-logs", BatchSize="50")
    # One more takes nothing away.
    done, text = samconfig(PackCis="yes")
    before = 'DeliveryMode="existing-bucket" LogBucketName="our-logs" PackCis="yes" BatchSize="50"'
    assert (done.returncode, overrides(text)) == (0, before)
    done, unchanged = samconfig(LogBucketName="other-logs")
    assert (done.returncode, unchanged) == (1, text)
    assert 'LogBucketName="our-logs"' in done.stdout and '"other-logs"' in done.stdout
    assert "REPLACE=yes" in done.stderr
    done, text = samconfig(DeliveryMode="create-trail", REPLACE="yes")
    assert (done.returncode, overrides(text)) == (0, 'PackCis="yes" BatchSize="50"'), "the bucket goes with its mode"


def test_an_environment_of_its_own_is_made_beside_the_others(samconfig):
    samconfig(PackCis="yes")
    done, text = samconfig(ENV="prod", STACK="trail-prod", PackThreats="yes")
    assert done.returncode == 0, done.stderr
    assert "sam deploy --config-env prod" in done.stdout
    assert (overrides(text), overrides(text, "prod")) == ('PackCis="yes"', 'PackThreats="yes"')
    prod = tomllib.loads(text)["prod"]
    assert prod["global"]["parameters"] == {"stack_name": "trail-prod"}
    assert prod["deploy"]["parameters"]["capabilities"] == "CAPABILITY_IAM"
    assert prod["build"]["parameters"]["cached"] is False


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"PackCis": "maybe"}, "PackCis is one of no, yes"),
        ({"LogBucketName": "Old"}, "LogBucketName must be the name of a bucket"),
        ({"BatchSize": "1000"}, "BatchSize is a number from 1 to 100"),
        ({"BatchSize": "many"}, "BatchSize is a number from 1 to 100"),
        ({"ENV": "a]b"}, "the name of an environment"),
    ],
)
def test_what_the_template_would_refuse_is_not_written(samconfig, variables, why):
    done, text = samconfig(**variables)
    assert done.returncode == 1 and why in done.stderr, done.stderr
    assert text == (ROOT / "samconfig.toml").read_text(encoding="utf-8")


# -- the Serverless Application Repository


def test_the_application_has_what_the_repository_asks_for():
    metadata = parsed(TEMPLATE.read_text(encoding="utf-8"))["Metadata"]["AWS::ServerlessRepo::Application"]
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]
    assert metadata["SemanticVersion"] == workspace["version"]
    assert metadata["SpdxLicenseId"] == workspace["license"]
    assert metadata["SourceCodeUrl"] == metadata["HomePageUrl"] == workspace["repository"]
    for key, pattern, longest in [
        ("Name", r"[A-Za-z0-9-]+", 140),
        ("Description", r".+", 256),
        ("Author", r"[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?", 127),
    ]:
        assert len(metadata[key]) <= longest and re.fullmatch(pattern, metadata[key]), key
    assert len(metadata["Labels"]) <= 10
    assert all(isinstance(value, (str, list)) for value in metadata.values()), "there are no intrinsics in it"
    for key in ("LicenseUrl", "ReadmeUrl"):
        assert (ROOT / metadata[key]).is_file()
