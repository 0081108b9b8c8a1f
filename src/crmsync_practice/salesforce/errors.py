"""Salesforce's way of saying no: an error code, a text, the fields, and the HTTP status.

REST answers `[{"message", "errorCode"[, "fields"]}]`; per-record results of collections say `statusCode`
instead of `errorCode`. Texts are those of the wire notes, section 2.7; statuses marked MEM there are as
doubtful here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_LOOK_UP = "Please reference your WSDL or the describe call for the appropriate names."


class SalesforceError(Exception):
    """A request, or one record of it, is refused; `more` are further keys of its body."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: Sequence[str] | None = None, **more: Any
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.more = more
        self.code = code
        self.message = message
        self.status = status
        self.fields = None if fields is None else list(fields)

    def rest(self) -> list[dict[str, Any]]:
        """The body of a REST answer."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [{**error, **self.more}]

    def per_record(self) -> dict[str, Any]:
        """One entry of a collections result's `errors`."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or [], **self.more}

    def csv(self) -> str:
        """The `sf__Error` cell of a Bulk result, `CODE:message:fields --` [MEM]."""
        return f"{self.code}:{self.message}:{','.join(self.fields or [])} --"


def in_a_batch(error: SalesforceError) -> SalesforceError:
    """The error as one record of many tells it: a missing record is a bad key there."""
    if error.code != "NOT_FOUND":
        return error
    return SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])


def not_found() -> SalesforceError:
    """No such resource or record."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist", status=404)


def entity_is_deleted() -> SalesforceError:
    """The record is in the recycle bin [MEM for the status]."""
    return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=[])


def session_expired() -> SalesforceError:
    """The token is not, or no longer, good."""
    return SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def malformed_json(detail: str) -> SalesforceError:
    """The body is not the JSON that was expected."""
    return SalesforceError("JSON_PARSER_ERROR", detail)


def no_such_column(name: str, entity: str) -> str:
    """The text for an unknown or hidden field."""
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to "
        f"append the '__c' after the custom field name. {_LOOK_UP}"
    )


def no_such_object(name: str) -> str:
    """The text for an unknown object."""
    return (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
        f"append the '__c' after the entity name. {_LOOK_UP}"
    )
