"""The table of the paths of the first two generations, and of what the portal has none of."""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot import (
    account_routes,
    engagements_v1,
    legacy_account,
    legacy_contacts,
    legacy_lists,
    legacy_sales,
)
from crmsync_practice.hubspot.paths import Handler, Route

_CONTACTS, _WRITE = "crm.objects.contacts.read", "crm.objects.contacts.write"
_READ, _SCHEMA = "crm.objects.{scope}.read", "crm.schemas.{scope}.read"


def _route(verb: str, handler: Handler, scope: str | None = None, *, writes: bool = False) -> Route:
    method, path = verb.split(" ")
    return Route(method, tuple(path.strip("/").split("/")), handler, scope, writes)


def legacy_routes() -> list[Route]:
    """All of them."""
    return [*_contacts(), *_sales(), *_definitions(), *_activities(), *_account(), *_nothing()]


def _contacts() -> list[Route]:
    lists, one = "/contacts/v1/lists", "/contacts/v1/contact"
    return [
        _route(f"GET {lists}/all/contacts/all", legacy_contacts.list_all, _CONTACTS),
        _route(f"GET {lists}/all/contacts/recent", legacy_contacts.list_recent, _CONTACTS),
        _route(f"GET {lists}/recently_updated/contacts/recent", legacy_contacts.list_recent, _CONTACTS),
        _route(f"GET {one}/vid/{{id}}/profile", legacy_contacts.get_by_id, _CONTACTS),
        _route(f"GET {one}/email/{{email}}/profile", legacy_contacts.get_by_email, _CONTACTS),
        _route(f"GET {one}/vids/batch", legacy_contacts.get_batch, _CONTACTS),
        _route(f"GET {one}/emails/batch", legacy_contacts.get_batch, _CONTACTS),
        _route("GET /contacts/v1/search/query", legacy_contacts.search, _CONTACTS),
        _route(f"POST {one}", legacy_contacts.create, _WRITE, writes=True),
        _route(f"POST {one}/vid/{{id}}/profile", legacy_contacts.update, _WRITE, writes=True),
        _route(f"POST {one}/email/{{email}}/profile", legacy_contacts.update, _WRITE, writes=True),
        _route(f"POST {one}/createOrUpdate/email/{{email}}", legacy_contacts.create_or_update, _WRITE, writes=True),
        _route(f"DELETE {one}/vid/{{id}}", legacy_contacts.delete, _WRITE, writes=True),
    ]


def _sales() -> list[Route]:
    routes = []
    for base, scope in (("/companies/v2/companies", "companies"), ("/deals/v1/deal", "deals")):
        read = f"crm.objects.{scope}.read"
        routes += [
            _route(f"GET {base}/paged", legacy_sales.paged, read),
            _route(f"GET {base}/recent/modified", legacy_sales.recent, read),
            _route(f"GET {base}/recent/created", legacy_sales.recent, read),
            _route(f"GET {base}/{{id}}", legacy_sales.get_one, read),
        ]
    return [
        *routes,
        _route("GET /crm-objects/v1/objects/{type}/paged", legacy_sales.objects_paged, _READ),
        _route("GET /crm-objects/v1/objects/{type}/{id}", legacy_sales.object_one, _READ),
        _route("GET /companies/v2/companies/{id}/vids", legacy_sales.contacts_of, "crm.objects.companies.read"),
    ]


def _definitions() -> list[Route]:
    routes = []
    for base, scope in (
        ("/properties/v1/{type}", _SCHEMA),
        ("/properties/v2/{type}", _SCHEMA),
        ("/contacts/v1", "crm.schemas.contacts.read"),
        ("/contacts/v2", "crm.schemas.contacts.read"),
        ("/companies/v2", "crm.schemas.companies.read"),
        ("/deals/v1", "crm.schemas.deals.read"),
    ):
        routes += [
            _route(f"GET {base}/properties", legacy_lists.properties, scope),
            _route(f"GET {base}/properties/named/{{name}}", legacy_lists.one_property, scope),
            _route(f"GET {base}/groups", legacy_lists.groups, scope),
        ]
    return [
        *routes,
        _route("GET /crm-pipelines/v1/pipelines/{type}", legacy_lists.pipelines, _READ),
        _route("GET /deals/v1/pipelines", legacy_lists.deal_pipelines, "crm.objects.deals.read"),
        _route("GET /deals/v1/pipelines/{id}", legacy_lists.deal_pipeline, "crm.objects.deals.read"),
        _route("GET /forms/v2/forms", legacy_lists.forms, "forms"),
    ]


