"""What connector authors import: the contract, its errors, and the tools that every connector needs.

Of crmsync a connector sees `crmsync.sdk`, `crmsync.contract`, `crmsync.model` and `crmsync.errors` only.
"""

from crmsync.contract import (
    LEAD_ID,
    RECORD_ID,
    Capabilities,
    Choice,
    Connector,
    ConnectorPlugin,
    Creation,
    CreationResult,
    CrmUser,
    NativeField,
    Org,
    Page,
    PullRequest,
    Reading,
    Seen,
    Usage,
    Write,
    WriteResult,
)
from crmsync.errors import CrmUnreachable, FullReadNeeded, RunStopped, SignInRefused, TryAgain, UsageError
from crmsync.sdk.creating import CreationSteps, Held, create_once
from crmsync.sdk.frames import instants_as_text, native_column, native_frame, native_text
from crmsync.sdk.halving import in_halves
from crmsync.sdk.pace import Pace, Pacer
from crmsync.sdk.paging import PagingGuard
from crmsync.sdk.redaction import redacted, without_addresses
from crmsync.sdk.retry import AnswerLost, OutcomeUncertain, RetryPolicy, call_with_retries
from crmsync.sdk.starter import starter_file

__all__ = [
    "LEAD_ID",
    "RECORD_ID",
    "AnswerLost",
    "Capabilities",
    "Choice",
    "Connector",
    "ConnectorPlugin",
    "Creation",
    "CreationResult",
    "CreationSteps",
    "CrmUnreachable",
    "CrmUser",
    "FullReadNeeded",
    "Held",
    "NativeField",
    "Org",
    "OutcomeUncertain",
    "Pace",
    "Pacer",
    "Page",
    "PagingGuard",
    "PullRequest",
    "Reading",
    "RetryPolicy",
    "RunStopped",
    "Seen",
    "SignInRefused",
    "TryAgain",
    "Usage",
    "UsageError",
    "Write",
    "WriteResult",
    "call_with_retries",
    "create_once",
    "in_halves",
    "instants_as_text",
    "native_column",
    "native_frame",
    "native_text",
    "redacted",
    "starter_file",
    "without_addresses",
]
