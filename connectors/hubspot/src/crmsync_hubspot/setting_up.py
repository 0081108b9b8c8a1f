"""How to make what crmsync signs in with, step by step, in HubSpot's own words.

Sources: HubSpot developer documentation, "Service keys", "Private apps", "Scopes".
"""

from __future__ import annotations

from crmsync.sdk import SignInWay

SCOPES = (
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    "crm.objects.owners.read",
    "sales-email-read",
    "forms",
)
"""What crmsync needs, no more; companies and lists only where a mapping names them."""

LEADS_SCOPES = ("crm.objects.leads.read", "crm.objects.leads.write", "crm.schemas.leads.read")
"""What it needs besides where leads are records of their own."""

SIGN_IN_WAYS = (
    SignInWay(
        "token",
        "a service key or a private app's token",
        (
            "As a super admin: Settings → Integrations → Service Keys → Create service key, named crmsync. (Where "
            "there are none: Private Apps → Create a private app.)",
            f"Scopes: search for and tick exactly these: {', '.join(SCOPES)}. Where facts stand in companies also "
            "crm.objects.companies.read and crm.schemas.companies.read, in open deals crm.objects.deals.read; for "
            "lists crm.lists.read; where the leads are records of the Leads object "
            f"{', '.join(LEADS_SCOPES)}.",
            "Create, then Show key (of a private app: Auth → Show token), and copy it.",
        ),
        ("access_token",),
    ),
    SignInWay(
        "oauth",
        "an OAuth app with a refresh token, for apps in many accounts",
        (
            f"Your developer account's app → Auth: the same scopes ({', '.join(SCOPES)}).",
            "Install the app in the account, and exchange the code that it is given for tokens.",
            "Copy the client id and the client secret from Auth, and the refresh token from the exchange.",
        ),
        ("client_id", "client_secret", "refresh_token"),
    ),
)
