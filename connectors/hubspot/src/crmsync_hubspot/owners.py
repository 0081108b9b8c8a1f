"""Owners: the people and queues that contacts can be assigned to."""

from __future__ import annotations

from crmsync.sdk import CrmUser, Currencies, Org
from crmsync_hubspot.gateway import Gateway, JsonObject


def read_currencies(gateway: Gateway) -> Currencies | None:
    """The account's own currency. Rates of others are the deal settings', which no scope of crmsync's can read."""
    home = gateway.account().get("companyCurrency")
    return Currencies(str(home), {str(home): 1.0}) if home else None


def read_users(gateway: Gateway) -> tuple[CrmUser, ...]:
    """Active and archived owners. A contact can still carry an archived owner's id."""
    users: dict[str, CrmUser] = {}
    for archived in (False, True):
        for page in gateway.owners(archived=archived):
            for owner in page.results:
                if not owner.get("id"):
                    continue  # nothing can be assigned to it
                user = _user(owner, active=not archived)
                users.setdefault(user.id, user)
    return tuple(users.values())


def read_org(gateway: Gateway) -> Org:
    """The account. HubSpot tells no name for it; its id is what its users see in every address."""
    account = gateway.account()
    number = str(account["portalId"])
    return Org(id=number, name=f"HubSpot account {number}", time_zone=str(account.get("timeZone") or "UTC"))


def _user(owner: JsonObject, *, active: bool) -> CrmUser:
    """Leads are assigned to an owner's `id`; its `userId` is another number that HubSpot refuses there."""
    names = [str(owner[part]).strip() for part in ("firstName", "lastName") if owner.get(part)]
    email = str(owner["email"]) if owner.get("email") else None
    teams = [team for team in owner.get("teams") or [] if isinstance(team, dict) and team.get("name")]
    primary = next((team for team in teams if team.get("primary")), teams[0] if teams else None)
    number = str(owner["id"])
    return CrmUser(
        id=number,
        name=" ".join(names) or email or f"owner {number}",
        email=email,
        active=active and not owner.get("archived"),
        kind="queue" if owner.get("type") == "QUEUE" else "person",
        team=str(primary["name"]) if primary else None,
        teams=tuple(str(team["name"]) for team in teams),
    )
