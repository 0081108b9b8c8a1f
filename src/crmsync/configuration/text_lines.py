"""Lines of a text whose ends are anybody's: where one ends, and which of them are a comment and nothing else."""

from __future__ import annotations

from collections.abc import Iterator


def end_of(text: str) -> str:
    """How its lines end."""
    found = text.count("\r\n")
    return "\r\n" if 2 * found > text.count("\n") else "\n" if "\n" in text or "\r" not in text else "\r"


def line_end(text: str, index: int) -> int:
    """Behind the end of the line on which a sign stands."""
    ends = [found for sign in "\r\n" if (found := text.find(sign, index)) >= 0]
    if not ends:
        return len(text)
    end = min(ends)
    return end + (2 if text.startswith("\r\n", end) else 1)


def line_start(text: str, index: int) -> int:
    """The beginning of the line on which a sign stands."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def ends_line(text: str) -> bool:
    """Whether what comes behind it stands at the beginning of a line."""
    return text.endswith(("\n", "\r"))


def comment_lines(text: str) -> str:
    """Of some lines those that are a comment and nothing else."""
    return "".join(line for line in whole_lines(text) if line.lstrip(" \t").startswith("#"))


def whole_lines(text: str) -> Iterator[str]:
    """Each with its end."""
    start = 0
    while start < len(text):
        end = line_end(text, start)
        yield text[start:end]
        start = end
