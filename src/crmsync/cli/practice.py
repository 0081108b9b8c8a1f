"""`crmsync practice`: the commands are the practice CRM's own; the configuration it writes is made here.

The practice CRM is an island that knows nothing of crmsync, so what a crmsync configuration looks like is told to it.
"""

from __future__ import annotations

from crmsync_practice.command import practice
from crmsync_practice.configuration import FILES, Builder, Setting
from crmsync_practice.records import Crm

__all__ = ["practice"]


def _settings(setting: Setting, _: Crm | None) -> str:
    from crmsync.operations.rehearse.configuration import settings_text

    return settings_text({str(crm): url for crm, url in setting.urls.items()}, setting.hooks, setting.event_bus)


def _policy(_: Setting, __: Crm | None) -> str:
    from crmsync.operations.rehearse.configuration import policy_text

    return policy_text()


def _roster(setting: Setting, _: Crm | None) -> str:
    from crmsync.operations.rehearse.configuration import roster_text

    return roster_text(setting.users, {str(crm): users for crm, users in setting.native_users.items()})


def _mapping(setting: Setting, crm: Crm | None) -> str:
    from crmsync.operations.rehearse.configuration import mapping_text

    assert crm is not None
    fields, lead_object = setting.lead_fields[crm], setting.lead_objects[crm]
    return mapping_text(crm, setting.attribute_fields[crm], fields, setting.activity_words, lead_object)


def _schema(kind: str) -> Builder:
    def builder(_: Setting, __: Crm | None) -> str:
        from crmsync.operations.files.shipped_schemas import shipped_schema

        return shipped_schema(kind)

    return builder


FILES.update(
    {
        "crmsync.yaml": _settings,
        "policy.yaml": _policy,
        "roster.yaml": _roster,
        "mappings/{connection}.yaml": _mapping,
        **{f"schemas/{kind}.json": _schema(kind) for kind in ("settings", "policy", "roster", "mapping")},
    }
)
