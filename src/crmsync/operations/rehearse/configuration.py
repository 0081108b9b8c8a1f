"""The configuration that `crmsync practice serve --config-dir` writes, which works as it stands.

Mappings are the installed connectors' starters, with a line added for every further attribute of the imported leads.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from crmsync.connection import registry

ROLES = ("bdr", "ae")
HAND_OFF = ("bdr", "hand_off_response", "hand_off_return_reason")
"""Attributes that are no facts: the starter's `hand_off` names their fields."""


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
        lines += [f"  {crm}:", f"    connector: {crm}", f"    mapping: mappings/{crm}.yaml"]
        lines += ["    options:", f"      url: {url}"]
        if crm == "hubspot":
            lines += ["      calls_per_10_seconds: 10000   # a practice portal: as fast as it answers"]
            lines += ["      searches_per_second: 1000", "      settle_seconds: 0"]
            lines += ["      submissions_overlap_days: 3650   # a rehearsal may add submissions of any day"]
        lines += ["    schedule: {every_minutes: 15}"]
        lines += ["    guards: {changed_share: 1.0}   # a rehearsal may change all; live, use about 0.3"]
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


def roster_text(users: Sequence[Mapping[str, Any]], native_users: Mapping[str, Mapping[str, str]]) -> str:
    """roster.yaml: everybody of the CRM who is a BDR or an AE. Queues and people without such a role stay out.

    `native_users`: connection → user id of the import → native id, for people without an e-mail.
    """
    lines = [
        "# Who qualifies leads (bdr) and who receives them (ae). Users who are inactive in the CRM are skipped.",
        "format: 1",
    ]
    people = []
    for user in users:
        roles = [role for role in user.get("roles") or () if role in ROLES]
        if user["type"] != "person" or not roles:
            continue
        ids = {connection: native[user["id"]] for connection, native in native_users.items()}
        person: dict[str, Any] = {"user": user.get("email") or ids, "roles": roles}
        person |= {key: user[key] for key in ("team", "territories") if user.get(key)}
        if user.get("timezone"):
            person["time_zone"] = user["timezone"]
        people.append(f"  - {json.dumps(person, ensure_ascii=False)}")
    lines += ["people:", *people] if people else ["people: []"]
    return "\n".join(lines) + "\n"


def mapping_text(crm: str, attributes: Mapping[str, tuple[str, str]]) -> str:
    """The connector's starter mapping fitted to a practice CRM. `attributes`: name → (native field, type).

    Facts that live in another field than in the starter are moved there; further attributes are added.
    """
    yaml = YAML()
    yaml.width = 120
    yaml.preserve_quotes = True
    mapping = yaml.load(registry.starter_mapping(crm))
    facts = mapping["facts"]
    for name, (field, kind) in sorted(attributes.items()):
        if name in HAND_OFF:
            continue
        if name not in facts:
            facts[name] = CommentedMap(field=field, type=kind)
            facts[name].fa.set_flow_style()
        elif facts[name]["field"] != field:
            facts[name]["field"] = field
            facts[name].pop("values", None)
    text = io.StringIO()
    yaml.dump(mapping, text)
    return text.getvalue()
