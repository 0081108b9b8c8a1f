"""The stages of deals in all pipelines: which are open, and which is further on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.parts import JsonObject, object_in, objects_in, text_in


@dataclass(frozen=True, slots=True)
class DealStage:
    """One stage. `place`: its probability of winning, then its pipeline's and its own place; higher is further on."""

    id: str
    label: str
    is_open: bool
    place: tuple[float, int, int]


class DealStages:
    """Read with one call when first asked for."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._stages: dict[str, DealStage] | None = None

    def open_ones(self) -> list[DealStage]:
        """Those in which a deal is open, in the order of the pipelines."""
        return [stage for stage in self._known().values() if stage.is_open]

    def is_open(self, stage: str | None) -> bool:
        """Whether a deal on this stage is open; one whose stage is not known any more is."""
        known = self._known().get(stage or "")
        return known is None or known.is_open

    def is_won(self, stage: str | None) -> bool:
        """Whether a deal on this stage is won: closed, and not without any chance."""
        known = self._known().get(stage or "")
        return known is not None and not known.is_open and known.place[0] > 0

    def place(self, stage: str) -> tuple[float, int, int]:
        """How far on the stage is; an unknown one is before all others."""
        known = self._known().get(stage)
        return known.place if known else (-1.0, 0, 0)

    def _known(self) -> dict[str, DealStage]:
        if self._stages is None:
            pipelines = sorted(self._gateway.pipelines("deals").results, key=_order)
            self._stages = {
                stage.id: stage for place, pipeline in enumerate(pipelines) for stage in _stages(pipeline, place)
            }
        return self._stages


def _stages(pipeline: JsonObject, place: int) -> Iterator[DealStage]:
    for stage in sorted(objects_in(pipeline.get("stages")), key=_order):
        number, facts = text_in(stage.get("id")), object_in(stage.get("metadata"))
        if number:
            chance = _chance(facts.get("probability"))
            # Older answers say it by the probability alone.
            closed = str(facts.get("isClosed", chance in (0.0, 1.0))).lower() == "true"
            yield DealStage(number, text_in(stage.get("label")) or number, not closed, (chance, place, _order(stage)))


def _order(entry: JsonObject) -> int:
    return order if isinstance(order := entry.get("displayOrder"), int) else -1


def _chance(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return -1.0
