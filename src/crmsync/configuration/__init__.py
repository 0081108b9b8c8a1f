"""YAML files that know where everything stands: every mistake gets file:line:column and the mend."""

from crmsync.configuration.document import Document, read_document
from crmsync.configuration.place import Path
from crmsync.configuration.unseen import escaped, seen_whole
from crmsync.configuration.validation import did_you_mean, validated

__all__ = ["Document", "Path", "did_you_mean", "escaped", "read_document", "seen_whole", "validated"]
