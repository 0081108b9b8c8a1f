"""`--out FILE`: a result in a file, whole or not at all, and never in the place of a file that crmsync needs."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, TypeVar

import click

from crmsync.errors import UsageError
from crmsync.files import led_to

F = TypeVar("F", bound=Callable[..., Any])

_OTHER_OUT = "name another file with --out"


def out_option(what: str = "the result") -> Callable[[F], F]:
    """`--out FILE`, checked before the command does anything. `what`: what the help says is written."""

    def decorated(function: F) -> F:
        @functools.wraps(function)
        def checked(*arguments: Any, **options: Any) -> Any:
            context = click.get_current_context()
            if context.params.get("out") is not None:
                _refuse_needed(context.params["out"], context)
            return function(*arguments, **options)

        option = click.option(
            "--out",
            type=click.Path(path_type=Path, dir_okay=False, writable=True),
            callback=_in_a_folder,
            help=f"Also write {what} to this file.",
        )
        return option(checked)  # type: ignore[return-value]

    return decorated


def refuse_own(file: Path, config: Path, hint: str = _OTHER_OUT) -> None:
    """Raises `UsageError` when the configuration names this file, or crmsync keeps it."""
    from crmsync.operations.files.own_files import own_file

    if what := own_file(file, config):
        raise UsageError(f"{file} is {what}: nothing else is written there", hint=hint)


def _in_a_folder(_context: click.Context, _parameter: click.Parameter, out: Path | None) -> Path | None:
    """A result that has no place is told before anything is done for it."""
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(f"{out} cannot be written: there is no folder {out.parent}", hint=_OTHER_OUT)
    return out


def _refuse_needed(out: Path, context: click.Context) -> None:
    from crmsync.operations.files.own_files import same_file

    refuse_own(out, context.params.get("config") or Path("crmsync.yaml"))
    for option, read in _files_read(context):
        if same_file(out, read):
            raise UsageError(f"{out} is what {option} names: nothing else is written there", hint=_OTHER_OUT)
    if out.is_file() and _is_a_stream(out):
        raise UsageError(f"what this command says goes to {out} already", hint=_OTHER_OUT)


def _files_read(context: click.Context) -> Iterator[tuple[str, Path]]:
    """(option, file) of each file that the command is told to read."""
    for parameter in context.command.params:
        if parameter.name in ("out", None):
            continue
        takes_files = isinstance(parameter.type, click.Path) or "FILE" in str(parameter.metavar)
        given = context.params.get(str(parameter.name))
        for value in given if isinstance(given, tuple) else (given,):
            if takes_files and isinstance(value, str | Path) and Path(value).is_file():
                yield parameter.opts[0] if parameter.param_type_name == "option" else "the command", Path(value)


def _is_a_stream(path: Path) -> bool:
    """Whether stdout or stderr is this file."""
    found = path.stat()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            if os.path.samestat(found, os.fstat(stream.fileno())):
                return True
    return False


class ResultFile:
    """A text file that takes the place of an earlier one when the block has ended well, and leaves it otherwise.

    Pipes and devices, which have no earlier content, are written to as they are. Raises `UsageError`.
    """

    def __init__(self, out: Path, *, hint: str = _OTHER_OUT) -> None:
        self._out = out
        self._hint = hint
        self._beside: Path | None = None
        self._file: TextIO

    def __enter__(self) -> ResultFile:
        """Open a file beside it."""
        with self._in_words():
            if self._out.exists() and not self._out.is_file():
                self._file = self._out.open("w", encoding="utf-8")
                return self
            self._goal = led_to(self._out)  # a link stays one
            beside = self._goal.with_name(f".crmsync-{os.getpid()}.part")
            beside.unlink(missing_ok=True)
            self._file = os.fdopen(
                os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "w", encoding="utf-8"
            )
            self._beside = beside
            if self._goal.exists():
                beside.chmod(self._goal.stat().st_mode & 0o777)
        return self

    def write(self, text: str) -> None:
        """More of the result."""
        with self._in_words():
            self._file.write(text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put it in its place, if all went well."""
        try:
            with self._in_words():
                if kind is None:
                    self._file.flush()
                    if self._beside:
                        os.fsync(self._file.fileno())
                        self._file.close()
                        self._beside.replace(self._goal)
                        self._beside = None
        finally:
            with contextlib.suppress(OSError):
                self._file.close()
            if self._beside:
                self._beside.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            why = error.strerror or "the name leads nowhere"
            stays = "; what was there stays" if self._out.is_file() else ""
            raise UsageError(f"{self._out} cannot be written: {why}{stays}", hint=self._hint) from None
