"""What a command does, as spans for a collector of OpenTelemetry; nothing at all where none is named.

Its standard variables say where to (`OTEL_EXPORTER_OTLP_ENDPOINT` and those beside it). Without them nothing of
OpenTelemetry is loaded. A span bears names of connections, numbers and paths without ids: nobody's data, no query,
no words of an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

Value = str | int | float | bool
Tell = Callable[[Mapping[str, Value]], None]
"""Adds attributes to a span that has begun."""

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}(?:__c)?|v\d{1,3}(?:\.\d{1,2})?|oauth2", re.ASCII)
_NAMES_A_VALUE = re.compile(r"\w+__c|email|utk|domain", re.ASCII)
"""Behind these stands a value of a record."""
_tracer: Any = None


def are_wanted(environment: Mapping[str, str]) -> bool:
    """Whether the variables name a collector, and nothing switches it off."""
    off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    none = environment.get("OTEL_TRACES_EXPORTER", "otlp").lower() == "none"
    return not off and not none and any(environment.get(name) for name in _ENDPOINTS)


@contextmanager
def sent(version: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Send spans while the block runs, and what is left at its end. Raises ImportError without the packages."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    global _tracer  # noqa: PLW0603 - one for the process, as OpenTelemetry's own is
    named = "OTEL_SERVICE_NAME" in environment or "service.name" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    own = {"service.version": version} | ({} if named else {"service.name": "crmsync"})
    provider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("crmsync", version)
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


@contextmanager
def span(name: str, attributes: Mapping[str, Value] | None = None, *, call: bool = False) -> Iterator[Tell]:
    """What the block does; of an exception its type alone. `call`: it is a call to somebody else."""
    if _tracer is None:
        yield _nobody
        return
    from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415 - loaded already

    kind = SpanKind.CLIENT if call else SpanKind.INTERNAL
    with _tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as begun:
        try:
            yield begun.set_attributes
        except BaseException as error:
            begun.set_status(StatusCode.ERROR)
            begun.set_attribute("error.type", type(error).__name__)
            raise


def _nobody(_: Mapping[str, Value]) -> None:
    """There is no span."""


def path_template(url: str) -> str:
    """The path with `{}` for whatever is no word of the API's own: ids, locators, e-mails, values of fields."""
    told, before = [], ""
    for part in urlsplit(url).path.split("/")[1:]:
        is_word = _WORD.fullmatch(part) and not _NAMES_A_VALUE.fullmatch(before)
        told.append(part if is_word or not part else "{}")
        before = part
    return "/" + "/".join(told)


@contextmanager
def call_span(method: str, url: str) -> Iterator[Callable[[int], None]]:
    """Around one call; tell it the status of the answer."""
    template = path_template(url)
    with span(f"{method} {template}", {"http.request.method": method, "url.template": template}, call=True) as told:
        yield lambda status: told({"http.response.status_code": status})