def _activities() -> list[Route]:
    base = "/engagements/v1/engagements"
    return [
        _route(f"GET {base}/modified/after", engagements_v1.modified_after, _CONTACTS),
        _route(f"GET {base}/paged", engagements_v1.paged, _CONTACTS),
        _route(f"GET {base}/recent/modified", engagements_v1.recent, _CONTACTS),
        _route(f"GET {base}/{{id}}", engagements_v1.get_one, _CONTACTS),
        _route(f"GET {base}/associated/{{type}}/{{id}}/paged", engagements_v1.associated, _CONTACTS),
    ]


def _account() -> list[Route]:
    return [
        _route("GET /owners/v2/owners", legacy_account.owners, "crm.objects.owners.read"),
        _route("GET /owners/v2/owners/{id}", legacy_account.owner, "crm.objects.owners.read"),
        _route("GET /settings/v3/users", legacy_account.users, "settings.users.read"),
        _route("GET /settings/v3/users/teams", legacy_account.teams, "settings.users.read"),
        _route("GET /integrations/v1/me", account_routes.integration_details),
        _route("GET /integrations/v1/limit/daily", legacy_account.daily_limit),
    ]


_OFFSET = {"hasMore": False, "offset": ""}
_LISTS = {"lists": [], "has-more": False, "offset": 0}
_EMPTY: dict[str, tuple[str | None, Any]] = {
    "GET /contacts/v1/lists": ("crm.lists.read", _LISTS),
    "GET /contacts/v1/lists/static": ("crm.lists.read", _LISTS),
    "GET /contacts/v1/lists/dynamic": ("crm.lists.read", _LISTS),
    "GET /crm/v3/lists": ("crm.lists.read", {"lists": []}),
    "POST /crm/v3/lists/search": ("crm.lists.read", {"lists": [], "hasMore": False, "offset": 0, "total": 0}),
    "GET /email/public/v1/events": ("content", {"events": [], **_OFFSET}),
    "GET /email/public/v1/campaigns": ("content", {"campaigns": [], **_OFFSET}),
    "GET /email/public/v1/campaigns/by-id": ("content", {"campaigns": [], **_OFFSET}),
    "GET /email/public/v1/subscriptions": ("content", {"subscriptionDefinitions": []}),
    "GET /email/public/v1/subscriptions/timeline": ("content", {"timeline": [], **_OFFSET}),
    "GET /communication-preferences/v3/definitions": ("content", {"subscriptionDefinitions": []}),
    "GET /marketing-emails/v1/emails": ("content", {"objects": [], "limit": 300, "offset": 0, "total": 0}),
    "GET /marketing-emails/v1/emails/with-statistics": (
        "content",
        {"objects": [], "limit": 300, "offset": 0, "total": 0},
    ),
    "GET /marketing/v3/emails": ("content", {"total": 0, "results": []}),
    "GET /marketing/v3/campaigns": ("content", {"total": 0, "results": []}),
    "GET /automation/v3/workflows": ("automation", {"workflows": []}),
    "GET /automation/v2/workflows": ("automation", {"workflows": []}),
    "GET /automation/v4/flows": ("automation", {"results": []}),
    "GET /events/v3/events": (None, {"results": []}),
}


def _nothing() -> list[Route]:
    return [_route(verb, legacy_account.nothing(shape), scope) for verb, (scope, shape) in _EMPTY.items()]
