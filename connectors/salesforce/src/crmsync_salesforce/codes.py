"""Salesforce's documented codes, and what each means for a run. `errors` and `saving` decide by these tables.

Sources: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "Core Data Types
Used in API Calls" (StatusCode); Salesforce Platform API Versions Retirement; Apex Developer Guide, "Execution
Governors and Limits". The HTTP status only advises where there is a code.
"""

from __future__ import annotations

from crmsync.sdk import Meaning

_STATUS_PAGE = "check `url` of the connection and https://status.salesforce.com"
_API_ENABLED = "give the user the permission API Enabled; the org's edition must include the API"
_OBJECT_ACCESS = "give the user that crmsync signs in as access to this object in a permission set"
_FIELD = "mend the name in the mapping, or give the user Read access to the field (field-level security)"
_VERSION = "write a newer `api_version` into the connection's options, or take it out"
_REPORT = "run again; if it comes back, report it with this message"
_WAIT = "wait until calls are free again (they return hour by hour), or ask Salesforce for more"

_LIMIT_WHY = "the org's own code or flows reached a limit of one call"
_LIMIT_HINT = (
    "the org's triggers or flows reach a limit even with one record: ask the org's developers to make them do less"
)
_LIMITS = (
    "LimitException",
    "Too many SOQL queries",
    "Too many query rows",
    "Too many query locator rows",
    "Too many SOSL queries",
    "Too many DML statements",
    "Too many DML rows",
    "CPU time limit exceeded",
    "heap size too large",
    "Too many callouts",
    "Too many future calls",
    "Too many Email Invocations",
    "Too many queueable jobs",
    "Too many mobile push",
    "Too many record type describes",
    "Maximum stack depth",
    "Regex too complicated",
    "Exceeded maximum time allotted",
    "Number of iterations exceeded",
    "Apex governor limit",
    "flow limit",
)
LIMITS = tuple(
    Meaning(code, "split", _LIMIT_WHY, _LIMIT_HINT, says=_LIMITS)
    for code in (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "UNKNOWN_EXCEPTION",
        "APEX_ERROR",
    )
)

CALLS = (
    *LIMITS,
    Meaning("INVALID_SESSION_ID", "signed in again", "the session has ended"),
    Meaning("HTTP 401", "signed in again", "the session has ended"),
    Meaning("REQUEST_LIMIT_EXCEEDED", "stopped", "the calls of 24 hours are used up", _WAIT, says=("TotalRequests",)),
    Meaning("REQUEST_LIMIT_EXCEEDED", "tried again", "too many calls at once", _STATUS_PAGE),
    Meaning("SERVER_UNAVAILABLE", "tried again", "Salesforce is overloaded", _STATUS_PAGE),
    Meaning("UNABLE_TO_LOCK_ROW", "tried again", "somebody else holds a record", _STATUS_PAGE),
    Meaning("QUERY_TIMEOUT", "tried again", "the query took too long", _STATUS_PAGE),
    Meaning("REQUEST_RUNNING_TOO_LONG", "tried again", "the call took too long", _STATUS_PAGE),
    Meaning("EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", "stopped", "a query of crmsync is too large", _REPORT),
    Meaning("UNKNOWN_EXCEPTION", "looked up", "Salesforce failed, perhaps after the work was done", _STATUS_PAGE),
    Meaning("APEX_ERROR", "split", "the org's own code failed on the whole call", "ask the org's developers"),
    Meaning("JSON_PARSER_ERROR", "split", "a value that Salesforce cannot take in"),
    Meaning("EXCEEDED_ID_LIMIT", "split", "too many records in a call"),
    Meaning("EXCEEDED_MAX_SIZE_REQUEST", "split", "the call is too large"),
    Meaning("MALFORMED_ID", "split", "an id that is none, or of another object"),
    Meaning("INVALID_CROSS_REFERENCE_KEY", "split", "an id of something that is not there"),
    Meaning("INVALID_ID_FIELD", "split", "an id that is none"),
    Meaning("INVALID_QUERY_LOCATOR", "read anew", "the place in a long result is forgotten; read on by id"),
    Meaning("INVALID_REPLICATION_DATE", "left out", "no watermark for this time; the answers' clock serves"),
    Meaning("API_DISABLED_FOR_ORG", "stopped", "the org has no API", _API_ENABLED),
    Meaning("API_CURRENTLY_DISABLED", "stopped", "the API is switched off for this user or org", _API_ENABLED),
    *(
        Meaning(code, "stopped", "the user may not do this", _OBJECT_ACCESS)
        for code in ("INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY")
    ),
    Meaning("INVALID_TYPE", "stopped", "no such object for this user", _OBJECT_ACCESS),
    Meaning("INVALID_FIELD", "stopped", "no such field for this user", _FIELD),
    Meaning(
        "NOT_FOUND",
        "stopped",
        "there is nothing at this address",
        "check `url` and `api_version` of the connection, and the names in the mapping",
    ),
    Meaning(
        "OPERATION_TOO_LARGE",
        "stopped",
        "too much to sift by what the user may see",
        "give the user that crmsync signs in as the permission View All Data",
    ),
    Meaning("MALFORMED_QUERY", "stopped", "a query of crmsync is wrong", _REPORT),
    Meaning("METHOD_NOT_ALLOWED", "stopped", "the address takes no such call", _VERSION),
    Meaning(
        "FUNCTIONALITY_NOT_ENABLED",
        "stopped",
        "the org has a feature switched off",
        "switch the feature on in Setup, or take what needs it out of the mapping",
    ),
    Meaning(
        "TXN_SECURITY_METERING_ERROR",
        "stopped",
        "a transaction security policy of the org forbids it",
        "let the org's security admin except this user from the policy",
    ),
    Meaning(
        "STORAGE_LIMIT_EXCEEDED", "stopped", "the org's data storage is full", "free storage in Setup → Storage Usage"
    ),
    Meaning("ORG_LOCKED", "stopped", "the org is locked", "ask Salesforce, or the org's admin"),
    *(
        Meaning(code, "stopped", "this API version has been retired", _VERSION)
        for code in ("GONE", "UNSUPPORTED_API_VERSION", "HTTP 410")
    ),
    Meaning(
        "HTTP 404",
        "stopped",
        "no such address",
        "check `url` and `api_version` of the connection: this org knows no such address",
    ),
    Meaning(
        "HTTP 407",
        "stopped",
        "the proxy wants a sign-in of its own",
        "check HTTPS_PROXY in the environment, and the proxy's own sign-in",
    ),
    Meaning("HTTP 413", "split", "the call is too large"),
    Meaning("HTTP 414", "stopped", "the address is too long", "take fields out of the mapping that nothing uses"),
    Meaning("HTTP 431", "stopped", "address and headers are too long", "take fields out of the mapping"),
    # 406 and 420 come without a body from the edge while an org moves or wakes up.
    Meaning("HTTP 406", "tried again", "the org is moving or waking up", _STATUS_PAGE),
    Meaning("HTTP 408", "tried again", "the call came too slowly", _STATUS_PAGE),
    Meaning("HTTP 420", "tried again", "the edge does not know the way yet", _STATUS_PAGE),
    Meaning("HTTP 429", "tried again", "too many calls", _STATUS_PAGE),
    Meaning("HTTP 503", "tried again", "Salesforce is overloaded or under maintenance", _STATUS_PAGE),
)

