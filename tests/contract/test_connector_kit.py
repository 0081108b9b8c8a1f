"""The connector kit passes a right connector and fails every wrong one: one wrong connector per check at least."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from pydantic import BaseModel
from tiny_crm import TinyConnector, TinyWorld
from wrong_readers import (
    ActivitiesOfOneLeadOnly,
    AmountsAsPeopleWriteThem,
    AnyFieldIsThere,
    AnyObjectIsThere,
    CallsWhenOpened,
    CannotReadNothing,
    ChangedInTheFuture,
    ChangedWithoutAZone,
    ClockWithoutAZone,
    ColumnTooMany,
    CountsNoRefusals,
    CountsNoRetries,
    CountsOnlyTheFirst,
    CrashesOnAnothersCursor,
    CursorOnEveryPage,
    DaysAsInstants,
    DoesNotCount,
    EmptyStrings,
    Exponents,
    FieldsOfAnotherKind,
    FieldsTwice,
    FieldsWithoutLabels,
    FirstPageTwice,
    InstantsAsNumbers,
    InstantsInBytes,
    InstantsWithoutAZone,
    KeepsItsSockets,
    LosesThePageEnd,
    NeverGone,
    NoActivities,
    NoCursor,
    NoCursorWhenNothingIsNew,
    NoneInWords,
    NoPageWhenNothingIsNew,
    NothingIsWritable,
    NotText,
    OnlyTheFirstPageOfChanges,
    OrgInAnotherZone,
    OrgWithoutZone,
    PythonsTrue,
    ReadsACopy,
    ReadsNothingOfAnUnknownObject,
    ReadsSilently,
    ReadsSincePagesWereRead,
    RefusalsWithoutAName,
    StaleCursor,
    StopsWhereItIsToWait,
    TakesAnyCursor,
    TakesARefusalForNothing,
    TellsNothingOfParents,
    UsersInBytes,
    UsersTwice,
    UsersWithNumbers,
    WrongProgress,
)
from wrong_writers import (
    MAKING,
    ClosesNothing,
    ClosesWhatIsClosed,
    CrashesOnUnknownFields,
    CreatesOutOfOrder,
    DropsUnknownFields,
    DropsValues,
    EverythingAccepted,
    ForgetsWhatItMade,
    KnowsAnotherWord,
    LooksAtTheLeadAlone,
    LooksAtTheTextAlone,
    LooksOnlyBeforeTheCall,
    MakesAnything,
    MakesEveryTime,
    MakesForTheGone,
    MakesSomethingOfNothing,
    NeverEmpties,
    NoPages,
    OtherErrors,
    PagesElsewhere,
    PagesNameALeadOfNoKnownObject,
    PagesOfAnyObjectNameALead,
    PagesOfAnyText,
    PagesOverPlainHttp,
    PagesThatNameNoLead,
    RefusesInSilence,
    RefusesUnknownFieldsByResult,
    RefusesUnknownFieldsTooLate,
    ResultsOutOfOrder,
    SaysItMetWhatItExpected,
    SaysMadeAndDoesNothing,
    SaysMadeForWhatIsThere,
    SecretInMessage,
    StopsAtARefusal,
    TellsOfEverybody,
    TellsTheOldestFirst,
    WritesNothing,
    WritesTheFirstValueOnly,
    WritesToOthers,
)

from crmsync.errors import CrmUnreachable, UsageError
from crmsync.sdk import (
    Capabilities,
    Connector,
    ConnectorPlugin,
    CrmUser,
    NativeField,
    Org,
    Page,
    PullRequest,
    Reading,
    Usage,
    Write,
    WriteResult,
)
from crmsync.testing import ConnectorConformance, World


class KitOfTiny(ConnectorConformance):
    """The kit with a plugin that makes addresses as the connector says."""

    def __init__(self, connector: TinyConnector) -> None:
        self.plugin = ConnectorPlugin(  # type: ignore[misc]
            BaseModel, lambda _: connector, lead_id=connector.lead_of, record_page=connector.page
        )


BROKEN: dict[str, list[type[TinyConnector]]] = {
    "test_opening_makes_no_call": [CallsWhenOpened],
    "test_calls_are_counted": [DoesNotCount, CountsOnlyTheFirst],
    "test_the_org_has_a_known_time_zone": [OrgWithoutZone, OrgInAnotherZone],
    "test_ids_and_names_are_text": [UsersWithNumbers, UsersInBytes, FieldsWithoutLabels, FieldsOfAnotherKind],
    "test_values_are_written_as_the_contract_says": [
        InstantsWithoutAZone,
        InstantsInBytes,
        InstantsAsNumbers,
        DaysAsInstants,
        PythonsTrue,
        NoneInWords,
        Exponents,
        AmountsAsPeopleWriteThem,
    ],
    "test_the_clock_has_a_zone": [ClockWithoutAZone],
    "test_a_cursor_of_nobodys_asks_for_everything": [TakesAnyCursor, CrashesOnAnothersCursor],
    "test_an_unknown_object_is_not_read": [ReadsNothingOfAnUnknownObject, RefusalsWithoutAName],
    "test_users_have_ids_of_their_own": [UsersTwice],
    "test_fields_are_told_once_with_what_may_be_written": [FieldsTwice, NothingIsWritable],
    "test_an_unknown_object_is_named": [AnyObjectIsThere, RefusalsWithoutAName],
    "test_what_stands_behind_a_parent_can_be_read": [TellsNothingOfParents],
    "test_a_full_pull_brings_every_record_exactly_once": [LosesThePageEnd, FirstPageTwice],
    "test_a_full_pull_brings_the_values": [LosesThePageEnd, EmptyStrings],
    "test_frames_are_text_in_the_columns_asked_for": [ColumnTooMany, NotText, EmptyStrings],
    "test_the_last_page_alone_has_a_cursor": [
        CursorOnEveryPage,
        NoCursor,
        NoCursorWhenNothingIsNew,
        NoPageWhenNothingIsNew,
    ],
    "test_progress_ends_at_the_number_of_records": [WrongProgress],
    "test_an_incremental_pull_sees_an_edit": [ReadsSincePagesWereRead],
    "test_an_incremental_pull_sees_every_edit": [OnlyTheFirstPageOfChanges],
    "test_an_incremental_pull_may_say_when_a_record_was_changed": [ChangedWithoutAZone, ChangedInTheFuture],
    "test_an_edit_during_a_pull_is_not_lost": [StaleCursor],
    "test_an_incremental_pull_names_what_is_gone": [NeverGone],
    "test_reading_is_fresh_and_says_who_is_gone": [ReadsACopy, ReadsSilently],
    "test_reading_nothing_is_allowed": [CannotReadNothing],
    "test_a_push_has_one_outcome_per_write_in_order": [
        ResultsOutOfOrder,
        EverythingAccepted,
        WritesNothing,
        WritesToOthers,
    ],
    "test_a_push_writes_every_value": [WritesTheFirstValueOnly],
    "test_a_push_can_make_empty": [NeverEmpties],
    "test_a_push_that_says_what_it_met_says_what_was_there": [SaysItMetWhatItExpected],
    "test_who_set_a_field_is_told_newest_first": [TellsTheOldestFirst],
    "test_nothing_is_told_of_records_that_are_not_asked_for": [TellsOfEverybody],
    "test_pushing_an_unknown_field_is_refused_by_its_name": [
        DropsUnknownFields,
        CrashesOnUnknownFields,
        RefusesUnknownFieldsTooLate,
        RefusesUnknownFieldsByResult,
    ],
    "test_an_unknown_field_is_named": [AnyFieldIsThere, RefusalsWithoutAName],
    "test_activities_come_once_for_each_of_their_leads": [ActivitiesOfOneLeadOnly, NoActivities],
    "test_a_creation_is_made_once": [
        MakesEveryTime,
        ForgetsWhatItMade,
        SaysMadeAndDoesNothing,
        SaysMadeForWhatIsThere,
    ],
    "test_what_was_made_can_be_closed_and_opened_again": [ClosesNothing, KnowsAnotherWord, ClosesWhatIsClosed],
    "test_nothing_is_known_of_closing_what_is_not_there": [KnowsAnotherWord],
    "test_leads_with_the_same_text_have_one_each": [LooksAtTheTextAlone, MakesEveryTime],
    "test_another_text_is_another_record": [LooksAtTheLeadAlone, LooksOnlyBeforeTheCall],
    "test_the_values_of_a_creation_arrive": [DropsValues],
    "test_creations_have_one_outcome_each_in_order": [
        CreatesOutOfOrder,
        StopsAtARefusal,
        MakesForTheGone,
        RefusesInSilence,
        SaysMadeAndDoesNothing,
    ],
    "test_creating_nothing_is_allowed": [MakesSomethingOfNothing],
    "test_what_cannot_be_made_is_told": [MakesAnything, AnyFieldIsThere],
    "test_a_crm_that_wants_fewer_calls_is_asked_again": [
        TakesARefusalForNothing,
        StopsWhereItIsToWait,
        CountsNoRefusals,
        CountsNoRetries,
    ],
    "test_closing_gives_its_sockets_back": [KeepsItsSockets],
    "test_refused_credentials_are_told_without_secrets": [SecretInMessage, OtherErrors],
    "test_a_crm_that_is_away_stops_the_run_in_words": [SecretInMessage, OtherErrors],
    "test_a_records_address_is_a_page_of_the_crm_with_the_id_alone": [
        PagesElsewhere,
        PagesOverPlainHttp,
        NoPages,
        PagesThatNameNoLead,
        PagesOfAnyObjectNameALead,
        PagesNameALeadOfNoKnownObject,
    ],
    "test_an_address_is_made_without_a_call_and_for_ids_alone": [PagesOfAnyText],
}

FAILS = (AssertionError, pytest.fail.Exception, ConnectionError, ValueError, CrmUnreachable)
"""How a check ends red: by what it says, or by what the connector raises."""


class TestTiny(ConnectorConformance):
    """A right connector passes, in the three lines that the kit promises."""

    plugin = ConnectorPlugin(BaseModel, TinyConnector, lead_id=TinyConnector.lead_of, record_page=TinyConnector.page)
    world = pytest.fixture(lambda self: TinyWorld())
    connector = pytest.fixture(lambda self, world: TinyConnector(world))


@pytest.mark.parametrize(
    ("check", "broken"), [(check, broken) for check, wrong in BROKEN.items() for broken in wrong]
)
def test_each_check_fails_a_connector_that_breaks_its_promise(check: str, broken: type[TinyConnector]) -> None:
    world = TinyWorld()
    connector = broken(world)
    run: Callable[[Any, Connector, TinyWorld], None] = getattr(ConnectorConformance, check)
    with pytest.raises(FAILS):
        run(KitOfTiny(connector), connector, world)


def test_every_check_of_the_kit_has_a_broken_connector() -> None:
    checks = {name for name, _ in inspect.getmembers(ConnectorConformance) if name.startswith("test_")}
    assert checks == set(BROKEN)
    assert all(BROKEN.values())


class BareWorld(World):
    """What a CRM that holds leads and nothing else has to tell."""

    object = "Lead"
    field = "Note"

    def __init__(self) -> None:
        self.crm = TinyWorld()

    def values(self) -> Mapping[str, str | None]:
        return self.crm.values()

    def edit(self, lead: str, value: str) -> None:
        self.crm.edit(lead, value)

    def delete(self, lead: str) -> None:
        self.crm.delete(lead)

    def go_away(self) -> None:
        self.crm.go_away()


class BareConnector(Connector):
    """What a connector to such a CRM has to give: the rest is inherited."""

    capabilities = Capabilities(write_batch_size=10)

    def __init__(self, crm: TinyWorld) -> None:
        self.tiny = TinyConnector(crm)

    def org(self) -> Org:
        return self.tiny.org()

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        return self.tiny.fields(object_name)

    def users(self) -> tuple[CrmUser, ...]:
        return self.tiny.users()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        return self.tiny.pull(request)

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        return self.tiny.read(object_name, ids, fields)

    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        return self.tiny.push(object_name, writes)

    def usage(self) -> Usage:
        return self.tiny.usage()


def test_a_connector_that_inherits_the_rest_passes_and_skips_what_its_crm_has_not() -> None:
    skipped = set()
    for check in BROKEN:
        world = BareWorld()
        try:
            getattr(ConnectorConformance(), check)(BareConnector(world.crm), world)
        except pytest.skip.Exception:
            skipped.add(check)
    making = {name for name, wrong in BROKEN.items() if any(each in wrong for each in MAKING)}
    assert skipped == making | {
        "test_what_was_made_can_be_closed_and_opened_again",
        "test_activities_come_once_for_each_of_their_leads",
        "test_a_push_writes_every_value",
        "test_a_crm_that_wants_fewer_calls_is_asked_again",
        "test_who_set_a_field_is_told_newest_first",
        "test_refused_credentials_are_told_without_secrets",
        "test_a_records_address_is_a_page_of_the_crm_with_the_id_alone",
        "test_an_address_is_made_without_a_call_and_for_ids_alone",
    }


def test_a_connector_that_makes_no_records_says_so() -> None:
    connector = BareConnector(TinyWorld())
    with pytest.raises(UsageError, match="makes no records of Task"):
        connector.create("Task", "Lead", [])
    connector.close()


def test_a_missing_verb_is_told_when_the_connector_is_made() -> None:
    class Half(Connector):
        capabilities = Capabilities(1)

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]


def test_a_crm_without_activities_skips_that_check() -> None:
    world = TinyWorld()
    world.activity_object = None
    with pytest.raises(pytest.skip.Exception):
        ConnectorConformance().test_activities_come_once_for_each_of_their_leads(TinyConnector(world), world)


@pytest.mark.parametrize(
    "check", sorted(name for name, wrong in BROKEN.items() if any(each in wrong for each in MAKING))
)
def test_a_connector_that_makes_nothing_skips_the_checks_of_making(check: str) -> None:
    world = TinyWorld()
    world.creation_object = None
    with pytest.raises(pytest.skip.Exception):
        getattr(ConnectorConformance(), check)(TinyConnector(world), world)
