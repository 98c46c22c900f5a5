"""What is left out of checkov's checks is left out for a reason."""

import re

import yaml
from resolver import TEMPLATE

FILE = TEMPLATE.parent / ".checkov.yaml"


def test_each_check_that_is_left_out_has_its_reason_above_it():
    lines = FILE.read_text(encoding="utf-8").splitlines()
    skips = [at for at, line in enumerate(lines) if re.fullmatch(r"  - CKV2?_AWS_\d+", line)]
    for at in skips:
        assert lines[at - 1].startswith("  # "), lines[at]
    skipped = yaml.safe_load(FILE.read_text(encoding="utf-8"))["skip-check"]
    assert len(skipped) == len(set(skipped)) == len(skips)
    # One more is a decision, not a way to have peace.
    assert len(skips) == 8


def test_what_is_left_out_could_be_found_again():
    # Skips in the template itself would be seen by nobody who reads this list.
    assert "checkov" not in TEMPLATE.read_text(encoding="utf-8")
