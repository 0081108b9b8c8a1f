"""The table of all resources of the Salesforce side."""

from __future__ import annotations

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.auth import Auth
from crmsync_practice.salesforce.bulk import refuse_v1
from crmsync_practice.salesforce.bulk_ingest import BulkIngest
from crmsync_practice.salesforce.bulk_query import BulkQueries
from crmsync_practice.salesforce.collections import Collections
from crmsync_practice.salesforce.composite import Composite
from crmsync_practice.salesforce.describe_types import TypeDescriptions
from crmsync_practice.salesforce.http import Call, Reply, Routes
from crmsync_practice.salesforce.identity import Identities
from crmsync_practice.salesforce.limits import Quota
from crmsync_practice.salesforce.metadata import Deployments
from crmsync_practice.salesforce.org import ORGANIZATION_ID
from crmsync_practice.salesforce.query import Queries
from crmsync_practice.salesforce.replication import Replication
from crmsync_practice.salesforce.rows import Rows
from crmsync_practice.salesforce.soap import Soap
from crmsync_practice.salesforce.tooling import Tooling

FIRST_VERSION, LAST_VERSION = 31, 67
_LABELS = ("Spring", "Summer", "Winter")


def add_routes(
    routes: Routes,
    *,
    auth: Auth,
    identities: Identities,
    soap: Soap,
    queries: Queries,
    rows: Rows,
    types: TypeDescriptions,
    collections: Collections,
    composite: Composite,
    bulk_queries: BulkQueries,
    bulk_ingest: BulkIngest,
    replication: Replication,
    quota: Quota,
    deployments: Deployments,
    tooling: Tooling,
    context: PracticeContext,
) -> None:
    """Adds every resource, the more specific before the general."""

    def resources(call: Call) -> Reply:
        base = call.base
        return Reply(
            content={
                "composite": f"{base}/composite",
                "identity": f"{call.address(context.base_url)}/id/{ORGANIZATION_ID}/{call.user_id}",
                "jobs": f"{base}/jobs",
                "limits": f"{base}/limits",
                "query": f"{base}/query",
                "queryAll": f"{base}/queryAll",
                "sobjects": f"{base}/sobjects",
            }
        )

    _add_signing_in(routes, auth, identities, soap)
    routes.add("GET", "", resources)
    routes.add("GET", "query", queries.query)
    routes.add("GET", "queryAll", queries.query_all)
    routes.add("GET", "query/{locator}", queries.more)
    routes.add("GET", "queryAll/{locator}", queries.more)
    routes.add("GET", "limits", quota.limits)
    routes.add("GET", "recent", _nothing)
    routes.add("GET", "sobjects", rows.describe_global)
    routes.add("GET", "sobjects/{name}/describe", rows.describe)
    routes.add("GET", "sobjects/{name}/describe/layouts", types.layouts)
    routes.add("GET", "sobjects/{name}/describe/layouts/{id}", types.layout)
    routes.add("GET", "ui-api/object-info/{name}/picklist-values/{id}", types.picklists)
    routes.add("GET", "ui-api/object-info/{name}/picklist-values/{id}/{field}", types.picklist)
    _add_records(routes, rows, replication)
    _add_composite(routes, composite, collections)
    routes.add("POST", "metadata/deployRequest", deployments.start)
    routes.add("GET", "metadata/deployRequest/{id}", deployments.state)
    routes.add("GET", "tooling/query", tooling.query)
    _add_bulk(routes, bulk_queries, bulk_ingest)


def _add_signing_in(routes: Routes, auth: Auth, identities: Identities, soap: Soap) -> None:
    routes.add("GET", "/services/data", _versions, root=True, name="versions")
    routes.add("GET POST", "/services/oauth2/token", auth.token, root=True)
    routes.add("GET POST", "/services/oauth2/revoke", auth.revoke, root=True)
    routes.add("POST", "/services/oauth2/introspect", auth.introspect, root=True)
    routes.add("GET POST", "/services/oauth2/userinfo", identities.userinfo, root=True)
    routes.add("GET POST", "/id/{org}/{user}", identities.identity, root=True)
    routes.add("POST", r"/services/Soap/[uc]/(?P<version>\d+\.\d)(?:/\w+)?", soap.call, root=True, name="soap")


def _add_records(routes: Routes, rows: Rows, replication: Replication) -> None:
    routes.add("GET", "sobjects/{name}/updated", replication.updated)
    routes.add("GET", "sobjects/{name}/deleted", replication.deleted)
    routes.add("GET", "sobjects/{name}", rows.brief)
    routes.add("POST", "sobjects/{name}", rows.create)
    routes.add("GET", "sobjects/{name}/{id}", rows.get)
    routes.add("PATCH", "sobjects/{name}/{id}", rows.update)
    routes.add("DELETE", "sobjects/{name}/{id}", rows.delete)
    routes.add("GET", "sobjects/{name}/{field}/{value}", rows.get_by_key)
    routes.add("PATCH", "sobjects/{name}/{field}/{value}", rows.upsert)
    routes.add("DELETE", "sobjects/{name}/{field}/{value}", rows.delete_by_key)


def _add_composite(routes: Routes, composite: Composite, collections: Collections) -> None:
    routes.add("POST", "composite", composite.composite)
    routes.add("POST", "composite/batch", composite.batch)
    routes.add("POST", "composite/sobjects", collections.create)
    routes.add("PATCH", "composite/sobjects", collections.update)
    routes.add("DELETE", "composite/sobjects", collections.delete)
    routes.add("GET POST", "composite/sobjects/{name}", collections.retrieve)
    routes.add("PATCH", "composite/sobjects/{name}/{field}", collections.upsert)


def _add_bulk(routes: Routes, queries: BulkQueries, ingest: BulkIngest) -> None:
    routes.add("POST", "jobs/query", queries.create)
    routes.add("GET", "jobs/query", queries.jobs.list)
    routes.add("GET", "jobs/query/{id}", queries.jobs.status)
    routes.add("PATCH", "jobs/query/{id}", queries.change)
    routes.add("DELETE", "jobs/query/{id}", queries.jobs.delete)
    routes.add("GET", "jobs/query/{id}/results", queries.results)
    routes.add("POST", "jobs/ingest", ingest.create)
    routes.add("GET", "jobs/ingest", ingest.jobs.list)
    routes.add("GET", "jobs/ingest/{id}", ingest.jobs.status)
    routes.add("PATCH", "jobs/ingest/{id}", ingest.change)
    routes.add("DELETE", "jobs/ingest/{id}", ingest.jobs.delete)
    routes.add("PUT", "jobs/ingest/{id}/batches", ingest.upload)
    routes.add("GET", "jobs/ingest/{id}/successfulResults", ingest.successful)
    routes.add("GET", "jobs/ingest/{id}/failedResults", ingest.failed)
    routes.add("GET", "jobs/ingest/{id}/unprocessedrecords", ingest.unprocessed)
    routes.add("GET POST PUT PATCH DELETE", "/services/async/.*", refuse_v1, root=True, name="bulk v1")


def _versions(_: Call) -> Reply:
    """`GET /services/data`: ascending, because clients take the last."""
    return Reply(
        content=[
            {
                "label": f"{_LABELS[number % 3]} '{14 + (number - FIRST_VERSION) // 3}",
                "url": f"/services/data/v{number}.0",
                "version": f"{number}.0",
            }
            for number in range(FIRST_VERSION, LAST_VERSION + 1)
        ]
    )


def _nothing(_: Call) -> Reply:
    return Reply(content=[])
