"""How to make what crmsync signs in with, step by step, in Salesforce's own words.

Sources: Salesforce Help, "Create an External Client App", "Configure the Client Credentials Flow for External Client
Apps", "Configure a JWT Bearer Flow for External Client Apps", "Give Integration Users API Only Access".
"""

from __future__ import annotations

from crmsync.sdk import SignInWay

_USER = (
    "Setup → Users → New User: a user of its own for crmsync (licence Salesforce Integration, profile Minimum Access "
    "- API Only Integrations), so that its edits are told apart from people's.",
    "Setup → Permission Sets → New, and assign it to that user: API Enabled, Access Activities, View Setup and "
    "Configuration, View Roles and Role Hierarchy, Transfer Leads; Lead: Read, Edit and View All Records. Field "
    "permissions: edit Lead Status and Lead Owner, read every field that qualifies, and Name of tasks and events. "
    "Where contacts are the leads, the same of Contact, read Account, and Transfer Record.",
)
_APP = (
    "Setup → External Client App Manager → New External Client App: a name such as crmsync, and your e-mail address.",
    "On the same page open API (Enable OAuth Settings) and tick Enable OAuth. Callback URL: "
    "https://login.salesforce.com/services/oauth2/success (it is not used). Scope: Manage user data via APIs (api).",
)

SIGN_IN_WAYS = (
    SignInWay(
        "client_credentials",
        "client credentials: an app with a key and a secret; the usual way",
        (
            *_USER,
            *_APP,
            "Under Flow Enablement tick Enable Client Credentials Flow, then Create.",
            "In the app's Policies → Edit: tick Enable Client Credentials Flow, and enter crmsync's user as Run As.",
            "In the app's Settings → OAuth Settings → Consumer Key and Secret: copy both. New apps need some minutes "
            "until they are accepted.",
        ),
        ("client_id", "client_secret"),
    ),
    SignInWay(
        "jwt",
        "JWT: an app with a certificate; no secret leaves this machine",
        (
            *_USER,
            "On this machine: openssl req -x509 -newkey rsa:2048 -nodes -days 730 -keyout crmsync.key -out "
            "crmsync.crt -subj /CN=crmsync. Keep crmsync.key to yourself; it is never sent.",
            *_APP,
            "Under Flow Enablement tick Enable JWT Bearer Flow, upload crmsync.crt, then Create.",
            "In the app's Policies → Edit: Permitted Users = Admin approved users are pre-authorized, and select the "
            "permission set from above.",
            "In the app's Settings → OAuth Settings → Consumer Key and Secret: copy the consumer key.",
        ),
        ("client_id", "username", "private_key_file"),
    ),
)
