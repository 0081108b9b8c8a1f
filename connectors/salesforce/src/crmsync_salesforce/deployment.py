"""One deployment of metadata: sent as a zip file, then asked for until it has ended.

Source: Metadata API Developer Guide, "Deploy Metadata with Apex Testing Using REST". All of a deployment is made, or
nothing.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Mapping

import msgspec
from urllib3.filepost import encode_multipart_formdata

from crmsync.sdk import OutcomeUncertain
from crmsync_salesforce.transport import Transport

PATIENCE_SECONDS = 600.0
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.2, 5.0
_OPTIONS = {"rollbackOnError": True, "singlePackage": True, "checkOnly": False, "ignoreWarnings": True}
_WHAT = "the deployment of fields, values and permissions"


class _Started(msgspec.Struct):
    id: str


class _Component(msgspec.Struct, rename="camel"):
    """What became of one component; the API gives a single one without a list."""

    full_name: str | None = None
    component_type: str | None = None
    problem: str | None = None


class _Details(msgspec.Struct, rename="camel"):
    component_failures: list[_Component] | _Component | None = None


class _Result(msgspec.Struct, rename="camel"):
    done: bool
    success: bool = False
    status: str = ""
    error_message: str | None = None
    details: _Details | None = None


class _Status(msgspec.Struct, rename="camel"):
    deploy_result: _Result


def deploy(transport: Transport, files: Mapping[str, str], *, sleep: Callable[[float], None]) -> dict[str, str]:
    """Bring these files in. Gives full name (`Lead.Band__c`) → why it was refused; empty where all of it was made.

    A refusal that names no component stands under an empty name. Raises `OutcomeUncertain` when the answer to the
    request was lost, or the deployment has not ended in time.
    """
    body, content_type = encode_multipart_formdata(
        {
            "json": ("deploy.json", json.dumps({"deployOptions": _OPTIONS}), "application/json"),
            "file": ("deploy.zip", _zipped(files), "application/zip"),
        }
    )
    started = transport.call(
        _WHAT,
        lambda client: client.restful(
            "metadata/deployRequest", method="POST", data=body, headers={"Content-Type": content_type}
        ),
        _Started,
        idempotent=False,
    )
    result = _ended(transport, started.id, sleep)
    if result.success:
        return {}
    found = result.details.component_failures if result.details else None
    failures = found if isinstance(found, list) else [found] if found else []
    told = {failure.full_name or "": failure.problem or "no reason given" for failure in failures}
    return told or {"": result.error_message or f"the deployment ended as {result.status or 'failed'}"}


def _ended(transport: Transport, deployment: str, sleep: Callable[[float], None]) -> _Result:
    wait, until = _FIRST_WAIT_SECONDS, time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = transport.call(
            _WHAT,
            lambda client: client.restful(f"metadata/deployRequest/{deployment}", params={"includeDetails": "true"}),
            _Status,
        )
        if answer.deploy_result.done:
            return answer.deploy_result
        if time.monotonic() > until:
            raise OutcomeUncertain(
                f"the deployment {deployment} has not ended within {PATIENCE_SECONDS / 60:.0f} minutes",
                hint="see Setup → Deployment Status; run this again when it has ended",
            )
        sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


def _zipped(files: Mapping[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path), text)
    return held.getvalue()


def outcome_told(failures: Mapping[str, str], name: str) -> str:
    """Why this component was not made: its own refusal, or that of others, for which nothing was made."""
    if name in failures:
        return failures[name]
    first = next(iter(failures.items()))
    other = f"{first[0]}: {first[1]}" if first[0] else first[1]
    return f"nothing was made, as all of it is made or none: {other}"
