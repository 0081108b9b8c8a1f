"""What need not be asked by every read, so that a read that finds nothing new takes few calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from crmsync.sdk import Page, PullRequest, native_frame
from crmsync_hubspot.cursor import Cursor
from crmsync_hubspot.settings import HubSpotSettings


def is_due(last: datetime, now: datetime | None, settings: HubSpotSettings) -> bool:
    """Whether something asked `last` is to be asked again. `now`: HubSpot's clock; null = not known yet."""
    return now is None or last > now or now - last >= timedelta(minutes=settings.unhurried_minutes)


class ContactsWatch:
    """Notes whether the latest incremental read of the contacts found any change.

    HubSpot touches a contact that hands in a form, so while no contact changes the forms wait. Their cursor does not
    move meanwhile, and they are read when due: a submission that touched nobody comes later, and none is missed.
    """

    def __init__(self, settings: HubSpotSettings) -> None:
        self._settings = settings
        self._quiet_at: datetime | None = None

    def watched(self, request: PullRequest, pages: Iterator[Page]) -> Iterator[Page]:
        """The same pages of contacts, looked at in passing."""
        self._quiet_at = None
        quiet, cursor = request.cursor is not None, None
        for page in pages:
            quiet, cursor = quiet and page.records.is_empty() and not page.gone, page.cursor
            yield page
        if quiet and cursor:
            self._quiet_at = Cursor.from_text(cursor).read

    def may_wait(self, request: PullRequest) -> bool:
        """Whether this read of form submissions can be left out."""
        if request.cursor is None or self._quiet_at is None:
            return False
        return not is_due(Cursor.from_text(request.cursor).read, self._quiet_at, self._settings)


def nothing_new(request: PullRequest) -> Page:
    """The only page of a read that was left out: its cursor stays where it is."""
    return Page(native_frame([], request.fields, leads=request.leads_object is not None), cursor=request.cursor)
