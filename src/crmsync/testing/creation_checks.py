"""The kit's checks of `create`: made once, whatever is asked again; part of `ConnectorConformance`."""

from __future__ import annotations

import uuid

import pytest

from crmsync.contract import RECORD_ID, Connector, Creation, CreationResult, Write
from crmsync.errors import UsageError
from crmsync.testing.world import NOWHERE, World


class CreationChecks:
    """Skipped where `World.creation_object` is null."""

    def test_a_creation_is_made_once(self, connector: Connector, world: World) -> None:
        lead, text = _some(world), _new("made once")
        (first,) = _create(connector, world, (lead, text))
        (again,) = _create(connector, world, (lead, text))
        assert (first.outcome, again.outcome) == ("made", "there")
        assert first.id == again.id
        assert _holding(world, lead, text) == [first.id]

    def test_leads_with_the_same_text_have_one_each(self, connector: Connector, world: World) -> None:
        leads, text = _first(world, 3), _new("one each")
        some = _create(connector, world, *((lead, text) for lead in leads[:2]))
        everyone = _create(connector, world, *((lead, text) for lead in leads))
        assert [result.outcome for result in some] == ["made", "made"]
        assert [result.outcome for result in everyone] == ["there", "there", "made"]
        assert [_holding(world, lead, text) for lead in leads] == [[result.id] for result in everyone]

    def test_another_text_is_another_record(self, connector: Connector, world: World) -> None:
        lead, this, that = _some(world), _new("this one"), _new("that one")
        results = _create(connector, world, (lead, this), (lead, that), (lead, this))
        assert [result.outcome for result in results] == ["made", "made", "there"]
        assert results[0].id == results[2].id
        assert _holding(world, lead, this) == [results[0].id]
        assert _holding(world, lead, that) == [results[1].id]

    def test_the_values_of_a_creation_arrive(self, connector: Connector, world: World) -> None:
        text = _new("with values")
        (made,) = _create(connector, world, (_some(world), text))
        assert made.id
        wanted = {world.creation_field: text, **world.creation_values}
        reading = connector.read(_creation_object(world), [made.id], list(wanted))
        assert reading.records.rows(named=True) == [{RECORD_ID: made.id, **wanted}]

    def test_creations_have_one_outcome_each_in_order(self, connector: Connector, world: World) -> None:
        leaves, first, wrong, last = _first(world, 4)
        world.delete(leaves)
        text = _new("some of many")
        wanted = [_creation(world, lead, text) for lead in (last, leaves, wrong, first)]
        wanted[2] = Creation(wrong, {**wanted[2].values, **world.refused_values}, wanted[2].known_by)
        results = connector.create(_creation_object(world), world.object, wanted)
        assert [result.lead for result in results] == [last, leaves, wrong, first]
        assert [result.outcome for result in results] == ["made", "gone", "refused", "made"]
        assert results[2].message
        made = {last: [results[0].id], wrong: [], first: [results[3].id]}
        assert {lead: _holding(world, lead, text) for lead in made} == made

    def test_what_was_made_can_be_closed_and_opened_again(self, connector: Connector, world: World) -> None:
        object_name = _creation_object(world)
        how = connector.closing(object_name)
        if how is None:
            pytest.skip("this connector cannot close what it makes")
        assert how.value in how.closed
        (made,) = _create(connector, world, (_some(world), _new("closed")))
        assert made.id
        before = _held(connector, object_name, made.id, how.field)
        assert before not in how.closed, "what was just made is open"
        for was, value in ((before, how.value), (how.value, before)):
            connector.read(object_name, [made.id], [how.field])
            (result,) = connector.push(object_name, [Write(made.id, {how.field: value}, {how.field: was})])
            assert result.outcome == "accepted", result.message
            assert _held(connector, object_name, made.id, how.field) == value

    def test_nothing_is_known_of_closing_what_is_not_there(self, connector: Connector, world: World) -> None:
        assert connector.closing(NOWHERE) is None

    def test_creating_nothing_is_allowed(self, connector: Connector, world: World) -> None:
        assert _create(connector, world) == []

    def test_what_cannot_be_made_is_told(self, connector: Connector, world: World) -> None:
        creation = _creation(world, _some(world), _new("cannot be"))
        with pytest.raises(UsageError, match=NOWHERE):
            connector.create(NOWHERE, world.object, [creation])
        odd = Creation(creation.lead, {**creation.values, NOWHERE: "x"}, creation.known_by)
        with pytest.raises(UsageError, match=NOWHERE):
            connector.create(_creation_object(world), world.object, [odd])


def _some(world: World) -> str:
    return min(world.values())


def _first(world: World, count: int) -> list[str]:
    return sorted(world.values())[:count]


def _creation_object(world: World) -> str:
    if world.creation_object is None:
        pytest.skip("this connector makes no records")
    return world.creation_object


def _held(connector: Connector, object_name: str, record: str, field: str) -> str | None:
    [row] = connector.read(object_name, [record], [field]).records.rows(named=True)
    value: str | None = row[field]
    return value


def _new(text: str) -> str:
    """A text that nothing holds yet, however long the world has lived."""
    return f"{text} {uuid.uuid4().hex[:8]}"


def _creation(world: World, lead: str, text: str) -> Creation:
    values = {world.creation_field: text, **world.creation_values}
    return Creation(lead, values, known_by=(world.creation_field,))


def _create(connector: Connector, world: World, *wanted: tuple[str, str]) -> list[CreationResult]:
    """Make a record with this text for each of these leads."""
    creations = [_creation(world, lead, text) for lead, text in wanted]
    return connector.create(_creation_object(world), world.object, creations)


def _holding(world: World, lead: str, text: str) -> list[str]:
    """Ids of the lead's records that hold the text."""
    return [record for record, held in world.held(lead).items() if held == text]
