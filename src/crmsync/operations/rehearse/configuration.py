"""The configuration that `crmsync practice serve --config-dir` writes, which works as it stands.

Mappings are the installed connectors' starters, with a line added for every further attribute of the imported leads.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence, Set
from copy import deepcopy
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from crmsync.connection import registry
from crmsync.mapping import SHARED_WORDS, plain
from crmsync.settings import GuardSettings

ROLES = ("bdr", "ae")
HAND_OFF = ("bdr", "hand_off_response", "hand_off_return_reason")
"""Attributes that are no facts: the starter's `hand_off` names their fields."""
LEAVE_ALONE = "leave_alone"
"""The attribute that keeps a lead as it is, where it is true."""
_EDITOR_LINE = "# yaml-language-server: $schema=../schemas/mapping.json\n"


def settings_text(urls: Mapping[str, str], hooks: str | None = None, event_bus: str | None = None) -> str:
    """crmsync.yaml for the served CRMs. A rehearsal may change everything at once. `hooks`: where they tell.

    `event_bus`: where Salesforce's change events are listened to.
    """
    lines = [
        "# yaml-language-server: $schema=schemas/settings.json",
        "# A rehearsal against practice CRMs on this machine. Secrets are in .env.",
        "format: 1",
        "policy: policy.yaml",
        "roster: roster.yaml",
        "store: crmsync.db",
        *([f"hooks: {{listen: {urlsplit(hooks).netloc}}}   # CRMs tell of changes here"] if hooks else []),
        "connections:",
    ]
    for crm, url in urls.items():
        lines += [f"  {crm}:", f"    connector: {crm}", f"    mapping: mappings/{crm}.yaml"]
        lines += ["    writes: on   # a practice CRM may be written to; without this line nothing is"]
        lines += ["    options:", f"      url: {url}"]
        if crm == "salesforce" and event_bus:
            lines += ["      change_channel: /data/ChangeEvents", f"      event_bus: {event_bus}"]
        if crm == "hubspot":
            lines += ["      calls_per_10_seconds: 10000   # a practice portal: as fast as it answers"]
            lines += ["      searches_per_second: 1000", "      settle_seconds: 0"]
            lines += ["      submissions_overlap_days: 3650   # a rehearsal may add submissions of any day"]
        lines += ["    schedule: {every_minutes: 15}"]
        default = GuardSettings().changed_share
        lines += [f"    guards: {{changed_share: 1.0}}   # a rehearsal may change all; live, leave it at {default}"]
    return "\n".join(lines) + "\n"


def policy_text() -> str:
    """policy.yaml: a shipped policy, to be changed at will."""
    return (
        "# yaml-language-server: $schema=schemas/policy.json\n"
        "# Who is qualified. This takes over a shipped policy; whatever you write here replaces that part of it.\n"
        "# The whole language: crmsync docs policy\n"
        "format: 1\n"
        "name: Rehearsal\n"
        "extends: saas\n"
    )


def roster_text(users: Sequence[Mapping[str, Any]], native_users: Mapping[str, Mapping[str, str]]) -> str:
    """roster.yaml: everybody of the CRM who is a BDR or an AE. Queues and people without such a role stay out.

    `native_users`: connection → user id of the import → native id, for people without an e-mail of their own.
    """
    lines = [
        "# yaml-language-server: $schema=schemas/roster.json",
        "# Who qualifies leads (bdr) and who receives them (ae). Users who are inactive in the CRM are skipped.",
        "format: 1",
    ]
    people = [user for user in users if user["type"] == "person"]
    shared = _by_email(people)
    entries: list[CommentedMap] = []
    for user in people:
        roles = [role for role in user.get("roles") or () if role in ROLES]
        same = shared.get((user.get("email") or "").lower(), [])
        active = [each for each in same if each.get("active") is not False]
        if not roles or (len(same) > 1 and active and user not in active):
            continue
        only = len(same) == 1 or active == [user]
        ids = {connection: native[user["id"]] for connection, native in native_users.items()}
        entries.append(_person(user, user["email"] if only else ids, roles))
    if not entries:
        return "\n".join([*lines, "people: []"]) + "\n"
    return "\n".join(lines) + "\n" + _written({"people": entries})


