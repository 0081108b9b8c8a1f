"""How much a plan may change before a run stops and asks. A breach is part of the plan. Pure.

After octoDNS's manner: small plans are never stopped by a share, and the refusal names numbers and the way on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmsync.model import GuardReading
from crmsync.values import replace


def writes_off(connection: str, file: str) -> GuardReading:
    """The breach of a run that would write to a connection that is not switched on. `file`: where to do it."""
    return GuardReading(
        name="writes_off",
        value=1.0,
        limit=0.0,
        breached=True,
        way_on=f"when the plan is as you want it: `writes: on` under `connections: {connection}:` in {file}",
        words="this connection is not switched on",
    )


def declined() -> GuardReading:
    """The breach of a run whose first write was not agreed to."""
    return GuardReading(
        name="declined",
        value=1.0,
        limit=0.0,
        breached=True,
        way_on="run again and answer with y; with --yes nobody is asked",
        words="the question before the first write was not answered with yes",
    )


def changed_share(
    changes: Sequence[str], leads: int, *, limit_share: float, floor: int, allowed_changes: int | None
) -> GuardReading:
    """The share of the connection's leads whose stage, owner or hand-off one run may change.

    `changes`: the leads that change; a breach names them. `floor`: fewer than this are always allowed (default 50,
    contracts). `allowed_changes`: what the admin allowed for this run (`--allow-changes N`); it replaces the share.
    """
    count = len(changes)
    share = count / leads if leads else 0.0
    if allowed_changes is not None:
        return GuardReading(
            name="allowed_changes",
            value=count,
            limit=allowed_changes,
            breached=count > allowed_changes,
            words=f"{count:,} leads to change, allowed {allowed_changes:,}",
            leads=tuple(changes) if count > allowed_changes else (),
            advice="look at the plan; to let it through",
            options=f"--allow-changes {count}",
        )
    breached = count >= floor and share > limit_share
    always = min(1.0, round((floor - 1) / leads, 4)) if leads and floor else 0.0
    return GuardReading(
        name="changed_share",
        value=round(share, 4),
        limit=max(limit_share, always),
        breached=breached,
        words=f"{count:,} of {leads:,} leads, limit {floor - 1:,} of so few"
        if always > limit_share
        else _over(round(share, 4), limit_share, "the leads"),
        leads=tuple(changes) if breached else (),
        advice="look at the plan with --dry-run; to let it through once",
        options=f"--allow-changes {count}",
    )


def missing_leads(
    missing: int, known: int, *, limit_share: float, floor: int, allowed_gone: int | None, leads: Sequence[str] = ()
) -> GuardReading | None:
    """A breach when a full reading no longer finds so many of the known leads that it cannot be believed.

    A user who lost access to records gets an answer that looks whole. `floor`: fewer than this may always be gone,
    but never all of them. `allowed_gone`: what the admin allowed for this run (`--allow gone=N`). `leads`: some of
    those that are missing.
    """
    allowed = allowed_gone if allowed_gone is not None else limit_share * known
    few = allowed_gone is None and missing < floor and missing < known
    if few or missing <= allowed:
        return None
    share = round(missing / known, 4)
    return GuardReading(
        name="gone_leads" if allowed_gone is not None else "gone_share",
        value=missing if allowed_gone is not None else share,
        limit=allowed_gone if allowed_gone is not None else limit_share,
        breached=True,
        words=f"{missing:,} known leads were not found, allowed {allowed_gone:,}"
        if allowed_gone is not None
        else _over(share, limit_share, "the known leads were not found"),
        leads=tuple(leads),
        advice=f"{missing:,} of {known:,} leads were not found and are kept: look whether crmsync's user "
        "in the CRM still sees them; if they are gone",
        options=f"--full --allow gone={missing}",
    )


def language_changed(alone: Iterable[str], language: str, *, allowed: int | None) -> GuardReading | None:
    """The breach of a run that would write leads anew for no other reason than that texts have another language now.

    `alone`: leads of which only fields for people are written. `allowed`: how many of them were let through. Null
    where there are none.
    """
    leads, most = tuple(alone), allowed or 0
    count = len(leads)
    if not count:
        return None
    told = "1 lead is" if count == 1 else f"{count:,} leads are"
    return GuardReading(
        name="language",
        value=count,
        limit=most,
        breached=count > most,
        words=f"{told} written for fields for people alone, in {language} now, allowed {most:,}",
        leads=leads,
        advice="look at the new texts in the plan; to have them written",
        options=f"--allow language={count}",
    )


def _over(share: float, limit: float, of: str) -> str:
    """A share beside its limit, with as many digits as tell the two apart."""
    digits = 0 if round(share, 2) > round(limit, 2) else 2
    return f"{share * 100:.{digits}f} % of {of}, limit {limit * 100:g} %"


def nothing_managed(unmanaged: int, leads: int, *, stage_field: str) -> GuardReading | None:
    """A breach when every lead stands in a stage that the mapping does not name: nothing could ever be decided.

    Null where some lead is managed, or none is there.
    """
    if not leads or unmanaged < leads:
        return None
    return GuardReading(
        name="all_unmanaged",
        value=1.0,
        limit=0.9999,
        breached=True,
        way_on=f"name the values that {stage_field} holds under `stage: values:` in the mapping; see check --data",
        words="all leads stand in stages that the mapping does not name",
    )


def with_way_on(readings: Iterable[GuardReading], command: str) -> tuple[GuardReading, ...]:
    """The readings, each with the command that lets the run through all that stopped it and can be let through.

    `command`: without `crmsync` and options of guards, e.g. `run salesforce`.
    """
    told = tuple(readings)
    full = "" if command.startswith("run ") else "--full "  # other commands read everything without being told
    words = [reading.options.removeprefix(full) for reading in told if reading.breached and reading.options]
    once = "--full " if any(word.startswith("--full ") for word in words) else ""
    options = dict.fromkeys(word.removeprefix("--full ") for word in words)
    whole = f"crmsync {command} {once}{' '.join(options)}"
    return tuple(
        replace(reading, way_on=f"{reading.advice}: {whole}" if reading.breached else "")
        if reading.advice
        else reading
        for reading in told
    )
