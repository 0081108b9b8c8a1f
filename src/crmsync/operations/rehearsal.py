"""The configuration that `crmsync practice serve --config-dir` writes: it works against that practice CRM as it stands.

Mappings are the shipped starters, with a line added for every further attribute of the imported leads.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from crmsync.sdk import shipped_mapping

STANDARD_FIELDS: Mapping[str, Mapping[str, str]] = {
    "salesforce": {"website": "Website", "phone": "Phone"},
    "hubspot": {"website": "website", "phone": "phone"},
}
"""Attributes of the import format that fill a standard field and that the starter mappings do not name."""

ROLES = ("bdr", "ae")


def settings_text(urls: Mapping[str, str]) -> str:
    """crmsync.yaml for the served CRMs. A rehearsal may change everything at once."""
    lines = [
        "# A rehearsal against practice CRMs on this machine. Secrets are in .env.",
        "format: 1",
        "policy: policy.yaml",
        "roster: roster.yaml",
        "store: crmsync.db",
        "connections:",
    ]
    for crm, url in urls.items():
        lines += [f"  {crm}:", f"    connector: {crm}", f"    mapping: mappings/{crm}.yaml", "    options:", f"      url: {url}"]
        if crm == "hubspot":
            lines += ["      calls_per_10_seconds: 10000   # a practice portal: as fast as it answers"]
            lines += ["      searches_per_second: 1000", "      settle_seconds: 0"]
        lines += ["    schedule: {every_minutes: 15}"]
        lines += ["    guards: {changed_share: 1.0}   # a rehearsal may change every lead; with a live CRM use about 0.3"]
    return "\n".join(lines) + "\n"


def policy_text() -> str:
    """policy.yaml: a shipped policy, to be changed at will."""
    return (
        "# Who is qualified. This takes over a shipped policy; whatever you write here replaces that part of it.\n"
        "# The whole language is in docs/reference/policy.md.\n"
        "format: 1\n"
        "name: Rehearsal\n"
        "extends: saas\n"
    )


def roster_text(users: Sequence[Mapping[str, Any]]) -> str:
    """roster.yaml: everybody of the CRM who is a BDR or an AE. Queues and people without such a role stay out."""
    lines = [
        "# Who qualifies leads (bdr) and who receives them (ae). Inactive users of the CRM are skipped by themselves.",
        "format: 1",
    ]
    people = []
    for user in users:
        roles = [role for role in user.get("roles") or () if role in ROLES]
        if user["type"] != "person" or not roles:
            continue
        who = user.get("email") or user["native_ids"]
        person: dict[str, Any] = {"user": who, "role": roles[0] if len(roles) == 1 else roles}
        person |= {key: user[key] for key in ("team", "territories") if user.get(key)}
        if user.get("timezone"):
            person["time_zone"] = user["timezone"]
        people.append(f"  - {json.dumps(person, ensure_ascii=False)}")
    lines += ["people:", *people] if people else ["people: []"]
    return "\n".join(lines) + "\n"


def mapping_text(crm: str, attributes: Mapping[str, str]) -> str:
    """A starter mapping plus the attributes it does not name. `attributes`: name → text, number or boolean."""
    yaml = YAML()
    yaml.width = 120
    yaml.preserve_quotes = True
    mapping = yaml.load(shipped_mapping(crm))
    facts = mapping["facts"]
    for name, kind in sorted(attributes.items()):
        if name not in facts:
            fact = CommentedMap(field=native_name(crm, name), type=kind)
            fact.fa.set_flow_style()
            facts[name] = fact
    text = io.StringIO()
    yaml.dump(mapping, text)
    return text.getvalue()


def native_name(crm: str, attribute: str) -> str:
    """`deal_urgency` → `Deal_Urgency__c` on Salesforce, `deal_urgency` on HubSpot (fixed contracts, import format)."""
    if attribute in STANDARD_FIELDS[crm]:
        return STANDARD_FIELDS[crm][attribute]
    if crm == "hubspot":
        return attribute
    words = [word for word in re.split(r"[^A-Za-z0-9]+", attribute) if word]
    return "_".join(word[:1].upper() + word[1:] for word in words) + "__c"
