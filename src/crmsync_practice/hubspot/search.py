"""Runs a search: counts, pages, and shows the records as the search index knows them.

With an index lag the newest writes are not seen yet: their former state is searched instead (wire notes, 2.4).
"""

# ruff: noqa: S608 - table names come from the type registry, property names are checked, values are bound
from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot import search_sql
from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.search_request import Search, read_search
from crmsync_practice.hubspot.storage import COLUMNS, Record, record_of
from crmsync_practice.hubspot.views import View


def search(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/objects/{type}/search`."""
    kind = portal.types.require(call.params["type"])
    wanted = read_search(call)
    where = search_sql.build(portal, kind, wanted)
    source = _source(portal, kind)
    search_sql.index_for(portal, kind, wanted)
    total, page = _page(portal, kind, wanted, where, source)
    view = View(portal, kind, wanted.properties, scopes=call.scopes)
    payload: dict[str, Any] = {"total": total, "results": [view.show(record) for record in page]}
    following = wanted.offset + wanted.limit
    if following < total and wanted.limit:
        payload["paging"] = {"next": {"after": str(following)}}
    return Answer(200, payload)


def _page(
    portal: Portal, kind: ObjectType, wanted: Search, where: search_sql.Where, source: str
) -> tuple[int, list[Record]]:
    """How many match, and one page of them: by counting and reading in order, or by finding all matches' ids."""
    connection = portal.storage.connection
    by_index = search_sql.streams(kind, wanted)
    order = search_sql.order_by(portal, kind, wanted, by_index=by_index)
    question = (source, where.sql, *where.values, order)
    if by_index:
        counting = f"SELECT count(*) FROM {source} WHERE {where.sql}"
        total = portal.searches.get(question, lambda: int(connection.execute(counting, where.values).fetchone()[0]))
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM {source} WHERE {where.sql} ORDER BY {order} LIMIT ? OFFSET ?",
            [*where.values, wanted.limit, wanted.offset],
        )
        return total, [record_of(row) for row in rows]
    finding = f"SELECT id FROM {source} WHERE {where.sql} ORDER BY {order}"
    ids = portal.searches.get(question, lambda: [row[0] for row in connection.execute(finding, where.values)])
    shown = ids[wanted.offset : wanted.offset + wanted.limit]
    rows = connection.execute(f"SELECT {COLUMNS} FROM {source} WHERE id IN ({','.join('?' * len(shown))})", shown)
    found = {row[0]: record_of(row) for row in rows}
    return len(ids), [found[each] for each in shown]


def _source(portal: Portal, kind: ObjectType) -> str:
    """The table, or what search still believes of it while writes wait to be indexed."""
    connection = portal.storage.connection
    connection.execute("DELETE FROM hubspot_unindexed WHERE visible_at <= ?", (portal.now(),))
    waiting = connection.execute("SELECT 1 FROM hubspot_unindexed WHERE type = ? LIMIT 1", (kind.id,)).fetchone()
    if waiting is None:
        return kind.table
    oldest = f"SELECT min(seq) FROM hubspot_unindexed WHERE type = '{kind.id}' GROUP BY id"
    return (
        f"(SELECT {COLUMNS} FROM {kind.table} WHERE id NOT IN "
        f"(SELECT id FROM hubspot_unindexed WHERE type = '{kind.id}') UNION ALL "
        f"SELECT {COLUMNS} FROM hubspot_unindexed WHERE seq IN ({oldest}) AND props IS NOT NULL)"
    )