def _by_email(people: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """People by e-mail in lower case: where one is active, that is the one whom the e-mail means."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for user in people:
        if user.get("email"):
            found.setdefault(user["email"].lower(), []).append(user)
    return found


def _person(user: Mapping[str, Any], named: str | Mapping[str, str], roles: list[str]) -> CommentedMap:
    """One entry of `people`, in the order in which a person would write it."""
    person = CommentedMap(user=named if isinstance(named, str) else _in_line(CommentedMap(named)))
    person["roles"] = _in_line(CommentedSeq(roles))
    if user.get("team"):
        person["team"] = user["team"]
    if user.get("territories"):
        person["territories"] = _in_line(CommentedSeq(user["territories"]))
    if user.get("timezone"):
        person["time_zone"] = user["timezone"]
    return person


T = TypeVar("T", CommentedMap, CommentedSeq)


def _in_line(value: T) -> T:
    value.fa.set_flow_style()
    return value


def _written(content: object) -> str:
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump(content, text)
    return text.getvalue()


def mapping_text(
    crm: str,
    attributes: Mapping[str, tuple[str, str]],
    fields: Set[str] | None = None,
    words: Mapping[str, Set[str]] | None = None,
    lead_object: str | None = None,
) -> str:
    """The connector's starter mapping fitted to a practice CRM. `attributes`: name → (native field, type); `fields`:
    all fields of a lead there; `words`: `kind` and `outcome` → what the imported activities say. `lead_object`: the
    native object that holds the leads.

    Facts that live in another field than in the starter are moved there, further attributes are added, and facts
    whose field the CRM does not have are unmapped. Imported words that are not of crmsync's own are named.
    """
    mapping = deepcopy(_read(registry.starter_mapping(crm, lead_object)))
    facts = mapping["facts"]
    for name, (field, kind) in sorted(attributes.items()):
        if name == LEAVE_ALONE and kind == "boolean":
            pin = _in_line(CommentedMap(field=field, values=_in_line(CommentedSeq([True]))))
            mapping["lead"].insert(list(mapping["lead"]).index("created_at"), name, pin)
            continue
        if name in HAND_OFF:
            continue
        if name not in facts:
            facts[name] = _in_line(CommentedMap(field=field, type=kind))
        elif facts[name]["field"] != field:
            moved = {key: value for key, value in facts[name].items() if key != "values"}
            _replace(facts, name, _in_line(CommentedMap({**moved, "field": field})))
    for name in list(facts):
        if fields is not None and name not in attributes and facts[name]["field"] not in fields:
            _replace(facts, name, "unmapped")
    for part, known in (("kind", SHARED_WORDS.kinds), ("outcome", SHARED_WORDS.outcomes)):
        _name_words(mapping.get("activities", ()), part, (words or {}).get(part, set()), known)
    text = io.StringIO()
    _mapping_yaml().dump(mapping, text)
    return text.getvalue() if text.getvalue().startswith(_EDITOR_LINE) else _EDITOR_LINE + text.getvalue()


@cache
def _read(starter: str) -> CommentedMap:
    """A starter mapping, comments included. To be copied: it is read once by all that begin after one another."""
    read: CommentedMap = _mapping_yaml().load(starter)
    return read


def _mapping_yaml() -> YAML:
    yaml = YAML()
    yaml.width = 120
    yaml.preserve_quotes = True
    yaml.Representer = _SpelledOut
    return yaml


class _SpelledOut(RoundTripRepresenter):
    """Writes `null` as the starter does, where ruamel would leave the place empty."""

    def represent_none(self, data: None) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_SpelledOut.add_representer(type(None), _SpelledOut.represent_none)


def _name_words(activities: CommentedSeq, part: str, words: Set[str], known: Set[str]) -> None:
    """A rule below each that takes a field as it stands: these words of the field mean themselves."""
    spelt = set(map(plain, known))
    own = {word: word for word in sorted(words) if plain(word) not in spelt}
    for activity in activities if own else ():
        rules = activity[part]
        places = [number for number, rule in enumerate(rules) if isinstance(rule, Mapping) and set(rule) == {"from"}]
        if isinstance(rules, CommentedSeq) and places:
            rules.insert(places[0] + 1, CommentedMap({"from": rules[places[0]]["from"], "values": dict(own)}))


def _replace(facts: CommentedMap, name: str, value: object) -> None:
    """Sets a fact; a comment that spoke of the field that it had goes."""
    facts.ca.items.pop(name, None)
    facts[name] = value
