"""From a mapping file to a `CrmMapping`, with the contradictions that a look at each field cannot see. Pure."""

from __future__ import annotations

from crmsync.configuration import Document, did_you_mean, validated
from crmsync.errors import ConfigurationError, Finding
from crmsync.mapping.choices import untyped_findings
from crmsync.mapping.outcome import AMOUNTS, DAYS
from crmsync.mapping.schema import CrmMapping, stage_of, written_values


def mapping_from(document: Document) -> CrmMapping:
    """A checked mapping. Raises `ConfigurationError` naming every place that is wrong."""
    mapping = validated(CrmMapping, document)
    findings = [
        *_stages_confused(mapping, document),
        *_objects_twice(mapping, document),
        *_accounts_read_already(mapping, document),
        *_facts_of_accounts(mapping, document),
        *_hand_off_beside(mapping, document),
        *_outcome_unmapped(mapping, document),
        *_written_beside(mapping, document),
        *untyped_findings(mapping, document),
    ]
    if findings:
        raise ConfigurationError(findings)
    return mapping


def _stages_confused(mapping: CrmMapping, document: Document) -> list[Finding]:
    """Every move between two stages must read back as the stage that was written."""
    stages = mapping.stage.values
    findings = []
    for before, old in stages.items():
        for after in stages:
            if before == after:
                continue
            held = {field: values[0] for field, values in old.set.items()} | written_values(mapping, before, after)
            seen = stage_of(mapping, held)
            if seen != after:
                findings.append(
                    document.finding(
                        ("stage", "values", after),
                        f"a lead going from `{before}` to `{after}` would still read as `{seen}`",
                        f"say what to write on leaving `{before}`: `leaving: {{<field>: <value or null>}}`",
                        at_key=True,
                    )
                )
                break
    return findings


def _objects_twice(mapping: CrmMapping, document: Document) -> list[Finding]:
    seen: dict[str, int] = {}
    findings = []
    for index, activity in enumerate(mapping.activities):
        if activity.object in seen:
            findings.append(document.finding(("activities", index, "object"), f"`{activity.object}` stands twice"))
        seen[activity.object] = index
    return findings


def _accounts_read_already(mapping: CrmMapping, document: Document) -> list[Finding]:
    """An object is read for one purpose: what changed since the last time is told only once."""
    read = {
        **{activity.object: "holds activities" for activity in mapping.activities},
        mapping.lead.object: "holds the leads, whose owners count anyway",
    }
    return [
        document.finding(
            ("accounts", index, "object"),
            f"`{account.object}` {read[account.object]}",
            "name the object of accounts, customers or opportunities here",
        )
        for index, account in enumerate(mapping.accounts)
        if account.object in read
    ]


def _facts_of_accounts(mapping: CrmMapping, document: Document) -> list[Finding]:
    """What a record tells is compared with the same fact of a lead, as words."""
    words = {name for name, fact in mapping.mapped_facts.items() if fact.type in ("text", "choice")}
    return [
        document.finding(
            ("accounts", index, "facts", name),
            f"leads have no fact `{name}` of type text or choice here",
            did_you_mean(name, words),
            at_key=True,
        )
        for index, account in enumerate(mapping.accounts)
        for name in account.facts
        if name not in words
    ]


def _hand_off_beside(mapping: CrmMapping, document: Document) -> list[Finding]:
    """A hand-off's fields are its own: one that told stage or owner, too, would be written for two reasons."""
    taken = {mapping.owner.field, *mapping.stage.fields}
    named = [
        ((*place, key), name)
        for place, part in mapping.hand_off_parts
        for key, name in (("bdr", part.bdr), ("response", part.response and part.response.field))
    ]
    return [
        document.finding(place, f"`{name}` tells the lead's stage or owner already", "name another field")
        for place, name in named
        if name in taken
    ]


def _outcome_unmapped(mapping: CrmMapping, document: Document) -> list[Finding]:
    """What became of a lead is told by facts of this mapping, of a kind that tells it."""
    outcome, facts = mapping.outcome, mapping.fact_types
    named = [] if outcome is None else [("won_on", outcome.won_on, DAYS), ("amount", outcome.amount, AMOUNTS)]
    return [
        document.finding(
            ("outcome", key),
            f"there is no fact `{fact}` of type {' or '.join(types)} here",
            did_you_mean(fact, [name for name, kind in facts.items() if kind in types])
            or f"add it to `facts`: {{field: …, type: {types[0]}}}",
        )
        for key, fact, types in named
        if fact is not None and facts.get(fact) not in types
    ]


def _written_beside(mapping: CrmMapping, document: Document) -> list[Finding]:
    """A field that crmsync fills is no evidence and written for nothing else: it would decide by its own words."""
    lead = mapping.lead
    uses = {
        **{
            name: f"is read as the fact `{fact}`"
            for fact, each in mapping.mapped_facts.items()
            for name in each.field
        },
        **dict.fromkeys(mapping.hand_off_fields, "belongs to the hand-off"),
        **dict.fromkeys((lead.email, lead.created_at, *lead.name, lead.company or lead.email), "names the lead"),
        **dict.fromkeys(mapping.stage.fields, "tells the lead's stage"),
        mapping.owner.field: "tells the lead's owner",
    }
    return [
        document.finding(
            ("write", *written.place),
            f"`{written.field}` {uses[written.field]} already",
            "name a field here that crmsync alone fills",
        )
        for written in (mapping.write.written if mapping.write else ())
        if written.field in uses
    ]
