"""What connector authors import: the contract, its errors, and the tools that every connector needs.

The tools are imported when one of them is first asked for: a plugin needs none until a connection is opened.

Of crmsync a connector sees `crmsync.sdk`, `crmsync.contract`, `crmsync.model` and `crmsync.errors` only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late
from crmsync.sdk.starter import starter_file
from crmsync.values import replace

if TYPE_CHECKING:
    from crmsync.contract import (
        ALL_ACTIVITIES,
        CHANGED_AT,
        LEAD_ID,
        RECORD_ID,
        STILL_THERE,
        AccessProvision,
        Capabilities,
        Choice,
        Closing,
        Connector,
        ConnectorPlugin,
        Creation,
        CreationResult,
        CrmClock,
        CrmUser,
        Currencies,
        Delivery,
        Doubt,
        Edit,
        FieldKind,
        FieldProvision,
        Heard,
        ListProvision,
        Narrowing,
        NativeField,
        Org,
        Page,
        Parent,
        PositionLost,
        Provided,
        Provision,
        PullRequest,
        Reading,
        Replaced,
        Seen,
        SignInWay,
        Subscription,
        Telling,
        TellingReader,
        Usage,
        ValuesProvision,
        Write,
        WriteResult,
    )
    from crmsync.errors import CrmUnreachable, FullReadNeeded, RunStopped, SignInRefused, TryAgain, UsageError
    from crmsync.files import Unreadable, read_text
    from crmsync.sdk.answers import AnswerTooLarge, bound_answers, close_pools, whole_body
    from crmsync.sdk.creating import UNREAD, CreationSteps, Held, create_once
    from crmsync.sdk.frames import instants_as_text, native_column, native_frame, native_text
    from crmsync.sdk.halving import in_halves
    from crmsync.sdk.headers import heard_date, running_seconds, server_date, wished_seconds
    from crmsync.sdk.kept_token import UNANSWERED, UNANSWERED_HINT, KeptToken
    from crmsync.sdk.pace import Pace, Pacer
    from crmsync.sdk.paging import PagingGuard
    from crmsync.sdk.redaction import redacted, scrubbed, secrets_of, without_addresses
    from crmsync.sdk.refusal_words import crm_code, crm_words, field_names, label_words
    from crmsync.sdk.refusals import DEEDS, Deed, Meaning, meaning_of, table_rows
    from crmsync.sdk.retry import AnswerLost, OutcomeUncertain, RetryPolicy, call_with_retries
    from crmsync.sdk.sound_text import decoded_json, sound_json
    from crmsync.sdk.tally import Tally
    from crmsync.spans import call_span, path_template
else:
    __getattr__ = shown_late(
        __name__,
        {
            "crmsync.contract": (
                "ALL_ACTIVITIES CHANGED_AT LEAD_ID RECORD_ID STILL_THERE AccessProvision Capabilities Choice "
                "Closing Connector ConnectorPlugin Creation CreationResult CrmClock CrmUser Currencies Delivery "
                "Doubt Edit FieldKind FieldProvision Heard ListProvision Narrowing NativeField Org Page Parent "
                "PositionLost Provided Provision PullRequest Reading Replaced Seen SignInWay Subscription "
                "Telling TellingReader Usage ValuesProvision Write WriteResult"
            ),
            "crmsync.errors": "CrmUnreachable FullReadNeeded RunStopped SignInRefused TryAgain UsageError",
            "crmsync.files": "Unreadable read_text",
            ".answers": "AnswerTooLarge bound_answers close_pools whole_body",
            ".creating": "UNREAD CreationSteps Held create_once",
            ".frames": "instants_as_text native_column native_frame native_text",
            ".halving": "in_halves",
            ".headers": "heard_date running_seconds server_date wished_seconds",
            ".kept_token": "UNANSWERED UNANSWERED_HINT KeptToken",
            ".pace": "Pace Pacer",
            ".paging": "PagingGuard",
            ".redaction": "redacted scrubbed secrets_of without_addresses",
            ".refusal_words": "crm_code crm_words field_names label_words",
            ".refusals": "DEEDS Deed Meaning meaning_of table_rows",
            ".retry": "AnswerLost OutcomeUncertain RetryPolicy call_with_retries",
            ".sound_text": "decoded_json sound_json",
            ".tally": "Tally",
            "crmsync.spans": "call_span path_template",
        },
    )

__all__ = [
    "ALL_ACTIVITIES",
    "CHANGED_AT",
    "DEEDS",
    "LEAD_ID",
    "RECORD_ID",
    "STILL_THERE",
    "UNANSWERED",
    "UNANSWERED_HINT",
    "UNREAD",
    "AccessProvision",
    "AnswerLost",
    "AnswerTooLarge",
    "Capabilities",
    "Choice",
    "Closing",
    "Connector",
    "ConnectorPlugin",
    "Creation",
    "CreationResult",
    "CreationSteps",
    "CrmClock",
    "CrmUnreachable",
    "CrmUser",
    "Currencies",
    "Deed",
    "Delivery",
    "Doubt",
    "Edit",
    "FieldKind",
    "FieldProvision",
    "FullReadNeeded",
    "Heard",
    "Held",
    "KeptToken",
    "ListProvision",
    "Meaning",
    "Narrowing",
    "NativeField",
    "Org",
    "OutcomeUncertain",
    "Pace",
    "Pacer",
    "Page",
    "PagingGuard",
    "Parent",
    "PositionLost",
    "Provided",
    "Provision",
    "PullRequest",
    "Reading",
    "Replaced",
    "RetryPolicy",
    "RunStopped",
    "Seen",
    "SignInRefused",
    "SignInWay",
    "Subscription",
    "Tally",
    "Telling",
    "TellingReader",
    "TryAgain",
    "Unreadable",
    "Usage",
    "UsageError",
    "ValuesProvision",
    "Write",
    "WriteResult",
    "bound_answers",
    "call_span",
    "call_with_retries",
    "close_pools",
    "create_once",
    "crm_code",
    "crm_words",
    "decoded_json",
    "field_names",
    "heard_date",
    "in_halves",
    "instants_as_text",
    "label_words",
    "meaning_of",
    "native_column",
    "native_frame",
    "native_text",
    "path_template",
    "read_text",
    "redacted",
    "replace",
    "running_seconds",
    "scrubbed",
    "secrets_of",
    "server_date",
    "sound_json",
    "starter_file",
    "table_rows",
    "whole_body",
    "wished_seconds",
    "without_addresses",
]
