"""The Metadata API as far as programs set an org up by it: one deployment, and its state.

Taken are custom fields and list views of objects, values of picklists, and permission sets. Sources: Metadata API
Developer Guide, "Deploy Metadata with Apex Testing Using REST", "CustomField", "StandardValueSet", "PermissionSet",
"ListView". A new field is seen by nobody until a permission set gives it; a value left out of a list is deactivated.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from xml.etree import ElementTree

import msgspec

from crmsync_practice.salesforce.components import DeployProblem
from crmsync_practice.salesforce.deployed import Deployed
from crmsync_practice.salesforce.errors import SalesforceError, not_found
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.ids import make_id
from crmsync_practice.salesforce.storage import Store

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_LARGEST_BYTES = 39_000_000
_ASKS_UNTIL_DONE = 1
"""How often a deployment is still under way when it is asked for."""


class Deployments:
    """`metadata/deployRequest`. What was deployed is told by the id that the request was given."""

    def __init__(self, store: Store, deployed: Deployed, may_modify: Callable[[], bool]) -> None:
        self._store = store
        self._deployed = deployed
        self._may_modify = may_modify
        self._results: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, int] = {}

    def start(self, call: Call) -> Reply:
        """`POST metadata/deployRequest`: 201. All of it is made, or nothing."""
        if not self._may_modify():
            raise SalesforceError("INSUFFICIENT_ACCESS", "insufficient access rights to deploy metadata", status=403)
        options, files = _parts(call)
        number = make_id("0Af", len(self._results) + 1)
        self._results[number] = self._carried_out(files, options)
        self._asked[number] = 0
        return Reply(201, {"id": number, "deployOptions": options, "validatedDeployRequestId": None})

    def state(self, call: Call) -> Reply:
        """`GET metadata/deployRequest/{id}`."""
        number = call.part("id")
        if number not in self._results:
            raise not_found()
        self._asked[number] += 1
        result = self._results[number]
        if self._asked[number] <= _ASKS_UNTIL_DONE:
            result = {"id": number, "done": False, "status": "InProgress", "success": False}
        return Reply(content={"id": number, "deployResult": {**result, "id": number}})

    def _carried_out(self, files: Mapping[str, bytes], options: Mapping[str, Any]) -> dict[str, Any]:
        problems: list[dict[str, Any]] = []
        made: list[dict[str, Any]] = []

        def work() -> None:
            for kind, name, part in _components(files):
                try:
                    self._deployed.take(kind, name, part)
                    made.append({"fullName": name, "componentType": kind, "success": True})
                except DeployProblem as problem:
                    problems.append(
                        {"fullName": name, "componentType": kind, "success": False, "problem": str(problem)}
                    )
            if problems or options.get("checkOnly"):
                raise _RollBack

        try:
            self._store.in_transaction(work)
        except _RollBack:
            self._deployed.forget()
        done = not problems
        return {
            "done": True,
            "success": done,
            "status": "Succeeded" if done else "Failed",
            "checkOnly": bool(options.get("checkOnly")),
            "numberComponentsDeployed": len(made) if done else 0,
            "numberComponentErrors": len(problems),
            "details": {"componentFailures": problems, "componentSuccesses": made if done else []},
        }


class _RollBack(Exception):
    """What was taken so far is given back."""


def _parts(call: Call) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The options, and the files of the zip by their paths."""
    kind = call.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise SalesforceError("UNSUPPORTED_MEDIA_TYPE", "multipart/form-data expected", status=415)
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + call.body, policy=HTTP)
    parts = {
        str(part.get_param("name", header="content-disposition")): bytes(part.get_payload(decode=True))
        for part in message.iter_parts()
    }
    if not {"json", "file"} <= parts.keys():
        raise SalesforceError("JSON_PARSER_ERROR", "the parts json and file are needed", status=400)
    options = msgspec.json.decode(parts["json"]).get("deployOptions", {})
    try:
        with zipfile.ZipFile(io.BytesIO(parts["file"])) as archive:
            if sum(each.file_size for each in archive.infolist()) > _LARGEST_BYTES:
                raise SalesforceError("LIMIT_EXCEEDED", "the zip file is too large", status=400)
            return options, {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile as error:
        raise SalesforceError("INVALID_FILE", "the zip file cannot be read", status=400) from error


def _components(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, full name and content of each component; fields before the permissions on them."""
    if "package.xml" not in files:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "No package.xml found", status=400)
    for path, text in sorted(files.items()):
        folder, _, name = path.partition("/")
        stem = name.rpartition(".")[0]
        if folder == "objects":
            content = _read(text)
            for field in _many(content.get("fields")):
                yield "CustomField", f"{stem}.{field['fullName']}", field
            for view in _many(content.get("listViews")):
                yield "ListView", f"{stem}.{view['fullName']}", view
        elif folder == "standardValueSets":
            yield "StandardValueSet", stem, _read(text)
        elif folder == "permissionsets":
            yield "PermissionSet", stem, _read(text)


def _read(text: bytes) -> dict[str, Any]:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise SalesforceError("INVALID_FILE", "no document type is taken", status=400)
    try:
        content = _value(ElementTree.fromstring(text))  # noqa: S314 - without document type, so without entities
    except ElementTree.ParseError as error:
        raise SalesforceError("INVALID_FILE", f"Error parsing file: {error}", status=400) from error
    return content if isinstance(content, dict) else {}


def _value(element: ElementTree.Element) -> Any:
    """Children by name, several of one name as a list; else the text."""
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        name = child.tag.removeprefix(_NAMESPACE)
        value = _value(child)
        found[name] = [*_many(found[name]), value] if name in found else value
    return found


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
