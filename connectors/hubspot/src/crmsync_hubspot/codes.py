"""HubSpot's documented answers, and what each means for a run. `errors` decides by these tables.

Sources: HubSpot's error-handling and usage guidelines, and error bodies seen in public issues. Every field of an
error body is optional, so an answer is looked up by the policy or category it names, then by its status.
"""

from __future__ import annotations

from crmsync.sdk import Meaning

_STATUS_PAGE = "see HubSpot's status page, then run again; what was read is kept"
_CREDENTIALS = (
    "check the connection's access token (or client id, secret and refresh token); "
    "it may be revoked, rotated or expired"
)
_SCOPE = "grant the scope to the service key, private app or OAuth app, then run again"
_URL = "check that the connection's `url` is HubSpot's (usually none is needed)"
_REPORT = "run again; if it comes back, report it with this message"

CALLS = (
    Meaning(
        "DAILY",
        "stopped",
        "the day's calls are used up",
        "run again after midnight in the account's time zone, or have the limit raised; what was read is kept",
    ),
    Meaning("TEN_SECONDLY_ROLLING", "tried again", "too many calls in ten seconds", "lower `calls_per_10_seconds`"),
    Meaning("SECONDLY", "tried again", "too many searches in a second", "lower `searches_per_second`"),
    Meaning("HTTP 429", "tried again", "too many calls", "lower `calls_per_10_seconds`"),
    Meaning("MISSING_SCOPES", "stopped", "the token lacks a scope", _SCOPE),
    Meaning("BANNED", "stopped", "the account or the app is banned from the API", "ask HubSpot's support"),
    Meaning(
        "HTTP 403",
        "stopped",
        "the token's owner may not do this",
        "grant the token's owner the permission, then run again",
    ),
    Meaning(
        "INVALID_AUTHENTICATION", "signed in again", "the token is not accepted; a second time: stopped", _CREDENTIALS
    ),
    Meaning(
        "EXPIRED_AUTHENTICATION", "signed in again", "the token has expired; a second time: stopped", _CREDENTIALS
    ),
    Meaning("HTTP 401", "signed in again", "the token is not accepted; a second time: stopped", _CREDENTIALS),
    Meaning(
        "HTTP 530", "signed in again", "the gateway takes the token for none; a second time: stopped", _CREDENTIALS
    ),
    Meaning("HTTP 400", "split", "a value, an id or a name that HubSpot does not take", _REPORT),
    Meaning("HTTP 404", "split", "something named is not there", _REPORT),
    Meaning("HTTP 409", "split", "another record has this unique value", _REPORT),
    Meaning("HTTP 413", "split", "the call is too large", _REPORT),
    Meaning("HTTP 405", "stopped", "the address takes no such call", _URL),
    Meaning(
        "HTTP 407", "stopped", "the proxy wants a sign-in of its own", "check HTTPS_PROXY and the proxy's sign-in"
    ),
    Meaning("HTTP 410", "stopped", "HubSpot has retired this address", "install a newer crmsync-hubspot"),
    Meaning("HTTP 414", "stopped", "the address is too long", "take fields out of the mapping that nothing uses"),
    Meaning("HTTP 415", "stopped", "the address takes no such call", _URL),
    Meaning("HTTP 423", "tried again", "the records are locked for seconds", _STATUS_PAGE),
    Meaning("HTTP 477", "stopped", "the account is moving to another data centre", "run again when HubSpot says"),
    Meaning("HTTP 500", "looked up", "HubSpot failed, perhaps after the work was done", _STATUS_PAGE),
    Meaning("HTTP 502", "looked up", "the gateway got no answer, perhaps after the work was done", _STATUS_PAGE),
    Meaning("HTTP 503", "tried again", "HubSpot is overloaded", _STATUS_PAGE),
    Meaning("HTTP 504", "looked up", "the gateway waited too long, perhaps the work was done", _STATUS_PAGE),
    Meaning("HTTP 521", "tried again", "HubSpot is down behind its gateway", _STATUS_PAGE),
    *(
        Meaning(code, "tried again", "HubSpot is out of its gateway's reach", _STATUS_PAGE)
        for code in ("HTTP 522", "HTTP 523")
    ),
    Meaning("HTTP 524", "looked up", "no answer within 100 seconds, perhaps the work was done", _STATUS_PAGE),
    *(
        Meaning(code, "stopped", "the gateway could make no safe connection", _STATUS_PAGE)
        for code in ("HTTP 525", "HTTP 526")
    ),
)

RECORDS = (
    Meaning("OBJECT_NOT_FOUND", "gone", "the record was deleted or merged"),
    Meaning("VALIDATION_ERROR", "set aside", "a value that the property does not take"),
    Meaning("CONFLICT", "set aside", "another record has this unique value"),
)

SIGN_IN = (
    Meaning(
        "BAD_REFRESH_TOKEN",
        "stopped",
        "the refresh token is worth nothing any more",
        "install the app again for a new refresh_token",
    ),
    Meaning("BAD_HUB", "stopped", "the account is gone", "install the app into an account that is there"),
    Meaning("BAD_CLIENT_ID", "stopped", "no app has this client_id", "check client_id"),
    Meaning("BAD_CLIENT_SECRET", "stopped", "the secret is not the app's", "check client_secret"),
    Meaning("BAD_GRANT_TYPE", "stopped", "the address takes no such sign-in", "check that `url` is HubSpot's"),
)
"""What a renewal of an OAuth token was refused with: the body's `status`."""

CALLS_NOTE = """\
What a whole call was refused with. Another status from 500 on is looked up, any other stops. A 400, 403, 405 or 415
without HubSpot's own words is a server's in between: it is tried again, and told as that.
"""
RECORDS_NOTE = """\
What one record of a batch was refused with (207). Any other category is set aside. HubSpot's
words are told as far as nothing in them may be a person's or a company's, with the properties that they name.
"""
