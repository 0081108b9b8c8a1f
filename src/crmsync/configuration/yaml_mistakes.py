"""What is wrong with a text that is no YAML, in words for people rather than the parser's."""

from __future__ import annotations

from collections.abc import Sequence

from ruamel.yaml.error import MarkedYAMLError

_SPACES = "lines of one level begin under each other: give them as many spaces as the others have"
_WORDS: Sequence[tuple[str, str, str, str]] = (
    ("", r"character '\t'", "a tab stands in front", "indent with spaces"),
    ("block mapping", "found '<block mapping start>'", "this line is indented otherwise than those above", _SPACES),
    ("block mapping", "but found", "this does not fit below the lines above", _SPACES),
    ("block collection", "but found", "this does not fit below the list above", _SPACES),
    ("", "mapping values are not allowed", "a colon where none can be",
     "begin this line where the one above begins, or look there for a colon that is missing; a text with a colon in "
     "it stands in quotes"),
    ("", "could not find expected ':'", "a colon is missing", "write `name: value`"),
    ("flow mapping", "", "the `{` on line {begun} is not closed, or a comma is missing",
     "between its entries stand commas, and `}` at its end"),
    ("flow sequence", "", "the `[` on line {begun} is not closed, or a comma is missing",
     "between its entries stand commas, and `]` at its end"),
    ("flow node", "", "something is missing inside brackets", "look for a value before this, or one comma too many"),
    ("quoted scalar", "", "the quotation mark on line {begun} is not closed", "close it with the same mark"),
    ("", "cannot start any token", "this character cannot stand here", "put quotes around the text"),
)  # fmt: skip
"""Part of what the parser was at, part of what it found, what to say, what to do. The first that fits counts."""
_ANY_HINT = "check indentation, quotes and colons"


def told(error: MarkedYAMLError) -> tuple[str, str]:
    """Message and hint; the parser's own words where nothing better is known."""
    context, problem = str(error.context or ""), str(error.problem or "")
    begun = error.context_mark.line + 1 if error.context_mark else 1
    for at, found, words, hint in _WORDS:
        if at in context and found in problem:
            return f"not valid YAML: {words.replace('{begun}', str(begun))}", hint
    return f"not valid YAML: {' '.join(part for part in (context, problem) if part)}".removesuffix(": "), _ANY_HINT
