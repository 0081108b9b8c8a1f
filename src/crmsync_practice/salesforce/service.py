"""What an org serves below `/`: sign-in, rules and resources, put together over its data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.auth import Auth
from crmsync_practice.salesforce.bulk_ingest import BulkIngest
from crmsync_practice.salesforce.bulk_query import BulkQueries
from crmsync_practice.salesforce.collections import Collections
from crmsync_practice.salesforce.composite import Composite
from crmsync_practice.salesforce.deployed import Deployed
from crmsync_practice.salesforce.describe_types import TypeDescriptions
from crmsync_practice.salesforce.gateway import Gateway
from crmsync_practice.salesforce.http import Routes
from crmsync_practice.salesforce.identity import Identities
from crmsync_practice.salesforce.limits import Quota
from crmsync_practice.salesforce.metadata import Deployments
from crmsync_practice.salesforce.query import Queries
from crmsync_practice.salesforce.record_types import RecordTypes
from crmsync_practice.salesforce.replication import Replication
from crmsync_practice.salesforce.resources import add_routes
from crmsync_practice.salesforce.rows import Rows, find_object
from crmsync_practice.salesforce.rules import Rules
from crmsync_practice.salesforce.saving import Saver
from crmsync_practice.salesforce.soap import Soap
from crmsync_practice.salesforce.storage import Store
from crmsync_practice.salesforce.tooling import Tooling


class OrgService:
    """The service of one org. `before_each` runs before each request, `schema_made_at` tells when the schema was last
    changed, `oldest_open` from when the oldest edit is that is not visible yet.
    """

    def __init__(
        self,
        store: Store,
        context: PracticeContext,
        record_types: RecordTypes,
        deployed: Deployed,
        *,
        quota: Quota,
        before_each: Callable[[], None],
        schema_made_at: Callable[[], datetime],
        oldest_open: Callable[[], datetime | None],
    ) -> None:
        self.rules = Rules(store, context, record_types)
        self.auth = Auth(store, context)
        self.routes = Routes()
        self.gateway = Gateway(self.routes, self.auth, quota, before_each)
        saver = Saver(store, context, self.rules)
        queries = Queries(store, context)
        rows = Rows(store, queries, saver, record_types, schema_made_at)
        add_routes(
            self.routes,
            auth=self.auth,
            identities=Identities(store, context),
            soap=Soap(store, context, self.auth, saver),
            queries=queries,
            rows=rows,
            types=TypeDescriptions(record_types, partial(find_object, store.schema)),
            collections=Collections(store.schema, rows, saver),
            composite=Composite(saver, self.gateway.dispatch),
            bulk_queries=BulkQueries(store, queries, context),
            bulk_ingest=BulkIngest(store.schema, store, saver, context),
            replication=Replication(store, context, oldest_open),
            quota=quota,
            deployments=Deployments(store, deployed, lambda: bool(context.switches["may_modify_metadata"])),
            tooling=Tooling(deployed),
            context=context,
        )
