"""What has changed since the last run in the admin's own files, and so what has to be done again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.languages.known import LANGUAGES
from crmsync.store import Store
from crmsync.values import replace


class ChangedFiles(Struct, frozen=True):
    """What has changed since the last run, and so what has to be done again; `notes` tell it to the reader.

    `language_before`: in which texts were written so far, where it is another one now.
    """

    complete: bool
    everything: bool
    digests: Mapping[str, str]
    notes: tuple[str, ...]
    language_before: str | None = None


def complete_because(changed: ChangedFiles, reason: str) -> ChangedFiles:
    """The same for a run that has to read everything after all."""
    note = f"{reason}: all records are read again"
    return replace(changed, complete=True, everything=True, notes=(*changed.notes, note))


_FIRST_LANGUAGE = "en"
"""Of texts that were written before any language was remembered."""
DAMAGED = "damaged"
"""Stands for the mapping by which everything was pulled, when that can no longer be relied on."""


UNBELIEVED = "unbelieved"
"""Stands there when what was read last is not to be believed: a guard of what was read has stopped the run."""
UNFINISHED = "unfinished"
"""Stands there while everything is read anew, until the guards of what was read have been asked: a run that ends
before has asked none, and what it read may be stored in part.
"""


def changed_files(prepared: Prepared, store: Store, *, full: bool) -> ChangedFiles:
    """Compare policy, roster and mapping with what the store says they were."""
    known = store.runs.digests(prepared.name)
    digests = digests_of(prepared)
    notes = []
    complete = full
    if "pulled" not in known:
        complete = True
        notes.append("first run: all records are read")
    elif known["pulled"] == DAMAGED:
        complete = True
        notes.append("something that was stored is damaged: all records are read again")
    elif known["pulled"] == UNBELIEVED:
        complete = True
        notes.append("a guard has stopped the last run for what it read: all records are read again")
    elif known["pulled"] == UNFINISHED:
        complete = True
        notes.append("a run has ended before what it read was looked at: all records are read again")
    elif known["pulled"] != digests["mapping"]:
        complete = True
        notes.append(f"{_what_maps(known.get('pulled_file'), digests)} changed: all records are read again")
    elif known.get("pulled_rates", "") != digests["rates"]:
        complete = True
        notes.append("the CRM's currencies or their rates have changed: all records are read again")
    elif full:
        notes.append("full run: all records are read again")
    everything = complete or "policy" not in known
    for what in ("policy", "roster", "mapping"):
        if what in known and known[what] != digests[what]:
            everything = True
            again = "" if complete else ", from what is stored; nothing is read again for it"
            subject = _what_maps(known.get("mapping_file"), digests) if what == "mapping" else f"the {what} has"
            notes.append(f"{subject} changed: every lead is decided anew{again}")
    before = known.get("language", _FIRST_LANGUAGE) if "policy" in known else digests["language"]
    if before == digests["language"]:
        return ChangedFiles(complete, everything, digests, tuple(notes))
    notes.append(
        f"the language has changed from {_name(before)} to {_name(digests['language'])}: every lead is looked at; "
        "texts for people are written in it"
    )
    return ChangedFiles(complete, True, digests, tuple(notes), before)


def _what_maps(file_before: str | None, digests: Mapping[str, str]) -> str:
    """Whose change it is: the admin's file, or what the CRM says of its account."""
    same = file_before == digests["mapping_file"]
    return "the CRM's fields or its time zone have" if same else "the mapping has"


def _name(language: str) -> str:
    return next((name for code, name in LANGUAGES.items() if code == language), language)


def digests_of(prepared: Prepared) -> dict[str, str]:
    """What policy, roster, mapping, the currencies' rates and the language are now; `mapping_file`: of the mapping
    the admin's own part.
    """
    return {
        "policy": prepared.compiled.digest,
        "roster": prepared.roster.digest,
        "mapping": _mapping_digest(prepared),
        "mapping_file": _digest(prepared.mapping.model_dump_json()),
        "rates": prepared.native_types.rates_digest,
        "language": prepared.configuration.language,
    }


def left_to_the_next_run(changed: ChangedFiles) -> ChangedFiles:
    """The same for a run that decides no stage: what follows from changed files stays to be done."""
    notes = list(changed.notes) if changed.complete else []
    if changed.everything:
        notes.append("what changed files mean for stages and other people's leads is left to the next run")
    return replace(changed, everything=False, notes=tuple(notes))


def _mapping_digest(prepared: Prepared) -> str:
    """The mapping as resolved, the zone, what the CRM's fields are, and which words of activities are known: they
    decide what is stored, and what fits into the fields that crmsync fills.
    """
    content = prepared.mapping.model_dump_json() + prepared.org.time_zone
    content += prepared.native_types.digest + prepared.words.digest
    content += "".join(repr(each.native) for each in prepared.filled)
    return _digest(content)


def _digest(content: str) -> str:
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
