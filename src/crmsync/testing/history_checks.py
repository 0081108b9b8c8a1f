"""The kit's check of `edits`: who set a field, newest first; part of `ConnectorConformance`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crmsync.contract import Connector, Edit, Write
from crmsync.testing.world import World


class HistoryChecks:
    """Skipped where the CRM tells of no edit of `World.field`."""

    def test_who_set_a_field_is_told_newest_first(self, connector: Connector, world: World) -> None:
        lead, value = sorted(world.values().items())[0]
        new, other = "set by us", "set by another"
        connector.push(world.object, [Write(lead, {world.field: new}, {world.field: value})])
        world.edit(lead, other)
        told = _told(connector, world, lead)
        assert [edit.value for edit in told[:2]] == [other, new]
        assert {(edit.id, edit.field) for edit in told} == {(lead, world.field)}
        assert all(edit.at.tzinfo for edit in told)
        assert [edit.at for edit in told] == sorted((edit.at for edit in told), reverse=True)

    def test_nothing_is_told_of_records_that_are_not_asked_for(self, connector: Connector, world: World) -> None:
        lead, other = sorted(world.values())[:2]
        world.edit(other, "set by another")
        assert {edit.id for edit in connector.edits(world.object, [lead], [world.field])} <= {lead}
        assert connector.edits(world.object, [], [world.field]) in ((), [])


def _told(connector: Connector, world: World, lead: str) -> Sequence[Edit]:
    told = connector.edits(world.object, [lead], [world.field])
    if not told:
        pytest.skip("this CRM keeps no history of the field")
    return told
