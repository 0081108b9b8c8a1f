"""Pages of a pull, against answers that a real portal gives seldom."""

from __future__ import annotations

import pytest
from forged_reading import DEFINITIONS, record, server, submission, whole

from crmsync.errors import CrmUnreachable, UsageError


def test_paging_follows_opaque_tokens_and_forgets_repeated_rows(forge, reply, connect):
    pages = {
        None: {"results": [record(1, email="a@x"), record(2, email="")], "paging": {"next": {"after": "tok=1&x"}}},
        "tok=1&x": {"results": [record(2, email=None), record(10, email="c@x")], "paging": None},
    }
    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        contacts=lambda seen: pages[seen.query.get("after", [None])[0]],
    )
    rows, gone, cursor = whole(connect(forge.url), "contacts", ("email",))
    assert rows == [{"@id": "1", "email": "a@x"}, {"@id": "2", "email": None}, {"@id": "10", "email": "c@x"}]
    assert gone == ()
    assert cursor == "2026-11-21T12:00:00Z"
    listing = forge.seen[1]
    assert listing.query["limit"] == ["100"]
    assert listing.query["archived"][0].lower() == "false"


def test_a_page_that_comes_again_ends_the_pull(forge, reply, connect):
    page = {"results": [record(1)], "paging": {"next": {"after": "2"}}}
    forge.answer = server(reply, properties__contacts={"results": DEFINITIONS}, contacts=page)
    with pytest.raises(CrmUnreachable, match="twice"):
        whole(connect(forge.url), "contacts", ("email",))


@pytest.mark.parametrize("torn", [{"properties": {"email": "a"}}, {"id": "1"}, 7, {"id": "1", "properties": 7}])
def test_a_page_without_one_whole_record_is_torn_and_not_empty(forge, reply, connect, torn):
    """To take it for empty would be to take every contact for gone."""
    page = {"results": [torn, torn]}
    forge.answer = server(reply, properties__contacts={"results": DEFINITIONS}, contacts=page)
    with pytest.raises(CrmUnreachable, match="without their ids or properties"):
        whole(connect(forge.url), "contacts", ("email",))


def test_an_unknown_property_is_named_with_those_like_it(forge, reply, connect):
    forge.answer = server(reply, properties__contacts={"results": DEFINITIONS})
    with pytest.raises(UsageError, match="'emial'") as stopped:
        whole(connect(forge.url), "contacts", ("email", "emial"))
    assert "did you mean email" in str(stopped.value)


def test_an_unknown_object_is_a_usage_error(forge, connect):
    connector = connect(forge.url)
    for action in (
        lambda: connector.fields("contcats"),
        lambda: whole(connector, "contcats", ()),
        lambda: whole(connector, "contcats", (), cursor="2026-11-21T11:00:00Z"),
    ):
        with pytest.raises(UsageError, match="contcats"):
            action()


def test_a_long_property_list_goes_by_batch_reads(forge, reply, connect):
    names = tuple(f"a_rather_long_property_name_{number:04}" for number in range(400))
    definitions = [{"name": name, "type": "string", "options": []} for name in names]
    values = {name: name[-4:] for name in names}
    listed = [record(number) for number in range(1, 101)]

    def read(seen):
        ids = [each["id"] for each in seen.json["inputs"]]
        return {"status": "COMPLETE", "results": [record(each, **values) for each in reversed(ids) if each != "7"]}

    forge.answer = server(
        reply,
        properties__contacts={"results": definitions},
        batch__read=read,
        search={"total": 100, "results": listed},
        contacts=lambda seen: {"results": [] if "true" in seen.target.lower() else listed},
    )
    for cursor in (None, "2026-11-21T11:00:00Z"):
        rows, _, _ = whole(connect(forge.url), "contacts", names, cursor=cursor)
        assert len(rows) == 99
        assert rows[0]["a_rather_long_property_name_0399"] == "0399"
    assert max(len(seen.target) for seen in forge.seen) < 8_000
    assert all(len(seen.body) < 3_000 for seen in forge.seen if seen.path.endswith("search"))


def test_progress_counts_records(forge, reply, connect):
    told = []
    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        search={"total": 2, "results": []},
        contacts={"results": [record(1), record(2)]},
    )
    whole(connect(forge.url), "contacts", ("email",), progress=lambda *numbers: told.append(numbers))
    assert told == [(2, 2)]


def endless(**more):
    count = [0]

    def page(seen):
        count[0] += 1
        following = {"paging": {"next": {"after": str(count[0])}}}
        return {**{name: value(count[0]) for name, value in more.items()}, **following}

    return page


@pytest.mark.parametrize("news", [False, True])
@pytest.mark.parametrize("what", ["contacts", "archived", "owners", "submissions"])
def test_pages_without_end_are_left(forge, reply, connect, monkeypatch, what, news):
    """Always another cursor: to the same records, or to ever new ones."""
    monkeypatch.setattr("crmsync.sdk.paging.MOST_PAGES", 80)

    def results(number):
        number = number if news else 1
        return [{**submission(f"s{number}", -1), **record(number), "archivedAt": "2026-11-21T11:30:00Z"}]

    forge.answer = server(
        reply,
        properties__contacts={"results": DEFINITIONS},
        search={"results": []},
        v3__forms={"results": [{"id": "f1", "name": "Demo"}]},
        batch__read={"results": []},
        **{
            {"contacts": "contacts", "archived": "contacts", "owners": "owners", "submissions": "forms__f1"}[what]: (
                endless(results=results)
            )
        },
    )
    connector = connect(forge.url)
    with pytest.raises(CrmUnreachable, match="reading on would never end"):
        if what == "owners":
            connector.users()
        elif what == "submissions":
            whole(connector, "form_submissions", ("form",), leads_object="contacts")
        else:
            whole(connector, "contacts", ("email",), cursor="2026-11-21T11:00:00Z" if what == "archived" else None)
    assert len(forge.seen) < 90
