"""`docs/queries.md` against the template, the detectors, the saved queries and the tests that it names."""

import re

import pytest
import yaml
from saved import PARTITIONED, ROOT, insights_queries, named_queries, stack, tables

PAGE = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
DEPLOYED = stack(**PARTITIONED, PackActivity="yes", PackSources="yes", AlarmEmail="soc@example.com")
ASKED = [*(f"Q{n}" for n in range(1, 13)), *(f"A{n}" for n in range(1, 9)), *(f"C{n}" for n in range(1, 4)), *(f"I{n}" for n in range(1, 7))]
COLUMNS = ("question", "metric", "template", "athena", "insights", "trailmeter", "tests")


def rows():
    found = {}
    for line in PAGE.splitlines():
        match = re.match(r"\| ([QACI]\d+) \| ", line)
        if match:
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert match[1] not in found and len(cells) == len(COLUMNS) + 1, line
            found[match[1]] = dict(zip(COLUMNS, cells[1:], strict=True))
    return found


ROWS = rows()


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def detectors():
    for path in sorted((ROOT / "detectors").glob("*/*.yaml")):
        if path.name != "pack.yaml":
            yield path.relative_to(ROOT / "detectors").as_posix(), yaml.safe_load(path.read_text(encoding="utf-8"))


DETECTORS = dict(detectors())


def test_every_question_has_a_row_and_a_place():
    assert list(ROWS) == ASKED
    for number, row in ROWS.items():
        assert any(names(row[where]) for where in ("metric", "template", "athena", "insights")), number
        assert names(row["tests"]), number


@pytest.mark.parametrize("number", ASKED)
def test_what_a_row_names_is_there(number):
    row = ROWS[number]
    assert set(names(row["metric"])) <= {detector["name"] for detector in DETECTORS.values()}
    assert set(names(row["template"])) <= set(DEPLOYED.resources)
    assert set(names(row["athena"])) <= {*named_queries(DEPLOYED), *tables(DEPLOYED)}
    insights = insights_queries(DEPLOYED)
    for name in names(row["insights"]):
        assert {f"trail/{name}", f"findings/{name}"} <= set(insights)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for word in names(row["trailmeter"]):
        assert f"| [`{word}`](" in readme


@pytest.mark.parametrize("number", ASKED)
def test_the_proof_of_a_row_is_there(number):
    for name in names(ROWS[number]["tests"]):
        if name.endswith(".yaml"):
            # A detector is proved by the tests in its file, which no pack ships without.
            cases = [case["match"] for case in DETECTORS[name]["tests"]]
            assert True in cases and False in cases, name
            continue
        file, test = name.split("::")
        (path,) = [ROOT / "tests" / folder / file for folder in ("template", "queries") if (ROOT / "tests" / folder / file).exists()]
        assert f"\ndef {test}(" in path.read_text(encoding="utf-8"), name


def test_a_detector_of_a_row_is_proved_or_stands_beside_what_is():
    # Each Q, C and I5 row that names detectors has the file of one of them among its proofs.
    for number, row in ROWS.items():
        if number[0] in "QC" and number != "Q12" and names(row["metric"]):
            proofs = {DETECTORS[name]["name"] for name in names(row["tests"]) if name.endswith(".yaml")}
            assert proofs & set(names(row["metric"])), number


def sources(folder, ending):
    """What the head of each saved query says of where the question comes from."""
    for path in sorted((ROOT / "queries").glob(f"{folder}/*.{ending}")):
        (source,) = re.findall(r"^(?:--|#) source: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        yield path.stem, source


def test_a_query_stands_in_the_row_that_it_comes_from():
    for name, source in sources("athena", "sql"):
        if source in ROWS:
            assert name in names(ROWS[source]["athena"]), name
        else:
            assert source in ("follow-up", "findings", "pack"), name
    for folder in ("insights/trail", "insights/findings"):
        for name, source in sources(folder, "txt"):
            assert names(ROWS[source]["insights"]) == [name]


def test_every_saved_query_and_every_parameter_is_on_the_page():
    for name in [*named_queries(DEPLOYED), *tables(DEPLOYED)]:
        assert f"`{name}`" in PAGE, name
    for name in insights_queries(DEPLOYED):
        assert f"`{name.split('/')[1]}`" in PAGE, name
    group = next(
        group["Parameters"]
        for group in DEPLOYED.template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
        if "Queries" in group["Parameters"]
    )
    for name in group:
        assert re.search(rf"`{name}[`=]", PAGE), name
