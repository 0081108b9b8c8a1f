"""Structured log lines on stderr: text for people, JSON for machines. Never personal data: ids only.

An unforeseen exception is told by its type, its places in the code and its words freed of personal data; the values
of variables, which structlog would add, are people's data and stay out.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

from crmsync.sdk import redacted
from crmsync.settings import Environment


def configure(environment: Environment) -> None:
    """Set up structlog for this process; other libraries' errors come the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_told),
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if environment.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, environment.log_level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    cleaned = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_redacted, cleaned, last])
    )
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    logging.getLogger("crmsync").setLevel(logging.WARNING)  # our own, and no library's


def _told(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """An exception and its causes, the first cause first."""
    return "\n".join(reversed([*_chain(exc_info[1])]))


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        places = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
        yield f"{type(error).__name__}: {redacted(str(error))}{places}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _redacted(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A library's words are its own: they may hold anything."""
    return {**line, "event": redacted(str(line["event"]))}
