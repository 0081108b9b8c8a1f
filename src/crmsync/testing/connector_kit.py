"""A suite that holds any connector against `crmsync.contract`. Three lines make it yours:

```
class TestMine(ConnectorConformance):
    connector = pytest.fixture(lambda self, world: MyConnector(world.settings()))
    world = pytest.fixture(lambda self: MyWorld())
```

`world` is the CRM seen from behind: it knows the truth and can change it without the connector. `MyWorld` inherits
`crmsync.testing.World`, which says what it has to tell; what it does not tell of is skipped. It may live longer than
one test; nothing here assumes that nobody changed it before. The connector's waits between retries should be short.
What the kit cannot see, such as the number of calls or data torn on the way, needs tests of the connector's own.
"""

from __future__ import annotations

import gc
import itertools
import socket
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import available_timezones

import polars as pl
import pytest

from crmsync.contract import CHANGED_AT, LEAD_ID, RECORD_ID, Connector, Page, PullRequest
from crmsync.errors import RunStopped, SignInRefused
from crmsync.testing.creation_checks import CreationChecks
from crmsync.testing.form_checks import FormChecks, refused_by_name
from crmsync.testing.history_checks import HistoryChecks
from crmsync.testing.push_checks import PushChecks
from crmsync.testing.record_page_checks import RecordPageChecks
from crmsync.testing.world import NOWHERE, World

T = TypeVar("T", bound=Hashable)


