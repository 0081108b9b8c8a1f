"""One call to Salesforce: signed in, in time, tried again, its answer checked.

simple-salesforce builds the requests, in its "direct" mode: given a session it never signs in again by itself.
(On its own it would repeat a refused request without the caller's headers, without end when the new token is
refused as well.)
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from crmsync.sdk import (
    AnswerLost,
    CrmClock,
    CrmUnreachable,
    PagingGuard,
    SignInRefused,
    Tally,
    TryAgain,
    Usage,
    call_with_retries,
)
from crmsync_salesforce import errors
from crmsync_salesforce.adapter import LeadsElsewhere, is_loopback, session_for
from crmsync_salesforce.ids import is_id
from crmsync_salesforce.prefetch import Prefetched, composite
from crmsync_salesforce.record_pages import pages_of
from crmsync_salesforce.replies import CompositeAnswer, QueryPage, Record
from crmsync_salesforce.settings import SalesforceSettings
from crmsync_salesforce.sign_in import SignIn
from crmsync_salesforce.told_fields import AskedFields

T = TypeVar("T")


class Transport:
    """The connector's only way to Salesforce."""

    def __init__(
        self,
        settings: SalesforceSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: random.Random | None = None,
    ) -> None:
        """No call is made yet. `sleep` takes seconds."""
        self.settings = settings
        self._http, self._adapter = session_for(settings)
        self._sign_in = SignIn(settings, self._http)
        self._client: Salesforce | None = None
        self._pages: str | None = None
        self._prefetched = Prefetched()
        self._no_composite = False
        self._left_out: dict[str, None] = {}
        self._tally = Tally()
        self._sleep = sleep
        self._jitter = jitter

    def call(
        self,
        what: str,
        function: Callable[[Salesforce], object],
        reply: type[T],
        *,
        idempotent: bool = True,
        of: Sequence[str] = (),
    ) -> T:
        """Call through simple-salesforce until an answer of shape `reply` has come.

        `what`: words for messages, e.g. `the query on Lead`. `idempotent=False`: a lost answer ends it with
        `OutcomeUncertain`. `of`: values of the records concerned, which no message may hold. Raises `RunStopped` and
        its children, among them `errors.Refusal` with Salesforce's code and `OutcomeUncertain`.
        """
        return self.retried(lambda: self._signed_in(what, function, reply, of), idempotent=idempotent)

    def retried(self, function: Callable[[], T], *, idempotent: bool = True) -> T:
        """Call `function` again while it raises `TryAgain`, as long as the settings allow."""
        return call_with_retries(
            function,
            self.settings.retries,
            idempotent=idempotent,
            sleep=self._sleep,
            jitter=self._jitter,
            tally=self._tally,
        )

    def query(self, soql: str, *, what: str, with_deleted: bool = False) -> QueryPage:
        """The first page of a query."""
        if not with_deleted and (page := self._prefetched.take(soql)):
            return page
        headers = {"Sforce-Query-Options": f"batchSize={self.settings.page_size}"}
        return self.call(
            what, lambda client: client.query(soql, include_deleted=with_deleted, headers=headers), QueryPage
        )

    def facts(self, soql: str, *, what: str, with_deleted: bool = False) -> Iterator[Record]:
        """Everything that a query of the connector's own finds. Where some records tell not all that was asked for,
        it is asked once more; what is missing then is told, and no other record suffers.
        """
        asked = AskedFields.in_query(soql)
        found = list(self.records(soql, what=what, with_deleted=with_deleted))
        if asked.lacking(found):
            found = list(self.records(soql, what=what, with_deleted=with_deleted))
        if torn := asked.lacking(found):
            self.leave_out(
                f"{len(torn):,} of the records in Salesforce's answer to {what} came without all of the fields that "
                "were asked for: run again; if it stays, look for a server in between that changes answers"
            )
        return iter(found)

    def records(self, soql: str, *, what: str, with_deleted: bool = False) -> Iterator[Record]:
        """Everything that a query finds, page by page."""
        page = self.query(soql, what=what, with_deleted=with_deleted)
        guard, read = PagingGuard(f"{what}'s result"), 0
        while True:
            yield from page.records
            if page.done:
                found, total = read + len(page.records), page.total_size
                if read and found < total:
                    total = self.counted(soql, what=what, with_deleted=with_deleted)
                whole(what, found, total)
                return
            # A result holds as many records as were counted at its beginning.
            news = bool(page.records) and read < page.total_size
            read += len(page.records)
            page = self.next_page(guard.check(page.next_records_url or "", news=news), what=what)

    def counted(self, soql: str, *, what: str, with_deleted: bool = False) -> int:
        """How many records the query would find now.

        A result is counted at its beginning, and what is deleted before its page comes is left out of that: so a
        result of several pages may end before its count, and is whole if no more are there by then.
        """
        unordered = soql.rpartition(" ORDER BY ")[0] or soql
        among = unordered.partition(" FROM ")[2]
        return self.query(f"SELECT COUNT() FROM {among}", what=what, with_deleted=with_deleted).total_size  # noqa: S608

    def prefetch(self, queries: Sequence[str], *, what: str) -> None:
        """Ask at most five queries in one call, for `query` to find; those that fail there are asked by `query`."""
        settings = self.settings
        if self._no_composite:
            return
        try:
            answer = self.call(
                what,
                lambda client: composite(
                    client, queries, api_version=settings.api_version, page_size=settings.page_size
                ),
                CompositeAnswer,
            )
        except errors.Refusal:
            self._no_composite = True  # an org that takes no composite requests: the queries are asked one by one
            return
        self._prefetched.keep(queries, answer)

    def next_page(self, path: str, *, what: str) -> QueryPage:
        """The page behind a `nextRecordsUrl`: a path of this org, whatever else an answer may hold there."""
        if not path.startswith("/") or path.startswith("//"):
            raise errors.from_connection(LeadsElsewhere())
        return self.call(what, lambda client: client.query_more(path, identifier_is_url=True), QueryPage)

    def leave_out(self, words: str) -> None:
        """Note that something is gone without because it cannot be read."""
        self._left_out[words] = None

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was noted, once each."""
        return tuple(self._left_out)

    @property
    def answered_at(self) -> datetime | None:
        """Salesforce's clock at its latest answer; null before the first."""
        return self._adapter.answered_at

    @property
    def clock(self) -> CrmClock:
        """Salesforce's clock, and how many answers told none that can be."""
        return CrmClock(self._adapter.answered_at, self._adapter.dates_unreadable, self._adapter.heard)

    @property
    def pages(self) -> str | None:
        """Where people open the org in a browser; null before the first call, and where that is not known."""
        return self._pages

    @property
    def usage(self) -> Usage:
        """Requests sent, sign-ins included, and what the latest answer said of 24 hours' calls."""
        adapter, tally = self._adapter, self._tally
        return Usage(
            adapter.calls,
            adapter.calls_left,
            adapter.daily_call_limit,
            retries=tally.retries,
            refused=adapter.refused,
            waited_seconds=tally.waited_seconds,
        )

    def close(self) -> None:
        """Release sockets."""
        self._http.close()

    def _signed_in(self, what: str, function: Callable[[Salesforce], object], reply: type[T], of: Sequence[str]) -> T:
        """One attempt; a refused token is renewed once."""
        try:
            return self._attempt(what, function, reply, of)
        except errors.SessionExpired:
            self._client = None
            if not self._sign_in.renewable:
                raise SignInRefused(
                    "Salesforce no longer accepts the access token of this connection",
                    hint="give a new access_token, or let crmsync sign in by itself with client credentials",
                ) from None
        try:
            return self._attempt(what, function, reply, of)
        except errors.SessionExpired:
            raise SignInRefused(
                "Salesforce refused an access token that it had just given out",
                hint="check that the app's scopes include `api` and that the user may use the API",
            ) from None

    def _attempt(self, what: str, function: Callable[[Salesforce], object], reply: type[T], of: Sequence[str]) -> T:
        client = self._client or self._connect()
        try:
            body = function(client)
            return msgspec.convert(body, reply)
        except SalesforceError as error:
            raise errors.from_answer(error.status, error.content, self._adapter.headers, what, of) from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            # A body that is no JSON, or JSON of another shape than the client or `reply` expects.
            if self._adapter.page:
                raise AnswerLost(
                    "a server between this machine and Salesforce answered in words of its own",
                    hint=errors.GATEWAY_HINT,
                ) from error
            raise AnswerLost("Salesforce gave a torn answer", hint=errors.ADDRESS_HINT) from error
        except requests.RequestException as error:
            raise errors.from_connection(error) from error

    def _connect(self) -> Salesforce:
        try:
            session = self._sign_in.session()
        except AnswerLost as error:
            # Lost was the answer to the sign-in, not to the call that waits for it.
            raise TryAgain(error.message, after_seconds=error.after_seconds, hint=error.hint) from error
        if self.settings.loopback and not is_loopback(session.instance_url):
            raise SignInRefused(
                "a sign-in over plain http named an instance on another machine", hint=errors.ADDRESS_HINT
            )
        if not self._adapter.trust(session.instance_url):
            raise SignInRefused(
                "the sign-in named an instance that is not Salesforce's; crmsync takes no credentials there",
                hint="check that `url` is the org's My Domain address, and what stands between it and this machine",
            )
        self._pages = pages_of(session.instance_url, loopback=self.settings.loopback)
        self._client = Salesforce(
            session_id=session.token,
            instance_url=session.instance_url,
            version=self.settings.api_version,
            session=self._http,
            object_pairs_hook=dict,
        )
        return self._client


def identified(records: Sequence[Record], what: str) -> Sequence[Record]:
    """The same records. Raises `CrmUnreachable` when one has no id: it could not be told apart from a missing one."""
    if all(is_id(record.get("Id")) for record in records):
        return records
    raise CrmUnreachable(
        f"Salesforce's answer to {what} lists records without their ids",
        hint="run again; if it stays, look for a server in between that changes answers",
    )


def whole(what: str, records: int, total: int) -> None:
    """Raise `CrmUnreachable` when a result ends before all of the records that it was counted to hold."""
    if records < total:
        raise CrmUnreachable(
            f"Salesforce's answer to {what} ends after {records:,} of {total:,} records",
            hint="run again; if it stays, look for a server in between that changes answers",
        )
