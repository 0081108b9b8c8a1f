"""What is told of making something: only what the CRM shows afterwards is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmsync.contract import FieldProvision, Provided
from crmsync.errors import UsageError
from crmsync.operations.provision.provisioning import ProvisionLine, ProvisionReport, _ended, _write

FIELD = FieldProvision("Lead", "Fit__c", "Fit", "number")
LINE = ProvisionLine(FIELD, "missing")


@pytest.mark.parametrize(
    ("told", "seen", "state", "code"),
    [
        ("made", "there", "made", 0),
        ("there", "there", "there", 0),
        ("uncertain", "there", "made", 0),
        ("made", "missing", "did_not_stick", 4),
        ("there", "missing", "did_not_stick", 4),
        ("refused", "missing", "refused", 4),
        ("uncertain", "missing", "uncertain", 4),
    ],
)
def test_what_the_crm_said_counts_where_the_crm_shows_it(told: str, seen: str, state: str, code: int) -> None:
    ended = _ended(LINE, {id(FIELD): Provided(told, "as told")}, {id(FIELD): Provided(seen)})  # type: ignore[arg-type]
    assert ended.state == state
    assert ("as told" in ended.words) == (state != "did_not_stick")
    assert ProvisionReport("crm", "Org", False, (ended,)).exit_code == code


def test_what_was_not_asked_for_stays_as_it_was() -> None:
    assert _ended(LINE, {}, {}) is LINE
    assert ProvisionReport("crm", "Org", False, (LINE,), declined=True).exit_code == 3


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    place = tmp_path / "package" / "fields.xml"
    _write(place, "ours\n")
    _write(place, "ours\n")
    with pytest.raises(UsageError, match="is there already and holds something else"):
        _write(place, "other\n")
    assert place.read_text(encoding="utf-8") == "ours\n"