class ConnectorConformance(FormChecks, PushChecks, CreationChecks, RecordPageChecks, HistoryChecks):
    """Give the fixtures `connector` (fresh for each test) and `world`; `plugin`, if it makes addresses of records."""

    def test_opening_makes_no_call(self, connector: Connector, world: World) -> None:
        assert connector.usage().calls == 0

    def test_calls_are_counted(self, connector: Connector, world: World) -> None:
        connector.org()
        before = connector.usage().calls
        assert before > 0
        connector.users()
        assert connector.usage().calls > before

    def test_the_org_has_a_known_time_zone(self, connector: Connector, world: World) -> None:
        org = connector.org()
        assert org.id
        assert org.time_zone in available_timezones(), "`time_zone` is an IANA name, such as Europe/Berlin"
        assert world.time_zone in (None, org.time_zone), "days would begin at another hour than in the CRM"

    def test_users_have_ids_of_their_own(self, connector: Connector, world: World) -> None:
        users = connector.users()
        assert users, "nobody could own a lead"
        assert _repeated(user.id for user in users) == [], "an id names one user"

    def test_fields_are_told_once_with_what_may_be_written(self, connector: Connector, world: World) -> None:
        fields = connector.fields(world.object)
        assert _repeated(field.name for field in fields) == [], "a field is told once"
        assert [field.writable for field in fields if field.name == world.field] == [True], (
            "the world's field is told, and may be written"
        )
        for field in fields:
            assert _repeated(choice.value for choice in field.choices) == []

    def test_an_unknown_object_is_named(self, connector: Connector, world: World) -> None:
        with refused_by_name("asking for the fields of an unknown object"):
            connector.fields(NOWHERE)

    def test_what_stands_behind_a_parent_can_be_read(self, connector: Connector, world: World) -> None:
        for step, parent in (connector.parents(world.object) or {}).items():
            for name in parent.objects[:1]:
                path = f"{step}.{connector.fields(name)[0].name}"
                pages = list(connector.pull(PullRequest(object=world.object, fields=(world.field, path))))
                assert {path in page.records.columns for page in pages} == {True}
                assert {page.records[path].dtype for page in pages} == {pl.String()}

    def test_a_full_pull_brings_every_record_exactly_once(self, connector: Connector, world: World) -> None:
        ids = [id_ for page in _pull(connector, world) for id_ in page.records[RECORD_ID]]
        assert _repeated(ids) == [], "these came more than once"
        assert set(ids) == set(world.values()), "a record is lost, or none of the CRM's: does every page come?"

    def test_a_full_pull_brings_the_values(self, connector: Connector, world: World) -> None:
        frame = pl.concat(page.records for page in _pull(connector, world))
        found = dict(zip(frame[RECORD_ID], frame[world.field], strict=True))
        assert found == dict(world.values()), "values are others than the CRM's"

    def test_frames_are_text_in_the_columns_asked_for(self, connector: Connector, world: World) -> None:
        for page in _pull(connector, world):
            assert set(page.records.columns) == {RECORD_ID, world.field}
            assert set(page.records.dtypes) == {pl.String()}, "every column is text, that of ids as well"
            assert "" not in page.records[world.field].to_list(), "an empty string must be null"

    def test_the_last_page_alone_has_a_cursor(self, connector: Connector, world: World) -> None:
        *others, last = _pull(connector, world)
        assert last.cursor, "the last page says where the next pull begins"
        assert {page.cursor for page in others} <= {None}
        *others, last = _pull(connector, world, last.cursor)
        assert last.cursor, "a pull that finds nothing new says where the next one begins, too"
        assert {page.cursor for page in others} <= {None}

    def test_progress_ends_at_the_number_of_records(self, connector: Connector, world: World) -> None:
        told: list[int] = []
        request = PullRequest(object=world.object, fields=(world.field,), progress=lambda read, _: told.append(read))
        pages = list(connector.pull(request))
        assert told == sorted(told)
        assert told[-1:] == [sum(page.records.height for page in pages)], "progress ends at another number than came"

    def test_an_incremental_pull_sees_an_edit(self, connector: Connector, world: World) -> None:
        cursor = _pull(connector, world)[-1].cursor
        lead = _some(world)
        world.edit(lead, "edited after")
        assert _seen(_pull(connector, world, cursor), lead, world.field) == "edited after"

    def test_an_incremental_pull_sees_every_edit(self, connector: Connector, world: World) -> None:
        """On its later pages, too."""
        cursor = _pull(connector, world)[-1].cursor
        edited = {lead: f"edited with others: {lead}" for lead in sorted(world.values())[:25]}
        for lead, value in edited.items():
            world.edit(lead, value)
        frame = pl.concat(page.records.select(RECORD_ID, world.field) for page in _pull(connector, world, cursor))
        found = {lead: value for lead, value in frame.iter_rows() if lead in edited}
        assert found == edited, "what changed since the cursor did not come whole: does every page come?"

    def test_an_incremental_pull_may_say_when_a_record_was_changed(self, connector: Connector, world: World) -> None:
        cursor = _pull(connector, world)[-1].cursor
        lead = _some(world)
        world.edit(lead, "edited after")
        pages = _pull(connector, world, cursor)
        assert all(set(page.records.columns) <= {RECORD_ID, world.field, CHANGED_AT} for page in pages)
        if any(CHANGED_AT in page.records.columns for page in pages):
            changed = datetime.fromisoformat(_seen(pages, lead, CHANGED_AT) or "")
            assert changed.tzinfo is not None, "an instant has a zone"
            heard = connector.clock().at
            assert heard is None or changed <= heard + timedelta(seconds=1), "a change lies in the past"

    def test_an_edit_during_a_pull_is_not_lost(self, connector: Connector, world: World) -> None:
        pages = connector.pull(PullRequest(object=world.object, fields=(world.field,)))
        first = next(pages)
        lead = first.records[RECORD_ID][0]
        world.edit(lead, "edited during")
        cursor = [first, *pages][-1].cursor
        assert _seen(_pull(connector, world, cursor), lead, world.field) == "edited during"

    def test_an_incremental_pull_names_what_is_gone(self, connector: Connector, world: World) -> None:
        cursor = _pull(connector, world)[-1].cursor
        lead = _some(world)
        world.delete(lead)
        pages = _pull(connector, world, cursor)
        assert lead in {id_ for page in pages for id_ in page.gone}, "`gone` names what was deleted since the cursor"
        assert lead not in {id_ for page in pages for id_ in page.records[RECORD_ID]}

    def test_reading_is_fresh_and_says_who_is_gone(self, connector: Connector, world: World) -> None:
        stays, leaves = itertools.islice(sorted(world.values()), 2)
        world.edit(stays, "edited now")
        world.delete(leaves)
        reading = connector.read(world.object, [leaves, stays], [world.field])
        assert reading.records.rows() == [(stays, "edited now")], "`read` tells records as they stand now"
        assert reading.records.columns == [RECORD_ID, world.field]
        assert set(reading.gone) == {leaves}, "every id asked for is in `records` or in `gone`"
        assert reading.gone[leaves], "`gone` says why, in words"

    def test_reading_nothing_is_allowed(self, connector: Connector, world: World) -> None:
        reading = connector.read(world.object, [], [world.field])
        assert reading.records.columns == [RECORD_ID, world.field]
        assert reading.records.is_empty()

    def test_an_unknown_field_is_named(self, connector: Connector, world: World) -> None:
        with refused_by_name("pulling an unknown field"):
            list(connector.pull(PullRequest(object=world.object, fields=(world.field, NOWHERE))))

    def test_activities_come_once_for_each_of_their_leads(self, connector: Connector, world: World) -> None:
        if world.activity_object is None:
            pytest.skip("this CRM has no activities")
        assert world.activity_object in connector.capabilities.activity_objects
        request = PullRequest(object=world.activity_object, fields=(), leads_object=world.object)
        pages = list(connector.pull(request))
        pairs = [pair for page in pages for pair in page.records.select(RECORD_ID, LEAD_ID).rows()]
        assert _repeated(pairs) == [], "these came more than once"
        # What belongs to leads that have gone meanwhile may come or not: nobody looks at it any more.
        standing = world.values()
        assert {(activity, lead) for activity, lead in pairs if lead in standing} == world.activities(), (
            "an activity comes once for each of its leads: does every page come?"
        )

    def test_a_crm_that_wants_fewer_calls_is_asked_again(self, connector: Connector, world: World) -> None:
        connector.org()
        world.be_busy(2)
        ids = [id_ for page in _pull(connector, world) for id_ in page.records[RECORD_ID]]
        assert sorted(ids) == sorted(world.values()), "a refusal was taken for an answer"
        usage = connector.usage()
        assert usage.retries >= 2, "calls that are made again are counted in `retries`"
        assert usage.refused >= 2, "calls that the CRM took for one too many are counted in `refused`"

    def test_closing_gives_its_sockets_back(self, connector: Connector, world: World) -> None:
        """Whatever still refers to them, as the traceback of a failed call does, until Python looks after it."""
        others = _connected()
        connector.org()
        _pull(connector, world)
        referred_to = gc.get_objects()
        its_own = [each for each in _connected() if not any(each is other for other in others)]
        connector.close()
        assert [each for each in its_own if each.fileno() != -1] == []
        del referred_to

    def test_refused_credentials_are_told_without_secrets(self, connector: Connector, world: World) -> None:
        world.refuse_sign_in()
        with pytest.raises(SignInRefused) as refused:
            connector.org()
            pytest.fail("refused credentials were taken for an answer")
        _holds_no_secret(refused.value, world)

    def test_a_crm_that_is_away_stops_the_run_in_words(self, connector: Connector, world: World) -> None:
        world.go_away()
        with pytest.raises(RunStopped) as stopped:
            _pull(connector, world)
            pytest.fail("a CRM that breaks off every connection was taken for an answer")
        _holds_no_secret(stopped.value, world)


def _connected() -> list[socket.socket]:
    """All sockets of this process that are open."""
    return [each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() != -1]


def _pull(connector: Connector, world: World, cursor: str | None = None) -> list[Page]:
    pages = list(connector.pull(PullRequest(object=world.object, fields=(world.field,), cursor=cursor)))
    assert pages, "at least one page comes"
    return pages


def _some(world: World) -> str:
    return min(world.values())


def _seen(pages: Sequence[Page], lead: str, field: str) -> str | None:
    """The value that the pages end with for this lead."""
    rows = pl.concat(page.records for page in pages).filter(pl.col(RECORD_ID) == lead)
    assert not rows.is_empty(), "the edited record did not come"
    value: str | None = rows[field][-1]
    return value


def _repeated(things: Iterable[T]) -> list[T]:
    return [thing for thing, times in Counter(things).items() if times > 1]


def _holds_no_secret(error: Exception, world: World) -> None:
    shown = f"{error} {error!r}"
    assert not [secret for secret in world.secrets if secret in shown], "a message holds a secret"
