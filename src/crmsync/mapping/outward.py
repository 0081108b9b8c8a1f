"""A decided change → native values to write. Pure; the reverse of `inward`."""

from __future__ import annotations

from collections.abc import Mapping

from crmsync.mapping.schema import CrmMapping, written_values


def writes_for(
    mapping: CrmMapping,
    held: Mapping[str, str | None],
    *,
    stage: tuple[str | None, str | None],
    owner: tuple[str | None, str | None],
) -> dict[str, tuple[str | None, str | None]]:
    """Native field → (before, after) for one lead; fields whose value stays are left out.

    `held`: the native stage fields as read. `stage`, `owner`: (before, after); equal = not written. An owner is
    never written as empty: a lead that crmsync has no owner for keeps what it has.
    """
    writes: dict[str, tuple[str | None, str | None]] = {}
    stage_before, stage_after = stage
    if stage_after is not None and stage_after != stage_before:
        for field, after in written_values(mapping, stage_before, stage_after).items():
            if held.get(field) != after:
                writes[field] = (held.get(field), after)
    owner_before, owner_after = owner
    if owner_after is not None and owner_after != owner_before:
        writes[mapping.owner.field] = (owner_before, owner_after)
    return writes
