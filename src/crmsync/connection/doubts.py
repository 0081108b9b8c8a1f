"""Everything about a connection that is worth a look and stops nothing. For `check`; runs do not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.connection.opening import Opened
from crmsync.connection.word_doubts import word_doubts
from crmsync.contract import NativeField
from crmsync.errors import Finding
from crmsync.mapping import account_doubts, activity_doubts, lead_doubts


def doubts(opened: Opened, fields: Mapping[str, Mapping[str, NativeField]]) -> Iterator[Finding]:
    """Warnings, each at its place in a file. `fields`: of the other objects' fields, as `fitting` found them."""
    prepared = opened.prepared
    document = prepared.configuration.mapping_document
    yield from lead_doubts(prepared.mapping, prepared.configuration.mapping, prepared.fields, document)
    for index, activity in enumerate(prepared.mapping.activities):
        there = fields.get(activity.object, {})
        yield from activity_doubts(activity, there, prepared.words, document, ("activities", index))
    for index, account in enumerate(prepared.mapping.accounts):
        yield from account_doubts(account, fields.get(account.object, {}), document, ("accounts", index))
    yield from word_doubts(prepared, fields)
