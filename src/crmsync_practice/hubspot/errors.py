"""HubSpot's error answers: one exception class, raised anywhere, rendered once by the dispatcher.

Body shape (wire notes, section 2.7): `status`, `message`, `correlationId`, and where known `category`,
`subCategory`, `errors`, `context`. Every field but message and correlationId is optional by the documentation.
"""

from __future__ import annotations

from typing import Any

import msgspec


class HubSpotError(Exception):
    """A refusal with its HTTP status and the body HubSpot gives; `extra` holds the optional body fields."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.headers = headers or {}
        self.extra = extra

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The JSON body, with this exchange's correlation id."""
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation_id}
        if self.category is not None:
            body["category"] = self.category
        body.update(self.extra)
        return body

    def row(self, context: dict[str, list[str]]) -> dict[str, Any]:
        """The entry for `errors` of a 207 answer (wire notes, section 2.5)."""
        return {
            "status": "error",
            "category": self.category or "VALIDATION_ERROR",
            "message": self.message,
            "context": context,
        }


def not_found() -> HubSpotError:
    """A record or path that does not exist: often without a category (MEM, wire notes 2.7)."""
    return HubSpotError(404, "resource not found")


def bad_json(detail: str) -> HubSpotError:
    """A body that cannot be read: no category, as seen in public client issues (3P)."""
    return HubSpotError(400, f"Invalid input JSON on line 1, column 1: {detail}")


def validation(message: str, **extra: Any) -> HubSpotError:
    """A request that can be read but not obeyed."""
    return HubSpotError(400, message, "VALIDATION_ERROR", **extra)


def bad_parameter(name: str, value: str) -> HubSpotError:
    """A query or path parameter of the wrong form."""
    return validation(f"Unable to parse value for {name}: {value[:100]}", context={name: [value[:100]]})


def invalid_properties(problems: list[dict[str, Any]]) -> HubSpotError:
    """Property values that were refused: the list rides as JSON inside the message string (DOC, 2.5)."""
    listed = msgspec.json.encode(problems).decode()
    return validation(f"Property values were not valid: {listed}")


def property_problem(name: str, code: str, message: str, portal_id: int) -> dict[str, Any]:
    """One entry of `invalid_properties`; `code` such as PROPERTY_DOESNT_EXIST, INVALID_OPTION, READ_ONLY_VALUE."""
    return {
        "isValid": False,
        "message": message,
        "error": code,
        "name": name,
        "localizedErrorMessage": message,
        "portalId": portal_id,
    }
