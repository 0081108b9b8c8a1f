"""The operations crmsync uses, and the only place that knows the client's methods and the API's paths.

They speak the `/crm/v3` and `/crm/v4` path families of `hubspot-api-client` 12, which HubSpot supports until
September 2027 (v4: March 2027). The dated successors carry the same shapes, so moving on means changing this module.

All answers are decoded JSON objects as HubSpot documents them, each with the server's time beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from crmsync.sdk import PagingGuard, replace
from crmsync_hubspot.object_names import plural
from crmsync_hubspot.parts import JsonObject, id_in, text_in
from crmsync_hubspot.told_records import Records, identified, records_in, tells
from crmsync_hubspot.transport import Answer, Transport

LIST_PAGE = 100
SEARCH_PAGE = 200
BATCH = 100
HISTORY_BATCH = 50
ASSOCIATION_BATCH = 1_000
OWNER_PAGE = 100
MEMBER_PAGE = 250
SUBMISSION_PAGE = 50
URL_CHARACTERS = 7_500
"""Longest list of properties in an address: answers to 8,000 characters and more were seen refused (414)."""


class Gateway:
    """HubSpot's API for one connection.

    `torn`: object → how many entries of its answers were no records, or told less than they were asked for, and were
    left out.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.torn: Counter[str] = Counter()
        self._defined: dict[str, frozenset[str]] = {}

    def _listed(self, object_name: str, answer: Answer) -> Records:
        page = identified(records_in(answer))
        self.torn[object_name] += len(answer.body["results"]) - len(page.results)
        return page

    @property
    def answered_at(self) -> datetime | None:
        """HubSpot's clock at its latest answer; null before the first."""
        return self._transport.answered_at

    def account(self) -> JsonObject:
        """The account's id, time zone and kind."""
        return self._plain_get("read the account's details", "/account-info/v3/details").body  # type: ignore[no-any-return]

    def properties(self, object_name: str) -> list[JsonObject]:
        """All properties of an object that are not archived."""
        answer = self._transport.send(
            f"list the properties of {object_name}",
            lambda root: root.crm.properties.core_api.get_all(object_name, _preload_content=False),
        )
        found = records_in(answer).results
        names = (text_in(each.get("name")) for each in found if not each.get("archived"))
        self._defined[plural(object_name)] = frozenset(names)
        return found

    def told_of(self, object_name: str, properties: Iterable[str], records: Iterable[JsonObject]) -> frozenset[str]:
        """Which of these properties each of the records has to tell: HubSpot gives null for those that are empty, and
        leaves out those only that are not defined. So what is defined, or told of one of them, is told of all.
        """
        told = self._defined.get(plural(object_name), frozenset()).union(
            *(each.get("properties", ()) for each in records)
        )
        return told.intersection(properties)

    def pipelines(self, object_name: str) -> Records:
        """All pipelines of an object with their stages."""
        return records_in(
            self._transport.send(
                f"list the pipelines of {object_name}",
                lambda root: root.crm.pipelines.pipelines_api.get_all(object_name, _preload_content=False),
            )
        )

    def owners(self, *, archived: bool) -> Iterator[Records]:
        """Pages of the owners that are active, or of those that are not."""
        return self._all_pages(
            "owners",
            lambda root, after: root.crm.owners.owners_api.get_page(
                limit=OWNER_PAGE, archived=archived, **_from(after), _preload_content=False
            ),
        )

    def list_records(
        self,
        object_name: str,
        properties: Sequence[str],
        *,
        after: str | None = None,
        archived: bool = False,
        associations: Sequence[str] = (),
        limit: int = LIST_PAGE,
    ) -> Records:
        """One page of all records, ascending by id. `properties` must fit `URL_CHARACTERS`."""
        options: dict[str, Any] = {"limit": limit, "archived": archived, **_from(after)}
        if properties:
            options["properties"] = [",".join(properties)]
        if associations:
            options["associations"] = [",".join(associations)]
        answer = self._transport.send(
            f"list {object_name}",
            lambda root: root.crm.objects.basic_api.get_page(object_name, **options, _preload_content=False),
        )
        return self._listed(object_name, answer)

    def search(
        self, object_name: str, filters: Sequence[JsonObject], properties: Sequence[str], *, limit: int = SEARCH_PAGE
    ) -> Records:
        """The first page of the records that pass all filters, ascending by id. Searching lags behind writing."""
        request = {
            "filterGroups": [{"filters": list(filters)}] if filters else [],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        answer = self._transport.send(
            f"search {object_name}",
            lambda root: root.crm.objects.search_api.do_search(object_name, request, _preload_content=False),
            bucket="search",
        )
        return self._listed(object_name, answer)

    def read_batch(
        self,
        object_name: str,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        id_property: str | None = None,
        with_history: Sequence[str] = (),
    ) -> Records:
        """Up to `BATCH` records by id (or by another unique property), fresh. Missing ones are left out.

        `with_history`: properties whose former values come as well; `HISTORY_BATCH` records at most then.
        """
        request: dict[str, Any] = {
            "inputs": [{"id": each} for each in ids],
            "properties": list(properties),
            "propertiesWithHistory": list(with_history),
        }
        if id_property:
            request["idProperty"] = id_property
        answer = self._transport.send(
            f"read {object_name}",
            lambda root: root.crm.objects.batch_api.read(object_name, request, _preload_content=False),
        )
        page = identified(records_in(answer))
        told = self.told_of(object_name, properties, page.results)
        torn = tuple(str(each["id"]) for each in page.results if not tells(each, told))
        self.torn[object_name] += len(torn)
        return replace(page, results=[each for each in page.results if tells(each, told)], torn=torn)

    def update_batch(
        self, object_name: str, inputs: Sequence[JsonObject], *, resend: bool, of: Sequence[str] = ()
    ) -> Records:
        """Up to `BATCH` updates (`id`, `properties`, `objectWriteTraceId`). No order among them is promised.

        `resend`: after a lost answer, send again; otherwise that raises `OutcomeUncertain`. `of`: values of the
        records, which no message may hold.
        """
        answer = self._transport.send(
            f"update {object_name}",
            lambda root: root.crm.objects.batch_api.update(
                object_name, {"inputs": list(inputs)}, _preload_content=False
            ),
            idempotent=resend,
            of=of,
        )
        return records_in(answer)

    def create_batch(self, object_name: str, inputs: Sequence[JsonObject], *, of: Sequence[str] = ()) -> Records:
        """Up to `BATCH` new records (`properties`, `associations`, `objectWriteTraceId`), answered in any order.

        Not repeatable: a lost answer raises `OutcomeUncertain`. `of`: as in `update_batch`.
        """
        answer = self._transport.send(
            f"make {object_name}",
            lambda root: root.crm.objects.batch_api.create(
                object_name, {"inputs": list(inputs)}, _preload_content=False
            ),
            idempotent=False,
            of=of,
        )
        return records_in(answer)

    def retried(self, function: Callable[[], None]) -> None:
        """Call `function` again while it raises `TryAgain`, as long as the settings allow."""
        self._transport.retried(function)

    def associations(self, from_object: str, to_object: str, inputs: Sequence[JsonObject]) -> Records:
        """What up to `ASSOCIATION_BATCH` records (`id`, `after`) belong to; those without any are left out."""
        answer = self._transport.send(
            f"read which {to_object} {from_object} belong to",
            lambda root: root.crm.associations.v4.batch_api.get_page(
                from_object, to_object, {"inputs": list(inputs)}, _preload_content=False
            ),
        )
        return records_in(answer)

    def forms(self) -> Iterator[Records]:
        """Pages of all forms of every type."""
        return self._all_pages(
            "forms",
            lambda root, after: root.marketing.forms.forms_api.get_page(
                limit=LIST_PAGE, form_types=["all"], **_from(after), _preload_content=False
            ),
        )

    def submissions(self, form_id: str, *, after: str | None = None) -> Records:
        """One page of a form's submissions, newest first. The client has no method for this older path."""
        query: list[tuple[str, str]] = [("limit", str(SUBMISSION_PAGE))]
        if after:
            query.append(("after", after))
        return records_in(
            self._plain_get(
                "list form submissions",
                "/form-integrations/v1/submissions/forms/{form}",
                path_params={"form": form_id},
                query_params=query,
            )
        )

    def list_members(self, number: str, *, after: str | None = None) -> Records:
        """One page of the records on a list, ascending by id."""
        query: list[tuple[str, str]] = [("limit", str(MEMBER_PAGE)), *([("after", after)] if after else [])]
        return records_in(
            self._plain_get(
                "list the members of a list",
                "/crm/v3/lists/{list}/memberships",
                path_params={"list": number},
                query_params=query,
            )
        )

    def list_itself(self, number: str) -> JsonObject:
        """What the list is: `objectTypeId`, `processingStatus`, `deletedAt`."""
        told = self._plain_get("read a list", "/crm/v3/lists/{list}", path_params={"list": number}).body.get("list")
        return told if isinstance(told, dict) else {}

    def _plain_get(self, doing: str, path: str, **options: Any) -> Answer:
        return self._transport.send(
            doing,
            lambda root: root.crm.owners.owners_api.api_client.call_api(
                path,
                "GET",
                header_params={"Accept": "application/json"},
                auth_settings=["oauth2"],
                _preload_content=False,
                **options,
            ),
        )

    def _all_pages(self, what: str, get_page: Any) -> Iterator[Records]:
        guard = PagingGuard(what)
        seen: set[str] = set()
        after: str | None = None
        while True:
            token, known = after, len(seen)
            page = records_in(self._transport.send(f"list {what}", lambda root: get_page(root, token)))  # noqa: B023
            yield page
            if page.after is None:
                return
            seen.update(id_in(each.get("id")) for each in page.results)
            after = guard.check(page.after, news=len(seen) > known)


def _from(after: str | None) -> dict[str, str]:
    return {"after": after} if after else {}
