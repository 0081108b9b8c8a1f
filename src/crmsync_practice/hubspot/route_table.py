"""Every operation of the practice portal: method, path, handler, scope."""

from __future__ import annotations

from crmsync_practice.hubspot import (
    account_routes,
    association_routes,
    association_routes_v3,
    auth,
    batch,
    form_routes,
    list_routes,
    objects,
    pipeline_routes,
    property_routes,
    schema_routes,
    search,
)
from crmsync_practice.hubspot.legacy_routes import legacy_routes
from crmsync_practice.hubspot.paths import Handler, Route, Table

READ, WRITE = "crm.objects.{scope}.read", "crm.objects.{scope}.write"
READ_SCHEMA, WRITE_SCHEMA = "crm.schemas.{scope}.read", "crm.schemas.{scope}.write"


def _route(
    verb: str, handler: Handler, scope: str | None = None, *, writes: bool = False, signed: bool = True
) -> Route:
    method, path = verb.split(" ")
    searches = handler is search.search
    return Route(method, tuple(path.strip("/").split("/")), handler, scope, writes, signed, searches)


def _objects() -> list[Route]:
    base = "/crm/v3/objects/{type}"
    return [
        _route("POST /crm/v3/objects/contacts/gdpr-delete", objects.gdpr_delete, WRITE, writes=True),
        _route("POST /crm/v3/objects/contact/gdpr-delete", objects.gdpr_delete, WRITE, writes=True),
        _route("POST /crm/v3/objects/0-1/gdpr-delete", objects.gdpr_delete, WRITE, writes=True),
        _route(f"GET {base}", objects.list_page, READ),
        _route(f"POST {base}", objects.create, WRITE, writes=True),
        _route(f"POST {base}/search", search.search, READ),
        _route(f"POST {base}/merge", objects.merge, WRITE, writes=True),
        _route(f"POST {base}/batch/read", batch.read, READ),
        _route(f"POST {base}/batch/create", batch.create, WRITE, writes=True),
        _route(f"POST {base}/batch/update", batch.update, WRITE, writes=True),
        _route(f"POST {base}/batch/upsert", batch.upsert, WRITE, writes=True),
        _route(f"POST {base}/batch/archive", batch.archive, WRITE, writes=True),
        _route(f"GET {base}/{{id}}", objects.get, READ),
        _route(f"PATCH {base}/{{id}}", objects.update, WRITE, writes=True),
        _route(f"DELETE {base}/{{id}}", objects.delete, WRITE, writes=True),
    ]


def _associations() -> list[Route]:
    pairs = "/crm/v4/associations/{type}/{to}"
    record = "/crm/v4/objects/{type}/{id}/associations"
    routes = [
        _route(f"POST {pairs}/batch/read", association_routes.batch_read, READ),
        _route(f"POST {pairs}/batch/create", association_routes.batch_create, WRITE, writes=True),
        _route(f"POST {pairs}/batch/associate/default", association_routes.batch_create_default, WRITE, writes=True),
        _route(f"POST {pairs}/batch/archive", association_routes.batch_archive, WRITE, writes=True),
        _route(f"POST {pairs}/batch/labels/archive", association_routes.batch_archive, WRITE, writes=True),
        _route(f"GET {pairs}/labels", association_routes.labels, READ),
        _route(f"PUT {record}/default/{{to}}/{{to_id}}", association_routes.put_default, WRITE, writes=True),
        _route(f"GET {record}/{{to}}", association_routes.list_one, READ),
        _route(f"PUT {record}/{{to}}/{{to_id}}", association_routes.put_labels, WRITE, writes=True),
        _route(f"DELETE {record}/{{to}}/{{to_id}}", association_routes.delete_one, WRITE, writes=True),
    ]
    older = "/crm/v3/associations/{type}/{to}"
    single = "/crm/v3/objects/{type}/{id}/associations/{to}/{to_id}/{name}"
    return [
        *routes,
        _route(f"POST {older}/batch/read", association_routes_v3.batch_read, READ),
        _route(f"POST {older}/batch/create", association_routes_v3.batch_create, WRITE, writes=True),
        _route(f"POST {older}/batch/archive", association_routes.batch_archive, WRITE, writes=True),
        _route(f"PUT {single}", association_routes_v3.put_one, WRITE, writes=True),
        _route(f"DELETE {single}", association_routes_v3.delete_one, WRITE, writes=True),
        _route(f"GET {older}/types", association_routes_v3.list_types, READ),
        _route("GET /crm/v3/objects/{type}/{id}/associations/{to}", association_routes_v3.list_one, READ),
    ]


