"""What a pull hands to the store, part by part, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import polars as pl
from msgspec import Struct, field

TOLD = 10
"""So many missing leads are named."""


class Pulled(Struct, frozen=True):
    """A mapped part of a pull. `leads`: LEADS with `fact.*`; `activities`: ACTIVITIES; `accounts`: ACCOUNTS;
    `unread`: what these records hold and mapping could make nothing of; `cursors`: object → cursor. `stamps`: when
    they were changed (`unanswered.STAMPS`), where only changed ones were asked for.

    What was told last is true: the frames of a part count as later than its `gone` and `outside` ids. `outside`:
    leads that are there and out of scope; their activities stay, as they may come back.
    """

    leads: pl.DataFrame | None = None
    activities: pl.DataFrame | None = None
    accounts: pl.DataFrame | None = None
    unread: pl.DataFrame | None = None
    stamps: pl.DataFrame | None = None
    gone_leads: Sequence[str] = ()
    outside: Sequence[str] = ()
    gone_activities: Sequence[str] = ()
    gone_accounts: Sequence[str] = ()
    cursors: Mapping[str, str] = field(default_factory=dict)

    @property
    def records(self) -> Iterator[pl.Series]:
        """The records that this part tells of: those that are there, and those that are gone or left out."""
        if self.leads is not None:
            yield self.leads["lead"]
        if self.activities is not None:
            yield self.activities["activity"].unique()
        if self.gone_activities:
            yield pl.Series(self.gone_activities, dtype=pl.String)


class Remembered(Struct, frozen=True):
    """Rows read, and what they changed. `removed` leads have left the working set; their history stays.

    `leads_missing`: leads that a complete pull did not find and that stay all the same, as they were too many of the
    `leads_known`; `unmet`: the first of them. Nothing was removed then, and no cursor moved. `leads_outside`: those
    removed that are there and fell out of scope. `leads_overlooked`: those that the pull did not bring, and that stay
    because they are there all the same.
    """

    leads_read: int
    leads_new: int
    leads_changed: int
    leads_removed: int
    activities_read: int
    activities_changed: int
    leads_missing: int = 0
    leads_known: int = 0
    leads_outside: int = 0
    leads_overlooked: int = 0
    unmet: tuple[str, ...] = ()


class Missing(Struct, frozen=True):
    """What a complete pull makes of leads that it did not meet: which of them are `there` all the same and stay,
    which are `outside`, there and out of scope, and whether so many of the known ones may leave at once.
    """

    outside: Callable[[Sequence[str]], Collection[str]] = lambda _unmet: ()
    may_leave: Callable[[int, int], bool] = lambda _missing, _known: True
    there: Callable[[Sequence[str]], Collection[str]] = lambda _unmet: ()
