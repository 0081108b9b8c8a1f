"""Composite and composite batch: up to 25 subrequests in one call (wire notes, section 3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from crmsync_practice.salesforce.errors import SalesforceError, malformed_json
from crmsync_practice.salesforce.http import Call, Reply, split_url
from crmsync_practice.salesforce.saving import Saver

MOST_SUBREQUESTS, MOST_QUERIES = 25, 5
_FORBIDDEN_HEADERS = {"accept", "authorization", "content-type"}
_CONDITIONS = ("if-",)
_OWN_HEADERS = ("sforce-", *_CONDITIONS)
"""Beginnings of headers that a composite subrequest must carry itself: it inherits only those that it may not
name [MEM]."""
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.\w+|\[\d+\])*)\}")
_QUERY_OR_COLLECTION = re.compile(r"/(?:query|queryAll|composite/sobjects)(?:/|\?|$)", re.IGNORECASE)


class _Undo(Exception):
    """Ends an all-or-none transaction."""


def subrequests(method: str, path: str, body: bytes) -> list[tuple[str, str]]:
    """Method and path of the subrequests that a composite request carries; none for any other request."""
    if method.upper() != "POST" or not re.search(r"/composite(?:/batch)?/?$", path):
        return []
    try:
        content = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return []
    parts = content.get("compositeRequest") or content.get("batchRequests") if isinstance(content, dict) else None
    listed = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [(str(part.get("method") or ""), split_url(str(part.get("url") or ""))[0]) for part in listed]


class Composite:
    """The `composite` and `composite/batch` resources; `dispatch` answers one subrequest."""

    def __init__(self, saver: Saver, dispatch: Callable[[Call], Reply]) -> None:
        self._saver = saver
        self._dispatch = dispatch

    def composite(self, call: Call) -> Reply:
        """`POST composite`: in the order given, results by referenceId; a later one may use `@{ref.field}`."""
        body = call.object()
        requests = self._requests(body.get("compositeRequest"), "compositeRequest")
        all_or_none = body.get("allOrNone") in (True, "true")
        seen: set[str] = set()
        for each in requests:
            reference = each.get("referenceId")
            if not isinstance(reference, str) or not re.fullmatch(r"[A-Za-z0-9_]+", reference):
                raise malformed_json("referenceId: expected letters, digits and underscores")
            if reference in seen:
                raise SalesforceError("INVALID_REQUEST", f"Duplicate referenceId provided: {reference}")
            seen.add(reference)
        results: list[dict[str, Any]] = []

        def work() -> None:
            found: dict[str, Any] = {}
            for each in requests:
                reply = self._one(call, each, found, _OWN_HEADERS)
                # Records come as encoded text; a later subrequest may refer into them.
                content = msgspec.json.decode(reply.body() or b"null")
                found[each["referenceId"]] = content
                results.append(_result(each["referenceId"], reply.status, content, reply.headers))
                if all_or_none and reply.status >= 400:
                    raise _Undo

        if not all_or_none:
            work()
        else:
            try:
                self._saver.all_or_none(work)
            except _Undo:
                results = _halted(requests, results)
        return Reply(content={"compositeResponse": results})

    def batch(self, call: Call) -> Reply:
        """`POST composite/batch`."""
        body = call.object()
        requests = self._requests(body.get("batchRequests"), "batchRequests")
        halt = body.get("haltOnError") in (True, "true")
        results: list[dict[str, Any]] = []
        failed = False
        for each in requests:
            if failed and halt:
                error = SalesforceError("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412)
                results.append({"statusCode": 412, "result": error.rest()})
                continue
            url = each.get("url")
            path = f"/services/data/{url.lstrip('/')}" if isinstance(url, str) and url[:1] != "/" else url
            if isinstance(path, str) and not path.startswith("/services/"):
                path = f"/services/data{path}"
            reply = self._one(
                call, {**each, "url": path, "body": each.get("richInput", each.get("body"))}, {}, _CONDITIONS
            )
            failed = failed or reply.status >= 400
            results.append({"statusCode": reply.status, "result": reply.content})
        return Reply(content={"hasErrors": failed, "results": results})

    @staticmethod
    def _requests(value: Any, name: str) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
            raise malformed_json(f"{name}: expected a list of subrequests")
        if len(value) > MOST_SUBREQUESTS:
            raise SalesforceError(
                "LIMIT_EXCEEDED", f"The number of subrequests cannot exceed {MOST_SUBREQUESTS}; it is {len(value)}"
            )
        urls = [each.get("url") for each in value]
        queries = sum(1 for url in urls if isinstance(url, str) and _QUERY_OR_COLLECTION.search(url))
        if name == "compositeRequest" and queries > MOST_QUERIES:
            raise SalesforceError(
                "LIMIT_EXCEEDED", f"Cannot have more than {MOST_QUERIES} query or sObject Collections operations"
            )
        for each in value:
            headers = each.get("httpHeaders") or {}
            if not isinstance(headers, dict) or any(str(key).lower() in _FORBIDDEN_HEADERS for key in headers):
                raise SalesforceError(
                    "INVALID_REQUEST", "httpHeaders cannot include Accept, Authorization or Content-Type"
                )
        return value

    def _one(
        self, outer: Call, request: Mapping[str, Any], found: Mapping[str, Any], dropped: tuple[str, ...]
    ) -> Reply:
        method, url = request.get("method"), request.get("url")
        if not isinstance(method, str) or not isinstance(url, str):
            return _refusal(malformed_json("a subrequest needs method and url"))
        try:
            url, body = _filled(url, found), _filled(request.get("body"), found)
        except SalesforceError as error:
            return _refusal(error)
        path, query = split_url(url)
        if not path.startswith("/services/data/v") or re.search(r"/composite(?:/batch|/graph|/tree)?/?$", path):
            return _refusal(SalesforceError("INVALID_REQUEST", f"Invalid subrequest url: {path[:200]}"))
        own = {str(key).lower(): str(value) for key, value in (request.get("httpHeaders") or {}).items()}
        headers = {key: value for key, value in outer.headers.items() if not key.startswith(dropped)} | own
        return self._dispatch(
            replace(
                outer,
                method=method.upper(),
                path=path,
                query=query,
                headers=headers,
                body=b"" if body is None else msgspec.json.encode(body),
                parts={},
                parsed=None,
            )
        )


def _filled(value: Any, found: Mapping[str, Any]) -> Any:
    """The value with every `@{ref.path}` replaced by what an earlier subrequest answered."""
    if isinstance(value, dict):
        return {key: _filled(each, found) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, found) for each in value]
    if not isinstance(value, str):
        return value

    def one(match: re.Match[str]) -> str:
        content: Any = found.get(match.group(1))
        for step in re.findall(r"\.(\w+)|\[(\d+)\]", match.group(2)):
            try:
                content = content[step[0]] if step[0] else content[int(step[1])]
            except (KeyError, IndexError, TypeError):
                content = None
        if not isinstance(content, str | int | float):
            raise SalesforceError("PROCESSING_HALTED", f"Invalid reference specified: {match.group(0)}")
        return str(content)

    return _REFERENCE.sub(one, value)


def _refusal(error: SalesforceError) -> Reply:
    return Reply(error.status, error.rest())


def _result(reference: str, status: int, content: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    return {"body": content, "httpHeaders": dict(headers), "httpStatusCode": status, "referenceId": reference}


def _halted(requests: list[dict[str, Any]], results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """After a failure under allOrNone every other subrequest is told as halted with 400."""
    error = SalesforceError(
        "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."
    )
    last = len(results) - 1
    return [
        results[index] if index == last else _result(each["referenceId"], 400, error.rest(), {})
        for index, each in enumerate(requests)
    ]
