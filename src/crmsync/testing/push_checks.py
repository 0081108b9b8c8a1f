"""The kit's checks of `push`: what was accepted is held, and nothing else is. Part of `ConnectorConformance`."""

from __future__ import annotations

import itertools

import pytest

from crmsync.contract import Connector, Write
from crmsync.testing.form_checks import refused_by_name
from crmsync.testing.world import NOWHERE, World


class PushChecks:
    """What is written is looked for in the CRM itself."""

    def test_a_push_has_one_outcome_per_write_in_order(self, connector: Connector, world: World) -> None:
        leaves, stays, other = itertools.islice(sorted(world.values()), 3)
        untouched = {lead: value for lead, value in world.values().items() if lead not in {leaves, stays, other}}
        world.delete(leaves)
        texts = {other: "pushed to other", leaves: "pushed to leaves", stays: "pushed to stays"}
        results = connector.push(
            world.object, [Write(lead, {world.field: text}, {world.field: None}) for lead, text in texts.items()]
        )
        assert [result.id for result in results] == list(texts), (
            "one result for each write, in their order, by its id"
        )
        assert [result.outcome for result in results][::2] == ["accepted", "accepted"]
        assert results[1].outcome in {"gone", "refused"}
        found = {lead: world.values()[lead] for lead in (stays, other)}
        assert found == {stays: texts[stays], other: texts[other]}, "the CRM does not hold what was accepted"
        assert {lead: world.values()[lead] for lead in untouched} == untouched, "other records were written, too"

    def test_a_push_writes_every_value(self, connector: Connector, world: World) -> None:
        if world.second_field is None:
            pytest.skip("this world names no second field")
        lead, values = _some(world), {world.field: "one of two", world.second_field: "two of two"}
        held = connector.read(world.object, [lead], list(values)).records.row(0, named=True)
        (result,) = connector.push(world.object, [Write(lead, values, {name: held[name] for name in values})])
        assert result.outcome == "accepted", result.message
        found = connector.read(world.object, [lead], list(values)).records.row(0, named=True)
        assert {name: found[name] for name in values} == values, "a write is carried out whole, or refused"

    def test_a_push_can_make_empty(self, connector: Connector, world: World) -> None:
        lead = _some(world)
        world.edit(lead, "to be emptied")
        results = connector.push(world.object, [Write(lead, {world.field: None}, {world.field: "to be emptied"})])
        assert [result.outcome for result in results] == ["accepted"]
        assert world.values()[lead] is None, "the CRM does not hold what was accepted: nothing"

    def test_a_push_that_says_what_it_met_says_what_was_there(self, connector: Connector, world: World) -> None:
        lead = _some(world)
        world.edit(lead, "as it was read")
        connector.read(world.object, [lead], [world.field])
        world.edit(lead, "somebody's edit in between")
        write = Write(lead, {world.field: "pushed over it"}, {world.field: "as it was read"})
        (result,) = connector.push(world.object, [write])
        if result.seen is not None:
            assert result.seen.before == {world.field: "somebody's edit in between"}
            assert result.seen.after == {world.field: "pushed over it"}

    def test_pushing_an_unknown_field_is_refused_by_its_name(self, connector: Connector, world: World) -> None:
        lead = _some(world)
        world.edit(lead, "as it was")
        values: dict[str, str | None] = {world.field: "beside an unknown field", NOWHERE: "x"}
        with refused_by_name("writing an unknown field"):
            connector.push(world.object, [Write(lead, values, {world.field: "as it was", NOWHERE: None})])
        assert world.values()[lead] == "as it was", "nothing is written beside it"


def _some(world: World) -> str:
    return min(world.values())
