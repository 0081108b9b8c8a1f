"""Which of a run's leads it may change, and what of them: a pilot. Values and frames only.

For leads that are not selected it is as if there had been no run: they stay due, keep their open changes, and take
no turn.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from msgspec import Struct

from crmsync.plan import Part


class Selection(Struct, frozen=True):
    """What has to hold of a lead, all of it; empty = every lead.

    `leads`: native ids. `stages`: it is decided to stand in one of these. `criteria`: it meets one of these. `limit`:
    so many changes, the first in the order of hand-offs. `only`: this part of a change; null = all of it.
    """

    leads: frozenset[str] | None = None
    stages: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    limit: int | None = None
    only: Part | None = None

    @property
    def everything(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Selection()

    def picked(self, frame: pl.DataFrame, open_leads: Collection[str]) -> frozenset[str]:
        """The selected leads of a decided frame (`lead, stage_after, verdict.*`), the limit aside.

        `open_leads`: those with a change of an earlier run that is still open. One whose change is to be written in
        part is left out: what its rotation turn becomes is decided with the whole of it.
        """
        those = pl.lit(value=True)
        if self.leads is not None:
            those &= pl.col("lead").is_in(sorted(self.leads))
        if self.stages:
            those &= pl.col("stage_after").is_in(self.stages)
        if self.criteria:
            those &= pl.any_horizontal(pl.col(f"verdict.{name}").fill_null(value=False) for name in self.criteria)
        if self.only is not None:
            those &= ~pl.col("lead").is_in(sorted(open_leads))
        return frozenset(frame.filter(those)["lead"])