def _catalogue() -> list[Route]:
    properties = "/crm/v3/properties/{type}"
    pipelines = "/crm/v3/pipelines/{type}"
    return [
        _route(f"GET {properties}", property_routes.list_properties, READ_SCHEMA),
        _route(f"POST {properties}", property_routes.create_property, WRITE_SCHEMA, writes=True),
        _route(f"GET {properties}/groups", property_routes.list_groups, READ_SCHEMA),
        _route(f"POST {properties}/groups", property_routes.create_group, WRITE_SCHEMA, writes=True),
        _route(f"POST {properties}/batch/read", property_routes.read_properties, READ_SCHEMA),
        _route(f"POST {properties}/batch/create", property_routes.create_properties, WRITE_SCHEMA, writes=True),
        _route(f"POST {properties}/batch/archive", property_routes.archive_properties, WRITE_SCHEMA, writes=True),
        _route(f"GET {properties}/groups/{{name}}", property_routes.get_group, READ_SCHEMA),
        _route(f"GET {properties}/{{name}}", property_routes.get_property, READ_SCHEMA),
        _route(f"PATCH {properties}/{{name}}", property_routes.update_property, WRITE_SCHEMA, writes=True),
        _route(f"DELETE {properties}/{{name}}", property_routes.archive_property, WRITE_SCHEMA, writes=True),
        _route(f"GET {pipelines}", pipeline_routes.list_pipelines, READ),
        _route(f"GET {pipelines}/{{id}}", pipeline_routes.get_pipeline, READ),
        _route(f"GET {pipelines}/{{id}}/stages", pipeline_routes.list_pipeline_stages, READ),
        _route(f"GET {pipelines}/{{id}}/stages/{{stage}}", pipeline_routes.get_pipeline_stage, READ),
        _route("GET /crm/v3/schemas", schema_routes.list_schemas, "crm.schemas.custom.read"),
        _route("POST /crm/v3/schemas", schema_routes.create_schema, "crm.schemas.custom.write", writes=True),
        _route("GET /crm/v3/schemas/{type}", schema_routes.get_schema, READ_SCHEMA),
    ]


def _account() -> list[Route]:
    submissions = "/form-integrations/v1/submissions/forms/{guid}"
    return [
        _route("GET /crm/v3/owners", account_routes.list_owners, "crm.objects.owners.read"),
        _route("GET /crm/v3/owners/{id}", account_routes.get_owner, "crm.objects.owners.read"),
        _route("GET /marketing/v3/forms", form_routes.list_forms, "forms"),
        _route("GET /marketing/v3/forms/{id}", form_routes.get_form, "forms"),
        _route(f"GET {submissions}", form_routes.list_submissions, "forms"),
        _route("GET /account-info/v3/details", account_routes.account_details),
        _route("GET /account-info/v3/api-usage/daily/private-apps", account_routes.api_usage),
        _route("GET /account-info/v3/api-usage/daily", account_routes.api_usage),
        _route("POST /oauth/v1/token", auth.token, writes=True, signed=False),
        _route("POST /oauth/v1/token/revoke", auth.revoke, writes=True, signed=False),
        _route("POST /oauth/v1/token/introspect", auth.introspect, signed=False),
        _route("GET /oauth/v1/access-tokens/{token}", auth.access_token_info, signed=False),
        _route("GET /oauth/v1/refresh-tokens/{token}", auth.refresh_token_info, signed=False),
        _route("DELETE /oauth/v1/refresh-tokens/{token}", auth.revoke, writes=True, signed=False),
    ]


def _lists() -> list[Route]:
    base, members = "/crm/v3/lists", "/crm/v3/lists/{id}/memberships"
    read, write = "crm.lists.read", "crm.lists.write"
    return [
        _route(f"POST {base}", list_routes.create_list, write, writes=True),
        _route(f"GET {base}/object-type-id/{{type}}/name/{{name}}", list_routes.list_by_name, read),
        _route(f"GET {base}/{{id}}", list_routes.get_list, read),
        _route(f"GET {members}", list_routes.list_members, read),
        _route(f"PUT {members}/add", list_routes.add_members, write, writes=True),
        _route(f"PUT {members}/remove", list_routes.remove_members, write, writes=True),
    ]


TABLE = Table([*_objects(), *_associations(), *_catalogue(), *_account(), *_lists(), *legacy_routes()])
