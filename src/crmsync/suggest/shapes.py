"""What suggesting is given, an `Org`, and what it gives, `Suggestions`: values only, in the CRM's own words.

Nothing here names a person beyond what the admin who is asked sees on the CRM's own screens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Literal

from crmsync.model import FactType

OrgFieldType = Literal[
    "text", "choice", "choices", "number", "money", "boolean", "date", "datetime", "reference", "unknown"
]
"""What a field holds, in words for every CRM."""


@dataclass(frozen=True, slots=True)
class OrgChoice:
    """One option of a choice field. `count`: records of the sample that hold it; null = not counted."""

    value: str
    label: str
    count: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class OrgField:
    """A field of one object as the signed-in user sees it.

    `filled`: share 0 … 1 of `sampled` records that hold something, null where they could not be read. `values`: the
    most frequent ones with their counts. `of_system`: the CRM's own field rather than one that this account added.
    `open_choices`: other values than the listed ones may stand there.
    """

    object: str
    name: str
    label: str
    type: OrgFieldType
    writable: bool = True
    choices: tuple[OrgChoice, ...] = ()
    filled: float | None = None
    sampled: int = 0
    values: tuple[tuple[str, int], ...] = ()
    of_system: bool = False
    open_choices: bool = False
    calculated: bool = False
    currency_field: str | None = None


@dataclass(frozen=True, slots=True)
class OrgUser:
    """Somebody who can own leads. `owns_leads`: how many of the sampled ones; `teams`: department and teams.

    `owns_by_stage`: native value of the stage field → how many of them stand there.
    """

    id: str
    name: str
    type: Literal["person", "queue"] = "person"
    active: bool = True
    email: str | None = None
    title: str | None = None
    role: str | None = None
    profile: str | None = None
    teams: tuple[str, ...] = ()
    owns_leads: int = 0
    owns_by_stage: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OrgActivityKind:
    """An object that holds activities, with the fields that tell their kind and outcome, values counted."""

    object: str
    fields: tuple[OrgField, ...] = ()
    records: int = 0


@dataclass(frozen=True, slots=True)
class KnownOrg:
    """All that is known of a CRM account. `fields`: of the leads' object, `lead_object`.

    `currency`: the account's own, by its code; null = not told. `languages`: in which its labels may be, by their
    two letters; empty = not told. `notes`: what the signed-in user may not read, in words.
    """

    connector: str
    lead_object: str
    fields: tuple[OrgField, ...]
    users: tuple[OrgUser, ...] = ()
    activities: tuple[OrgActivityKind, ...] = ()
    currency: str | None = None
    languages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedFact:
    """A fact that a policy asks for. `values`: the words that it knows, of a choice; `label`: what people call it.

    `question`: how the policy would ask a lead for it; empty where it does not.
    """

    name: str
    type: FactType
    label: str = ""
    values: tuple[str, ...] = ()
    unit: str | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class FieldCandidate:
    """A field that may hold a fact. `confidence` 0 … 1; `why`: one sentence.

    `translations`: native value → the policy's; null = says nothing known. `unread`: values that nothing fits.
    """

    field: str
    confidence: float
    why: str
    translations: Mapping[str, str | None] = with_default(default_factory=dict)
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactSuggestion:
    """The best field first. `taken`: the one that is right without asking; null = nobody knows, so `unmapped`."""

    fact: str
    type: FactType
    candidates: tuple[FieldCandidate, ...] = ()
    taken: str | None = None


@dataclass(frozen=True, slots=True)
class StageSuggestion:
    """The field that holds stages; stage of the policy → its native values, the one that is written first.

    A stage that is not in `values` has no fitting value. `unmanaged`: values that are no stage and are left alone.
    """

    field: str
    values: Mapping[str, tuple[str, ...]]
    unmanaged: tuple[str, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class RecordRule:
    """Records of `object` whose `field` holds `value` (null = all records) are of this kind or outcome."""

    object: str
    part: Literal["kind", "outcome", "direction"]
    word: str
    field: str | None = None
    value: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class PersonSuggestion:
    """A role for a user: `bdr`, `ae`, `manager`, or null = none known."""

    user: str
    role: str | None
    confidence: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All that was found for one account and one policy."""

    facts: tuple[FactSuggestion, ...] = ()
    stage: StageSuggestion | None = None
    activities: tuple[RecordRule, ...] = ()
    roster: tuple[PersonSuggestion, ...] = ()
