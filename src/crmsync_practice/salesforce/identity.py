"""Who a token belongs to: the identity URL and OpenID's userinfo (documented keys)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.instants import from_stamp
from crmsync_practice.salesforce.org import ORGANIZATION_ID
from crmsync_practice.salesforce.storage import Store

_LATEST = "67.0"
_SERVICES = {
    "enterprise": "services/Soap/c/{version}/" + ORGANIZATION_ID,
    "metadata": "services/Soap/m/{version}/" + ORGANIZATION_ID,
    "partner": "services/Soap/u/{version}/" + ORGANIZATION_ID,
    "rest": "services/data/v{version}/",
    "sobjects": "services/data/v{version}/sobjects/",
    "search": "services/data/v{version}/search/",
    "query": "services/data/v{version}/query/",
    "recent": "services/data/v{version}/recent/",
    "tooling_rest": "services/data/v{version}/tooling/",
}


class Identities:
    """The resources that tell about a user."""

    def __init__(self, store: Store, context: PracticeContext) -> None:
        self._store = store
        self._context = context

    def identity(self, call: Call) -> Reply:
        """`/id/ORG/USER[?version=latest|N]`."""
        user = self._user(call.parts.get("user") or "", call.user_id)
        return Reply(
            content={
                "id": self._url(user, call),
                "asserted_user": True,
                "username": user.get("Username"),
                "nick_name": user.get("Alias"),
                "display_name": user.get("Name"),
                "first_name": user.get("FirstName"),
                "last_name": user.get("LastName"),
                "timezone": user.get("TimeZoneSidKey"),
                "mobile_phone": user.get("MobilePhone"),
                "status": {"created_date": None, "body": None},
                "last_modified_date": user.get("LastModifiedDate"),
                **self._both(user, call),
            }
        )

    def userinfo(self, call: Call) -> Reply:
        """`/services/oauth2/userinfo`."""
        user = self._user(call.user_id, call.user_id)
        modified = user.get("LastModifiedDate")
        return Reply(
            content={
                "sub": self._url(user, call),
                "preferred_username": user.get("Username"),
                "nickname": user.get("Alias"),
                "name": user.get("Name"),
                "given_name": user.get("FirstName"),
                "family_name": user.get("LastName"),
                "zoneinfo": user.get("TimeZoneSidKey"),
                "profile": f"{call.address(self._context.base_url)}/{user.get('Id', call.user_id)}",
                "updated_at": None if modified is None else from_stamp(modified).isoformat(),
                **self._both(user, call),
            }
        )

    def _both(self, user: dict[str, Any], call: Call) -> dict[str, Any]:
        zone = str(user.get("TimeZoneSidKey") or self._context.timezone)
        now: datetime = self._context.clock.now().astimezone(ZoneInfo(zone))
        offset = now.utcoffset()
        version = call.query.get("version")
        version = {None: "{version}", "latest": _LATEST}.get(version, version)
        base = call.address(self._context.base_url)
        return {
            "user_id": user.get("Id", call.user_id),
            "organization_id": ORGANIZATION_ID,
            "email": user.get("Email"),
            "email_verified": True,
            "active": bool(user.get("IsActive")),
            "user_type": "STANDARD",
            "language": user.get("LanguageLocaleKey") or "en_US",
            "locale": user.get("LocaleSidKey") or "en_US",
            "utcOffset": 0 if offset is None else int(offset.total_seconds() * 1000),
            "is_app_installed": True,
            "photos": {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"},
            "urls": {name: f"{base}/{path}".replace("{version}", str(version)) for name, path in _SERVICES.items()},
        }

    def _user(self, wanted: str, otherwise: str) -> dict[str, Any]:
        users = self._store.schema["User"]
        return self._store.row(users, wanted) or self._store.row(users, otherwise) or {}

    def _url(self, user: dict[str, Any], call: Call) -> str:
        return f"{call.address(self._context.base_url)}/id/{ORGANIZATION_ID}/{user.get('Id')}"
