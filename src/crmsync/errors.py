"""Every error crmsync raises on purpose, grouped by what happens next.

```
CrmsyncError
├── UsageError            fix something, run again                     exit 2
│   └── ConfigurationError    a file is wrong; each finding has file:line:column
├── RunStopped            this run ends, the stored facts are safe     exit 1
│   ├── SignInRefused         the CRM refused the credentials
│   ├── CrmUnreachable        the CRM did not answer in time, again and again
│   ├── StoreUnavailable      the store cannot be read or written
│   ├── AnotherRunInProgress  somebody else works on this connection
│   │   └── Overtaken             somebody else has taken it over from this run
│   ├── WrongClock            this machine's clock is hours from the CRM's
│   └── Unforeseen            a fault of crmsync itself; the other connections run
├── FullReadNeeded        a stored cursor cannot be continued; the run reads everything instead and says so
└── TryAgain              a passing fault; retried by the sdk, becomes RunStopped when it lasts
```

A lead that cannot be handled is not an exception but a value (`SetAside` in `crmsync.model`): the run goes
on and ends with exit 4. Messages are constant texts with native ids and configuration values in them, never
personal data, never a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

from crmsync.patterns import late_pattern

_BREAKS = late_pattern("\\s*[\\n\\r\\t\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]\\s*")


def _told(message: str, hint: str | None) -> str:
    """One line of what happened, one of what to do; in both may stand words that are not ours."""
    return "\n  → ".join(_BREAKS.sub(" ", words.strip()) for words in (message, hint) if words)


class NextStep(Struct, frozen=True):
    """What to do next, as a value: commands say it by `command`, in words with the command in them, the console by
    its page for `what`. `about`: the connection or the run, where it is of one.
    """

    what: Literal["make_plan", "make_first_plan", "look_at_runs", "look_at_run"]
    command: str
    about: str = ""


class CrmsyncError(Exception):
    """Something crmsync reports in words instead of a traceback. `hint` is the next step for the reader, `step` the
    same as a value, where the console has a page for it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, step: NextStep | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = step.command if hint is None and step is not None else hint
        self.step = step

    def __str__(self) -> str:
        return _told(self.message, self.hint)


class UsageError(CrmsyncError):
    """The command or the configuration asks for something that cannot be. Fix it and run again."""

    exit_code = 2


class Finding(Struct, frozen=True):
    """One thing wrong in a file. `line` and `column` count from 1; 0 where the place is not known.

    An `error` keeps crmsync from working; a `warning` is worth a look, and nothing stops for it.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"

    def to_json(self) -> dict[str, Any]:
        """For `--format json`; a place that is not known is null."""
        place = {"line": self.line or None, "column": self.column or None}
        return {"file": self.file, **place, "severity": self.severity, "message": self.message, "hint": self.hint}

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return _told(f"{where}: {self.message}", self.hint)


class ConfigurationError(UsageError):
    """One or more configuration files are wrong. Mend the named places and run `crmsync check`."""

    MOST_TOLD = 50

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        told = [str(finding) for finding in self.findings[: self.MOST_TOLD]]
        more = len(self.findings) - len(told)
        super().__init__("\n".join([*told, f"… and {more:,} more"] if more else told))

    def __str__(self) -> str:
        return self.message  # a line or two for each finding


class RunStopped(CrmsyncError):
    """This run has ended before its end; what was not read to its end is read again by the next one."""

    exit_code = 1


class SignInRefused(RunStopped):
    """The CRM refused the credentials. Check the connection's secrets in the environment or `.env`."""


class CrmUnreachable(RunStopped):
    """The CRM gave no usable answer, also after retrying. Check the address and the CRM's status page."""


class StoreUnavailable(RunStopped):
    """The store cannot be opened, read or written. Check the path, the disk and the permissions."""


class AnotherRunInProgress(RunStopped):
    """Another process works on this connection. Wait until it has ended, or stop it."""


class Overtaken(AnotherRunInProgress):
    """Another process took the connection over, as nothing was heard of this one. Look at what the other one did."""


class WrongClock(RunStopped):
    """This machine's clock is hours from the CRM's: days and deadlines would be wrong. Set it right and run again."""


class Unforeseen(RunStopped):
    """A fault of crmsync itself. Run again; if it stays, tell its place to the maintainers."""


class FullReadNeeded(CrmsyncError):
    """What changed since the stored cursor can no longer be told. The run reads everything again and says so."""

    exit_code = 1


class LeftOut(UserWarning):
    """Something that belongs to an answer is not in it; the answer stands. Commands tell it on stderr."""


class OfOtherRecords(UserWarning):
    """What is told is of records of another object than the mapping reads now. Commands tell it on stderr."""


class TryAgain(CrmsyncError):
    """A passing fault of the CRM (rate limit, server trouble). `after_seconds` is its own wish, if it told one.

    `usual_seconds`: how long such a fault lasts as a rule, where the CRM told nothing.
    """

    def __init__(
        self,
        message: str,
        *,
        after_seconds: float | None = None,
        usual_seconds: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.after_seconds = after_seconds
        self.usual_seconds = usual_seconds
