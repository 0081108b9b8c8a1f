"""YAML files that know where everything stands: every mistake gets file:line:column and the mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.configuration.document import Document, read_document
    from crmsync.configuration.on_one_line import comment, flow
    from crmsync.configuration.place import Path
    from crmsync.configuration.rewriting import rewritten
    from crmsync.configuration.typed_text import as_typed
    from crmsync.configuration.unseen import escaped, seen_whole
    from crmsync.configuration.validation import did_you_mean, validated
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".document": "Document read_document",
            ".on_one_line": "comment flow",
            ".place": "Path",
            ".rewriting": "rewritten",
            ".typed_text": "as_typed",
            ".unseen": "escaped seen_whole",
            ".validation": "did_you_mean validated",
        },
    )

__all__ = [
    "Document",
    "Path",
    "as_typed",
    "comment",
    "did_you_mean",
    "escaped",
    "flow",
    "read_document",
    "rewritten",
    "seen_whole",
    "validated",
]
