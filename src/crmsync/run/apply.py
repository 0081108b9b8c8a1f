"""The only writer: carries out a plan whose changes the journal already holds as intended.

Batch by batch: read what the CRM holds now → write only where it still holds what the decision was made from →
read back → journal the outcome. Nothing is believed that was not read back, and nothing is guessed: what could
not be read stays intended, and the next run looks at it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from msgspec import Struct, field

from crmsync.contract import Connector
from crmsync.errors import CrmsyncError, RunStopped
from crmsync.mapping import CrmMapping
from crmsync.model import Change, Outcome, Plan, SetAside
from crmsync.run.create import without_record
from crmsync.run.held import batches, read_held
from crmsync.run.one_batch import carry_out
from crmsync.run.overruled import with_overrulings
from crmsync.run.unforeseen import told
from crmsync.run.verified import Ends
from crmsync.spans import span
from crmsync.store import Settlement, Store
from crmsync.values import replace

_NOT_SENT = "not sent, as the run stopped before; the next run decides it again"
_IN_THE_MIDDLE = "the run was stopped while this was under way: it may have been written; the next run looks"
_NOT_NOTED = "it could not be noted in the store: the next run finds it in the CRM, or decides it again"


class ApplyReport(Struct, frozen=True):
    """What became of a plan's changes.

    `outcomes`: by lead, for every change; a lead that is gone from the CRM is refused, and in `set_aside` as well.
    `messages`: what went wrong, by lead. `amiss`: leads that came to their stage and owner, and whose fields for
    people hold something else. `in_doubt`: of those not reached, the leads that may have been written: what was sent
    could not be read back. `waited`: seconds that changes of the CRM had waited for what was written here, once it
    was verified. `stopped`: ended early because it was asked to. `error`: ended early because the
    CRM or the store could not be reached. What was not reached stays intended.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    in_doubt: frozenset[str] = frozenset()
    amiss: frozenset[str] = frozenset()
    set_aside: tuple[SetAside, ...] = ()
    waited: tuple[float, ...] = ()
    stopped: bool = False
    error: CrmsyncError | None = None

    @property
    def done(self) -> frozenset[str]:
        """Leads that hold all that was intended."""
        return frozenset(lead for lead, it in self.outcomes.items() if it in {"written", "unchanged"}) - self.amiss


class _SoFar:
    """What has become of a run's changes until now.

    `batch`: under way, and what was settled of it stands in `settled`. `unnoted`: settled, and not in the journal.
    """

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = changes
        self.settled: dict[str, Settlement] = {}
        self.in_doubt: dict[str, str] = {}
        self.messages = dict.fromkeys((change.lead for change in changes), _NOT_SENT)
        self.waited: list[float] = []
        self._batch: Sequence[Change] = ()
        self._unnoted: frozenset[str] = frozenset()

    @contextmanager
    def sending(self, batch: Sequence[Change]) -> Iterator[None]:
        """While a batch is under way: where this is broken off, it stays so."""
        self._batch = batch
        yield
        self._batch = ()

    @contextmanager
    def noting(self, ends: Ends) -> Iterator[None]:
        """While the journal takes what became of a batch."""
        self.settled |= ends.settled
        self.in_doubt |= ends.in_doubt
        self.messages |= {**ends.open, **ends.in_doubt}
        self._unnoted = frozenset(ends.settled)
        yield
        self._unnoted = frozenset()

    def cut_off(self) -> None:
        """Somebody did not wait for the end of the batch under way."""
        leads = {change.lead: _IN_THE_MIDDLE for change in self._batch if change.lead not in self.settled}
        self.messages |= leads
        self.in_doubt |= leads

    def reported(self) -> ApplyReport:
        messages = self.messages | {lead: it.message for lead, it in self.settled.items()}
        messages |= {lead: "; ".join(filter(None, (messages[lead], _NOT_NOTED))) for lead in self._unnoted}
        reached: dict[str, Outcome] = {lead: _outcome(settlement) for lead, settlement in self.settled.items()}
        return ApplyReport(
            outcomes={change.lead: reached.get(change.lead, "not_reached") for change in self.changes},
            messages={lead: words for lead, words in messages.items() if words},
            in_doubt=frozenset(self.in_doubt),
            amiss=frozenset(lead for lead, it in self.settled.items() if it.arrived and it.found),
            set_aside=(
                *(SetAside(lead, it.message) for lead, it in self.settled.items() if it.outcome == "gone"),
                *without_record(self.settled.values()),
            ),
            waited=tuple(self.waited),
        )


def apply_plan(
    connector: Connector,
    store: Store,
    plan: Plan,
    object_name: str,
    *,
    run_id: int,
    now: Callable[[], datetime],
    today: date,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    mapping: CrmMapping | None = None,
) -> ApplyReport:
    """Write the changes of the plan that the journal holds as intended by this run. `today`: in the org's zone.

    `mapping`: tells what of a lead somebody else has replaced; without it nothing of that is noted.

    `stop` is asked before each batch. `progress` is called with (changes settled, changes in all). When the CRM or
    the store cannot be reached it ends there and says so; what is settled by then is journaled.
    """
    changes = _of_one_kind_together(
        entry.change for entry in store.journal.entries(plan.connection, state="intended", run_id=run_id)
    )
    so_far = _SoFar(changes)
    stopped = False
    error: CrmsyncError | None = None
    try:
        for batch in batches(changes, connector.capabilities.write_batch_size):
            stopped = stop()
            if stopped:
                break
            with span("batch", {"crmsync.leads": len(batch)}), so_far.sending(batch):
                held, gone = read_held(connector, object_name, batch)
                persons = store.facts.lead_persons(plan.connection, [change.lead for change in batch])
                store.still_held()
                ends = carry_out(connector, object_name, batch, held, gone, persons)
                with so_far.noting(ends):
                    noted = with_overrulings(ends.settled.values(), batch, mapping)
                    so_far.waited += store.journal.record_outcomes(plan.connection, noted, now=now(), today=today)
            if ends.broken:
                raise ends.broken
            progress(len(so_far.settled), len(changes))
    except KeyboardInterrupt:  # for whoever does not wait for the end of a batch
        error = RunStopped("stopped in the middle of a batch", hint="the next run looks first what became of it")
        so_far.cut_off()
    except Exception as stopping:
        error = told(stopping)
    return replace(so_far.reported(), stopped=stopped, error=error)


def _of_one_kind_together(changes: Iterable[Change]) -> list[Change]:
    """By move, else in their order: a CRM that takes a step back in two calls takes them for few batches only."""
    return sorted(changes, key=lambda change: (change.stage_before or "", change.stage_after or ""))


def _outcome(settlement: Settlement) -> Outcome:
    """As the plan tells it: a lead that is gone could not be written."""
    return "refused" if settlement.outcome == "gone" else settlement.outcome