RECORDS = (
    *LIMITS,
    Meaning("LIMIT_EXCEEDED", "split", _LIMIT_WHY, _LIMIT_HINT),
    Meaning("TOO_MANY_ENUM_VALUE", "set aside", "more choices than the field takes"),
    Meaning("UNABLE_TO_LOCK_ROW", "tried again", "somebody else holds the record"),
    Meaning("REQUEST_RUNNING_TOO_LONG", "tried again", "the call took too long"),
    Meaning("SERVER_UNAVAILABLE", "tried again", "Salesforce is overloaded"),
    Meaning("ENTITY_IS_DELETED", "gone", "the record was deleted or merged"),
    Meaning("CANNOT_UPDATE_CONVERTED_LEAD", "gone", "the lead was converted"),
    Meaning(
        "DUPLICATES_DETECTED",
        "set aside",
        "a duplicate rule of the org holds the change back",
        "a duplicate rule holds the change back: merge the records, or let crmsync save where the rule only alerts "
        "(`allow_duplicates: true` in the connection's options)",
    ),
    Meaning("DUPLICATE_VALUE", "set aside", "a unique field has this value already"),
    Meaning("FIELD_CUSTOM_VALIDATION_EXCEPTION", "set aside", "a validation rule of the org refuses the record"),
    Meaning("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "set aside", "the org's own code refuses the record"),
    Meaning("CANNOT_EXECUTE_FLOW_TRIGGER", "set aside", "a flow of the org fails on the record"),
    Meaning("REQUIRED_FIELD_MISSING", "set aside", "a field that the org requires is empty"),
    Meaning("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "set aside", "the picklist has no such value"),
    Meaning("INACTIVE_OWNER_OR_USER", "set aside", "the new owner is no longer active"),
    Meaning("INVALID_CROSS_REFERENCE_KEY", "set aside", "the new owner is not there, or may own no such record"),
    Meaning(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "set aside", "no access to a record that this one names"
    ),
    Meaning("INSUFFICIENT_ACCESS_OR_READONLY", "set aside", "no access to this record"),
    Meaning("TRANSFER_REQUIRES_READ", "set aside", "the new owner may not read such records"),
    Meaning("ENTITY_IS_LOCKED", "set aside", "the record is locked by an approval"),
    Meaning("FIELD_INTEGRITY_EXCEPTION", "set aside", "the values do not fit together"),
    Meaning("FIELD_FILTER_VALIDATION_EXCEPTION", "set aside", "a lookup filter refuses the value"),
    Meaning("INVALID_FIELD_FOR_INSERT_UPDATE", "set aside", "the field cannot be set on this record"),
    Meaning("INVALID_TYPE_ON_FIELD_IN_RECORD", "set aside", "a value of another type than the field's"),
    Meaning("NUMBER_OUTSIDE_VALID_RANGE", "set aside", "a number that the field does not take"),
    Meaning("STRING_TOO_LONG", "set aside", "a text that is longer than the field"),
    Meaning("INVALID_EMAIL_ADDRESS", "set aside", "a text that is no e-mail address"),
    Meaning("STORAGE_LIMIT_EXCEEDED", "set aside", "the org's data storage is full", "free storage in Setup"),
    Meaning("ALL_OR_NONE_OPERATION_ROLLED_BACK", "set aside", "another record of the call failed"),
)

_CREDENTIALS = (
    "check the connection's credentials in the environment or `.env`, and the app's policies in Salesforce Setup"
)
_APPROVE = "let an admin approve the app for the user that crmsync works as (permission set, pre-authorized)"

SIGN_IN = (
    Meaning("rate_limit_exceeded", "tried again", "too many sign-ins", _STATUS_PAGE),
    Meaning(
        "invalid_client_id",
        "stopped",
        "no app has this client_id",
        "check client_id: no app of this org has it (a new app is known after some ten minutes)",
    ),
    Meaning(
        "invalid_client",
        "stopped",
        "the app is not this one",
        "check client_id and client_secret: the secret is not the app's, or was replaced",
    ),
    Meaning("inactive_user", "stopped", "the user was deactivated", "activate the user, or name another one"),
    Meaning("inactive_org", "stopped", "the org was closed", "check `url`: this org is locked, suspended or closed"),
    Meaning(
        "unsupported_grant_type",
        "stopped",
        "the app takes no such sign-in",
        "allow this flow in the app's OAuth settings in Salesforce Setup",
    ),
    Meaning("invalid_app_access", "stopped", "the user may not use the app", _APPROVE),
    Meaning("invalid_scope", "stopped", "the app lacks a scope", "give the app the scope `api`"),
    Meaning(
        "invalid_grant", "stopped", "the app was not approved", _APPROVE, says=("hasn't approved", "not approved")
    ),
    Meaning(
        "invalid_grant",
        "stopped",
        "the address may not sign in",
        "let this machine's address into the login IP ranges of the user's profile, or relax them for the app",
        says=("ip restricted", "ip_restricted"),
    ),
    Meaning(
        "invalid_grant",
        "stopped",
        "the hour is not one to sign in at",
        "widen the login hours of the user's profile",
        says=("login hours", "hours restricted"),
    ),
    Meaning(
        "invalid_grant",
        "stopped",
        "the JWT is meant for another host",
        "set `audience` to https://login.salesforce.com, or https://test.salesforce.com for a sandbox",
        says=("audience is invalid",),
    ),
    Meaning(
        "invalid_grant",
        "stopped",
        "the JWT's time is over, or not yet come",
        "set this machine's clock right: a JWT is worth something for minutes",
        says=("expired authorization code",),
    ),
    Meaning(
        "app_not_found",
        "stopped",
        "the app is not in this org",
        "install the external client app in this org (a sandbox made or refreshed before the app was has none), and "
        "put the org's My Domain address into `url`",
    ),
    Meaning(
        "invalid_grant",
        "stopped",
        "the JWT is not accepted",
        "check username, that the app holds the key's certificate, and this machine's clock",
        says=("invalid assertion", "assertion"),
    ),
    Meaning(
        "invalid_grant",
        "stopped",
        "the refresh token is worth nothing any more",
        "the refresh token is revoked, expired or used up by another program: let a user approve the app again for a "
        "new one",
        says=("refresh token", "token validity expired"),
    ),
    Meaning("HTTP 404", "stopped", "no sign-in at this address", "put the org's My Domain address into `url`"),
    Meaning("UNSUPPORTED_API_VERSION", "stopped", "this API version has been retired", _VERSION),
    Meaning("INVALID_LOGIN", "stopped", "username, password or security token is wrong", _CREDENTIALS),
    Meaning("PASSWORD_LOCKOUT", "stopped", "the user is locked out", "unlock the user in Salesforce Setup"),
    Meaning(
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "stopped",
        "the security token is missing",
        "give the security_token, or let this machine's address into the login IP ranges",
    ),
    Meaning("API_CURRENTLY_DISABLED", "stopped", "the API is switched off for this user or org", _API_ENABLED),
)
"""What a sign-in was refused with: OAuth's `error` with its description, or the code of a SOAP fault."""

WRITTEN_BY_ADMINS = frozenset(
    {
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "FIELD_FILTER_VALIDATION_EXCEPTION",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "APEX_ERROR",
    }
)
"""Codes whose words an org's admins and developers have written: of the others the meaning is told, not the words."""

CALLS_NOTE = """\
What a whole call was refused with. Another status from 500 on is looked up; another code is split where it comes with
status 400, else it stops. An answer without a code, and with no status of this table, is a server's in between: it is
tried again, and told as that.
"""
RECORDS_NOTE = """\
What one record of a call was refused with. It is told by its code, its meaning and the fields concerned; where people
of the org have written the words (validation rules, Apex, flows), and where a code is not here, by those words,
but for what may be a person's or a company's.
"""
