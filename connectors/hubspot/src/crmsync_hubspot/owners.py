"""Owners: the people and queues that contacts can be assigned to."""

from __future__ import annotations

from crmsync.sdk import CrmUnreachable, CrmUser, Currencies, Org
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.lead_pages import pages_of
from crmsync_hubspot.parts import JsonObject, id_in, objects_in, text_in
from crmsync_hubspot.settings import HubSpotSettings


def read_currencies(gateway: Gateway) -> Currencies | None:
    """The account's own currency. Rates of others are the deal settings', which no scope of crmsync's can read."""
    home = text_in(gateway.account().get("companyCurrency"))
    return Currencies(home, {home: 1.0}) if home else None


def read_users(gateway: Gateway) -> tuple[CrmUser, ...]:
    """Active and archived owners. A contact can still carry an archived owner's id."""
    users: dict[str, CrmUser] = {}
    for archived in (False, True):
        for page in gateway.owners(archived=archived):
            for owner in page.results:
                if not id_in(owner.get("id")):
                    continue  # nothing can be assigned to it
                user = _user(owner, active=not archived)
                users.setdefault(user.id, user)
    return tuple(users.values())


def read_org(gateway: Gateway, settings: HubSpotSettings) -> Org:
    """The account. HubSpot tells no name for it; its id is what its users see in every address."""
    account = gateway.account()
    number = id_in(account.get("portalId"))
    zone = text_in(account.get("timeZone"))
    if not number or not zone:
        raise CrmUnreachable(
            "HubSpot's answer on the account tells no id, or a time zone that is none",
            hint="check the connection's `url`, then run again",
        )
    pages = pages_of(account.get("uiDomain"), settings.url, loopback=settings.url.startswith("http://"))
    return Org(id=number, name=f"HubSpot account {number}", time_zone=zone, pages=pages)


def _user(owner: JsonObject, *, active: bool) -> CrmUser:
    """Leads are assigned to an owner's `id`; its `userId` is another number that HubSpot refuses there."""
    names = [name for part in ("firstName", "lastName") if (name := text_in(owner.get(part)).strip())]
    email = text_in(owner.get("email")) or None
    teams = [team for team in objects_in(owner.get("teams")) if text_in(team.get("name"))]
    primary = next((team for team in teams if team.get("primary")), teams[0] if teams else None)
    number = id_in(owner.get("id"))
    return CrmUser(
        id=number,
        name=" ".join(names) or email or f"owner {number}",
        email=email,
        active=active and not owner.get("archived"),
        kind="queue" if owner.get("type") == "QUEUE" else "person",
        team=str(primary["name"]) if primary else None,
        teams=tuple(str(team["name"]) for team in teams),
    )
