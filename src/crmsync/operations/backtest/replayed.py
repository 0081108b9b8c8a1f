"""`crmsync backtest`: the policy as of moments in each lead's past, held against what became of the lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime

import polars as pl

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.hand_off import HandOverLine, line_of
from crmsync.model import FACT_DTYPES, FACT_PREFIX
from crmsync.operations.backtest.answer import WHY_LEFT_OUT, Backtest, BacktestQuestion, ReplayedMoment
from crmsync.operations.backtest.outcomes import (
    OUTCOMES,
    STAGE,
    checked,
    of_stored_leads,
    outcomes_in,
    read_outcomes,
)
from crmsync.operations.backtest.suggestion import suggestion
from crmsync.operations.run.ready import stored
from crmsync.operations.simulate.policy import Wording
from crmsync.progress import Progress
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.terms.facts import BUILT_IN_FACTS
from crmsync.run.gather import gathered_to_show
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.tongue import ENGLISH, Tongue
from crmsync.tune.probe import features_of, probe_of
from crmsync.tune.replay import moments, replay
from crmsync.tune.report import above_line, band_groups, line_above, lines, ranking, stage_groups, stage_rank
from crmsync.tune.suggest import Suggestion

SUSPICIOUS_AUC = 0.85
"""Leads are rarely this easy to tell apart; an AUC above it usually means that something knew the outcome."""


def backtest(
    settings: Settings,
    connections: Sequence[str],
    question: BacktestQuestion,
    *,
    now: Callable[[], datetime],
    progress: Progress,
    tongue: Tongue = ENGLISH,
) -> list[Backtest]:
    """The replay on each named connection, or on all. Reads the store only. `tongue`: of sentences in it.

    Raises `UsageError` when nothing is stored of a connection, when outcome, facts or line are not known, or when
    no lead with an outcome is left.
    """
    file = read_outcomes(question.outcome.file) if question.outcome.file else None
    with closing(Store(settings.store)) as store:
        found = []
        for configuration in settings.chosen(tuple(connections)):
            connection = stored(settings, configuration, store)
            checked(connection, question.outcome)
            found.append(_Replayed(connection, store, question, file, now(), progress, tongue).told())
        return found


class _Replayed:
    """One connection's leads with their outcomes, ready to be replayed at any moment."""

    def __init__(
        self,
        prepared: Prepared,
        store: Store,
        question: BacktestQuestion,
        file: pl.DataFrame | None,
        now: datetime,
        progress: Progress,
        tongue: Tongue,
    ) -> None:
        self._tongue = tongue
        self._connection, self._store, self._question = prepared, store, question
        self._file = None if file is None else of_stored_leads(file, prepared, store, question.outcome.words)
        self._lines = 0 if file is None else file.height
        self._progress = progress
        self._as_of = question.as_of or local_day(now, prepared.org.time_zone)
        self._policy = question.policy or prepared.settings.policy
        self._ladder = [rung.stage for rung in self._policy.ladder]
        self._hand_overs = self._lines_of_hand_overs()
        self._line, self._hand_over = self._chosen_line()
        unknown = [name for name in question.without if name not in {*prepared.mapping.mapped_facts, *BUILT_IN_FACTS}]
        if unknown:
            known = ", ".join(sorted(prepared.mapping.mapped_facts))
            raise UsageError(f"not a mapped fact: {', '.join(unknown)}", hint=f"mapped: {known}")
        self._hidden = tuple(dict.fromkeys((*question.outcome.hidden, *question.without)))

    def told(self) -> Backtest:
        compiled = self._compiled(self._policy)
        kept = {*self._hidden, *BUILT_IN_FACTS}
        asked = {name for name in compiled.needs_facts if name in self._connection.mapping.mapped_facts}
        found = tuple(self._moment(compiled, days) for days in self._question.days)
        return Backtest(
            connection=self._connection.name,
            as_of=self._as_of,
            policy=Wording(self._policy.name, self._policy.digest),
            outcome=self._question.outcome.words,
            line=self._line,
            moments=found,
            present_values=tuple(sorted(asked - kept)),
            hidden=self._hidden,
            cautions=tuple(self._cautions(compiled, found)),
            labels={stage: self._policy.label_of(stage) for stage in self._policy.stages},
            hand_over_labels={name: one.label for name, one in self._hand_overs.items()},
            hand_over=self._hand_over,
        )

    def _lines_of_hand_overs(self) -> dict[str, HandOverLine]:
        """Those of several, by name; of one there is its stage."""
        return {each.name: line_of(self._policy, each.name) for each in self._policy.hand_overs if not each.leaving}

    def _chosen_line(self) -> tuple[str, str | None]:
        """The stage, and the hand-over if the line is one's."""
        policy, line, hand_over = self._policy, self._question.line, self._question.hand_over
        if line is not None and line not in self._ladder[1:]:
            raise UsageError(f"the policy has no line `{line}`", hint=f"one of {', '.join(self._ladder[1:])}")
        if line is not None and hand_over is not None:
            raise UsageError("--line and --hand-over both say where the line is", hint="leave one of them out")
        if line is not None:
            return line, None
        roster = self._connection.roster
        found = line_of(policy, hand_over, to_people=[name for name in self._hand_overs if roster.receivers_of(name)])
        return found.stage, found.name if found.name in self._hand_overs else None

    def _above(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self._hand_over is None:
            return above_line(frame, self._ladder, self._line)
        return frame.filter(self._hand_overs[self._hand_over].above(frame, "standing"))

    def _compiled(self, policy: Policy) -> CompiledPolicy:
        mapping = self._connection.mapping
        for name, fact in policy.all_facts.items():
            mapped = mapping.mapped_facts.get(name)
            if mapped is not None and FACT_DTYPES[mapped.type] != FACT_DTYPES[fact.type]:
                message = f"the policy says that `{name}` is {fact.type}, the mapping that it is {mapped.type}"
                raise UsageError(message, hint="make them agree")
        return compile_policy(
            policy,
            provided_kinds=mapping.provided_kinds,
            mapped_facts=frozenset(mapping.mapped_facts),
            time_zone=self._connection.org.time_zone,
        )

    def _moment(self, compiled: CompiledPolicy, days: int) -> ReplayedMoment:
        frame, left_out = self._replay(compiled, days, "leads decided as of then")
        winners = int(frame["won"].sum())
        if not winners or winners == frame.height:
            told = ", ".join(f"{count} {why}" for why, count in left_out.items() if count) or "none"
            raise UsageError(
                f"{self._connection.name}: {winners} of {frame.height} leads won by `{self._question.outcome.words}` "
                f"at created+{days}: there is nothing to tell apart (left out: {told})",
                hint="look at the outcome, or choose an earlier moment with --at",
            )
        policy = self._policy
        beside = [policy.disqualified.stage] if policy.disqualified else []
        bands = {
            name: sorted(score.bands or {}, key=lambda band: -float((score.bands or {})[band]))
            for name, score in policy.scores.items()
        }
        above = self._above(frame)
        below = frame.join(above.select("lead"), on="lead", how="anti")
        return ReplayedMoment(
            days=days,
            leads=frame.height,
            winners=winners,
            left_out={why: count for why, count in left_out.items() if count},
            stages=stage_groups(frame, [*reversed(self._ladder), *beside]),
            lines=lines(frame, self._ladder),
            scores={name: band_groups(frame, name, bands[name]) for name in policy.scores},
            rankings=(
                ranking("stage", frame, stage_rank(self._ladder)),
                *(ranking(f"score {name}", frame, pl.col(f"score.{name}.low")) for name in policy.scores),
            ),
            missed=tuple(below.filter("won")["lead"].sort()),
            false_alarms=tuple(above.filter(~pl.col("won"))["lead"].sort()),
            suggestion=self._suggestion(days) if self._question.suggest else None,
            hand_overs=tuple(
                line_above(frame, frame.filter(one.above(frame, "standing")), one.stage, name)
                for name, one in self._hand_overs.items()
            ),
        )

    def _suggestion(self, days: int) -> Suggestion:
        features = features_of(self._policy, self._tongue)
        if not features:
            raise UsageError("the policy has no points to weigh anew", hint="add `scores` with rules to it")
        frame, _ = self._replay(self._compiled(probe_of(self._policy, features)), days, "leads taken apart by rules")
        told = self._words(days, "points fitted, and tried on unseen leads")

        def fits(done: int, total: int) -> None:
            self._progress(told, done, total)

        return suggestion(frame, features, self._ladder, self._policy, fits, self._tongue)

    def _words(self, days: int, what: str) -> str:
        return f"{self._connection.name} at created+{days}: {what}"

    def _replay(self, compiled: CompiledPolicy, days: int, what: str) -> tuple[pl.DataFrame, dict[str, int]]:
        """Decisions with `won`, by lead; and how many leads were left out, and why. `what`: for the progress."""
        frames, left_out, seen = [], dict.fromkeys(_WHY, 0), 0
        zone = self._connection.org.time_zone
        source = f"{FACT_PREFIX}{self._question.source}"
        for batch in gathered_to_show(self._connection, self._store, self._as_of, everything=True):
            outcomes = self._outcomes(batch.leads)
            at = moments(batch.leads, days, zone).join(outcomes, on="lead", how="left", maintain_order="left")
            at = at.with_columns(_why_not(self._question, days, self._as_of).alias("why"))
            for why, count in at["why"].drop_nulls().value_counts().iter_rows():
                left_out[why] += count
            at = at.filter(pl.col("why").is_null())
            decided = replay(compiled, batch, at, self._hidden)
            sources = pl.col(source) if source in batch.leads.columns else pl.lit(None, dtype=pl.String).alias(source)
            named = batch.leads.select("lead", sources.cast(pl.String).alias("#source"))
            frames.append(decided.join(at.select("lead", "won"), on="lead").join(named, on="lead"))
            seen += batch.leads.height
            self._progress(self._words(days, what), seen, None)
        if not frames:
            raise UsageError(f"no lead is stored of {self._connection.name}", hint="crmsync run --dry-run reads them")
        return pl.concat(frames).sort("lead"), left_out

    def _outcomes(self, leads: pl.DataFrame) -> pl.DataFrame:
        if self._file is not None:
            return self._file.drop("line")
        found = outcomes_in(leads, self._question.outcome, self._connection.org.time_zone)
        return found.select(pl.col(name).cast(dtype) for name, dtype in OUTCOMES.items())

    def _cautions(self, compiled: CompiledPolicy, found: Sequence[ReplayedMoment]) -> Iterator[str]:
        say, number = self._tongue.say, self._tongue.number
        read = sorted(set(self._hidden) & compiled.needs_facts)
        if read:
            yield say("the policy asks for {facts}, which the replay did not let it see", facts=", ".join(read))
        outcome = self._question.outcome
        if outcome.fact == STAGE and outcome.value in self._policy.stages:
            yield say("`{stage}` is a stage that policies give: to agree with it is no success", stage=outcome.value)
        missed = self._lines - (0 if self._file is None else self._file["line"].n_unique())
        if missed:
            yield say(
                "{shown} of {total} lines in {file} name no stored lead",
                shown=number(missed),
                total=number(self._lines),
                file=outcome.words,
            )
        dated = self._file is not None and self._file["day"].is_not_null().any()
        by_day = outcome.fact and outcome.value is None
        if not dated and not by_day:
            yield say(
                "the day of the outcome is not known: leads that were won or lost before the moment count as well"
            )
        for moment in found:
            high = [one.name for one in moment.rankings if one.auc is not None and one.auc > SUSPICIOUS_AUC]
            if high:
                yield say(
                    "at created+{days} {names} tells winners suspiciously well: look for a fact or an activity that "
                    "knows the outcome, and leave it out with --without",
                    days=moment.days,
                    names=", ".join(high),
                )
        if self._question.suggest and self._question.source not in self._connection.mapping.mapped_facts:
            source = self._question.source
            yield say("`{fact}` is not mapped: the ranking by source alone knows no source", fact=source)


_WHY = tuple(WHY_LEFT_OUT)


def _why_not(question: BacktestQuestion, days: int, as_of: date) -> pl.Expr:
    """Why a lead is left out, one of _WHY; null = it takes part. Columns: `moment, won, day`."""
    outside, no_day, young, unknown, over = _WHY
    created = pl.col("moment") - pl.duration(days=days)
    early = pl.lit(False) if question.created_from is None else created < question.created_from
    late = pl.lit(False) if question.created_to is None else created > question.created_to
    return (
        pl.when(pl.col("moment").is_null())
        .then(pl.lit(no_day))
        .when(early | late)
        .then(pl.lit(outside))
        .when(pl.col("moment") > as_of)
        .then(pl.lit(young))
        .when(pl.col("won").is_null())
        .then(pl.lit(unknown))
        .when(pl.col("day") <= pl.col("moment"))
        .then(pl.lit(over))
    )
