"""Made orgs (tests/data/orgs) and how well the suggestions for them hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from crmsync.mapping.spelling import plain
from crmsync.operations.init.policy_choice import facts_asked, preset_policy
from crmsync.operations.init.starter import Starter, starter_of
from crmsync.operations.init.vocabulary_files import vocabulary
from crmsync.suggest.engine import suggestions
from crmsync.suggest.shapes import KnownOrg, OrgActivityKind, OrgChoice, OrgField, OrgFieldType, OrgUser, Suggestions

ORGS = Path(__file__).parents[1] / "data/orgs"
SAMPLED = 400
STANDARD: Mapping[str, Sequence[tuple[str, str, OrgFieldType]]] = {
    "salesforce": (
        ("Industry", "Industry", "choice"), ("NumberOfEmployees", "Employees", "number"),
        ("Country", "Country", "text"), ("Title", "Title", "text"), ("AnnualRevenue", "Annual Revenue", "money"),
        ("LeadSource", "Lead Source", "choice"), ("Rating", "Rating", "choice"), ("City", "City", "text"),
        ("Email", "Email", "text"), ("Phone", "Phone", "text"), ("Company", "Company", "text"),
        ("Website", "Website", "text"), ("State", "State/Province", "text"), ("Salutation", "Salutation", "choice"),
        ("Description", "Description", "text"), ("IsConverted", "Converted", "boolean"),
        ("CreatedDate", "Created Date", "datetime"), ("LastActivityDate", "Last Activity", "date"),
        ("DoNotCall", "Do Not Call", "boolean"), ("OwnerId", "Owner ID", "reference"),
    ),
    "hubspot": (
        ("industry", "Industry", "text"), ("numemployees", "Number of Employees", "choice"),
        ("country", "Country/Region", "text"), ("jobtitle", "Job Title", "text"), ("city", "City", "text"),
        ("annualrevenue", "Annual Revenue", "text"), ("hs_analytics_source", "Original Source", "choice"),
        ("email", "Email", "text"), ("company", "Company Name", "text"), ("hs_lead_status", "Lead Status", "choice"),
        ("hs_buying_role", "Buying Role", "choices"), ("job_function", "Job function", "text"),
        ("hs_timezone", "Time Zone", "choice"), ("num_notes", "Number of Sales Activities", "number"),
        ("hubspotscore", "HubSpot Score", "number"), ("createdate", "Create Date", "datetime"),
        ("field_of_study", "Field of study", "text"), ("school", "School", "text"),
    ),
}  # fmt: skip
"""Per CRM fields that every account has: name, label, type. Empty unless the org says otherwise."""
HELD = {
    "Industry": "industry", "NumberOfEmployees": "employees", "Country": "country", "Title": "title",
    "industry": "industry", "numemployees": "employees", "country": "country", "jobtitle": "title",
}  # fmt: skip
"""Standard field → the fact that stands there, if nothing else holds it."""


@dataclass(frozen=True)
class Made:
    """An org with its truth, as the file has it, and what was suggested."""

    name: str
    unseen: bool
    truth: Mapping[str, Any]
    found: Suggestions


@dataclass
class Score:
    """Of one part. `wrong`: every suggestion that is not true; `missed`: what was left out."""

    taken: int = 0
    right: int = 0
    true: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def one(self, where: str, taken: object, true: object) -> None:
        """`taken` null: nothing suggested; `true` null: nothing is there."""
        self.taken += taken is not None
        self.true += true is not None
        if taken is not None and taken == true:
            self.right += 1
        elif taken is not None:
            self.wrong.append(f"{where}: {taken}, truly {true}")
        elif true is not None:
            self.missed.append(f"{where}: {true}")

    @property
    def precision(self) -> float:
        return self.right / self.taken if self.taken else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def made_orgs(name: str = "*") -> Iterator[Made]:
    """Every file, in the order of names, or one."""
    policy = preset_policy("agency")  # has the facts of all presets
    for path in sorted(ORGS.glob(f"{name}.yaml")):
        truth = YAML(typ="safe").load(path)
        starter = starter_of(truth["connector"])
        found = suggestions(
            _org(truth, starter), facts_asked(policy), policy.stages, starter.mapping, ("sql", "sqo"), vocabulary()
        )
        yield Made(path.stem, truth.get("unseen", False), truth, found)


def scores(orgs: Sequence[Made]) -> dict[str, Score]:
    """Per part: facts, options, stages, roles, activities."""
    told = {part: Score() for part in ("facts", "options", "stages", "roles", "activities")}
    for made in orgs:
        true_fields = _true_fields(made.truth)
        own = {each["name"]: each for each in made.truth["fields"]}
        for each in made.found.facts:
            true = true_fields.get(each.fact)
            told["facts"].one(f"{made.name}, {each.fact}", each.taken, true)
            options = own.get(true or "", {}).get("options", {})
            if each.taken == true and options and set(options.values()) != {"x"}:
                _options(made, each.fact, options, each.candidates[0].translations, told["options"])
        stages = {value: stage for stage, values in made.found.stage.values.items() for value in values}  # type: ignore[union-attr]
        for value, stage in made.truth["stages"].items():
            told["stages"].one(f"{made.name}, {value}", stages.get(value), stage)
        roles = {each.user: each.role for each in made.found.roster}
        for title, role in made.truth["users"].items():
            told["roles"].one(f"{made.name}, {title}", roles[title], role)
        _activities(made, told["activities"])
    return told


def _activities(made: Made, score: Score) -> None:
    """A word that the starter knows already is suggested nothing, and not asked."""
    found = {(it.object, it.field, it.value): it.word for it in made.found.activities}
    for each in made.truth.get("activities", ()):
        for value, word in each["words"].items():
            where = f"{made.name}, {each['object']}.{each['field']}, {value}"
            if not _known_to_starter(made, each["object"], each["field"], value):
                score.one(where, found.get((each["object"], each["field"], value)), word)


def _known_to_starter(made: Made, of: str, field_name: str, value: str) -> bool:
    """Whether a rule of the starter names the word already."""
    mapping = starter_of(made.truth["connector"]).mapping
    rules = [rule for it in mapping.activities if it.object == of for rule in (*it.kind, *it.outcome)]
    named = [word for rule in rules if rule.from_ == field_name for word in rule.values or ()]
    named += [word for rule in rules if field_name in rule.when for word in rule.when[field_name].equals or ()]
    return plain(value) in {plain(word) for word in named}


def _options(made: Made, fact: str, true: Mapping[str, Any], found: Mapping[str, str | None], score: Score) -> None:
    """A value that is left unread is suggested nothing; one that says nothing known is `nothing`."""
    for native, word in true.items():
        taken = str(found[native] or "nothing") if native in found else None
        score.one(f"{made.name}, {fact}, {native}", taken, None if word == "unread" else str(word or "nothing"))


def _true_fields(truth: Mapping[str, Any]) -> dict[str, str]:
    own = {each["is"]: each["name"] for each in truth["fields"] if "is" in each}
    return {**{HELD[name]: name for name in truth["filled"] if name in HELD}, **own}


def _org(truth: Mapping[str, Any], starter: Starter) -> KnownOrg:
    fields = [
        OrgField("lead", name, label, kind, filled=truth["filled"].get(name, 0.0), sampled=SAMPLED)
        for name, label, kind in STANDARD[truth["connector"]]
    ]
    for each in truth["fields"]:
        options = () if each["type"] == "boolean" else each.get("options", ())
        choices = tuple(OrgChoice(str(text), str(text)) for text in options)
        fields.append(
            OrgField("lead", each["name"], each["label"], each["type"], choices=choices, filled=each["filled"],
                     sampled=SAMPLED)
        )  # fmt: skip
    stages = tuple(OrgChoice(value, value) for value in truth["stages"])
    fields.append(OrgField("lead", starter.mapping.stage.field, "Stage", "choice", choices=stages, filled=1.0))
    activities = tuple(_activity_kinds(truth))
    users = tuple(OrgUser(title, "somebody", title=title) for title in truth["users"])
    return KnownOrg(truth["connector"], "lead", tuple(fields), users, activities)


def _activity_kinds(truth: Mapping[str, Any]) -> Iterator[OrgActivityKind]:
    """Each object with its fields; a name tells what they are for."""
    told: dict[str, list[OrgField]] = {}
    for each in truth.get("activities", ()):
        choices = tuple(OrgChoice(value, value) for value in each["words"])
        label = each.get("label", each["field"])
        told.setdefault(each["object"], []).append(
            OrgField(each["object"], each["field"], label, "choice", choices=choices, filled=0.6, sampled=SAMPLED)
        )
    for name, fields in told.items():
        yield OrgActivityKind(name, tuple(fields), SAMPLED)
