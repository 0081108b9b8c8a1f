"""The kit's checks of how things are told: ids and names as text, values in the contract's form, errors with a name.

Part of `ConnectorConformance`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, get_args

import pytest

from crmsync.contract import Choice, Connector, CrmUser, FieldKind, NativeField, Org, PullRequest
from crmsync.errors import FullReadNeeded, UsageError
from crmsync.testing.world import NOWHERE, World

_MOST_FIELDS = 100
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TEXTS: Mapping[type, tuple[str, ...]] = {
    Org: ("id", "name", "time_zone"),
    CrmUser: ("id", "name"),
    NativeField: ("name", "label", "type", "kind"),
    Choice: ("value", "label"),
}
"""What is text in all that a connector tells of the account, its users and its fields."""


class FormChecks:
    """What the core reads without asking again is in the form that the contract promises."""

    def test_ids_and_names_are_text(self, connector: Connector, world: World) -> None:
        told: list[Any] = [connector.org(), *connector.users()]
        for field in connector.fields(world.object):
            told += [field, *field.choices]
        for each in told:
            for name in _TEXTS[type(each)]:
                value = getattr(each, name)
                assert type(value) is str, f"`{name}` of {each!r} is {type(value).__name__}, and has to be text"
        for user in connector.users():
            assert user.email is None or type(user.email) is str, f"`email` of {user!r} has to be text, or null"
        kinds = {field.kind for field in connector.fields(world.object)}
        assert kinds <= set(get_args(FieldKind)), "a field is of no such kind"

    def test_values_are_written_as_the_contract_says(self, connector: Connector, world: World) -> None:
        """Whether a datetime has its zone, say. Fields whose `kind` is not told are not looked at."""
        kinds = {each.name: each.kind for each in _told(connector, world)}
        if not kinds:
            pytest.skip("no field says that it holds a number, an instant, a day or yes and no")
        for page in connector.pull(PullRequest(object=world.object, fields=tuple(kinds))):
            for name, kind in kinds.items():
                how, right = _FORMS[kind]
                wrong = [text for text in page.records[name] if text is not None and not right(text)]
                assert not wrong, f"`{name}` is a {kind} and holds {wrong[0]!r}: {how}"

    def test_the_clock_has_a_zone(self, connector: Connector, world: World) -> None:
        connector.org()
        at = connector.clock().at
        assert at is None or at.tzinfo is not None, f"the CRM's clock says {at}, and an instant has a zone"

    def test_a_cursor_of_nobodys_asks_for_everything(self, connector: Connector, world: World) -> None:
        request = PullRequest(object=world.object, fields=(world.field,), cursor=f"{NOWHERE}: a cursor of nobody's")
        with pytest.raises(FullReadNeeded):
            list(connector.pull(request))
            pytest.fail(
                "a cursor that this connector never wrote was read on from: raise FullReadNeeded, so that "
                "everything is read"
            )

    def test_an_unknown_object_is_not_read(self, connector: Connector, world: World) -> None:
        with refused_by_name("asking for an unknown object"):
            connector.ask(NOWHERE)


@contextmanager
def refused_by_name(what: str) -> Iterator[None]:
    """The block has to raise `UsageError` with the unknown name, and a failure says so."""
    must = f"it has to raise UsageError with the name, here `{NOWHERE}`"
    try:
        yield
    except UsageError as error:
        assert NOWHERE in error.message, f"{what} was refused with “{error.message}”: {must}"
    except Exception as error:
        raise AssertionError(f"{what} ended in {type(error).__name__}: {must}") from error
    else:
        pytest.fail(f"{what} was taken without an error: {must}")


def _told(connector: Connector, world: World) -> list[NativeField]:
    """Fields whose kind says how their values are written."""
    return [each for each in connector.fields(world.object) if each.kind in _FORMS][:_MOST_FIELDS]


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


_PLAIN_NUMBER = "a number is written in decimals, such as 1234.5, without an exponent"
_FORMS: Mapping[FieldKind, tuple[str, Callable[[str], bool]]] = {
    "datetime": ("an instant is written with its zone, such as 2026-01-31T09:30:00Z", _is_instant),
    "date": ("a day is written as 2026-01-31", _is_day),
    "boolean": ("yes and no are written `true` and `false`", {"true", "false"}.__contains__),
    "number": (_PLAIN_NUMBER, _is_number),
    "money": (_PLAIN_NUMBER, _is_number),
}
