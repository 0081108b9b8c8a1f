"""A page as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from crmsync.operations.policy.page import Block, Paragraph, Points, ReadablePage, Section, Table
from crmsync.qualify.telling.describe import ConditionLine
from crmsync.showing.foreign_text import one_line

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_CALLS = re.compile(r"(@|#(?=\w)|!(?=\w)|\bGH-(?=\d)|://|\bwww(?=\.))", re.IGNORECASE)
"""What would call a person, name an issue or become a link where comments are shown."""
_AT_LINE_START = re.compile(r"^(#|[-+]|\d+[.)])")


def markdown(page: ReadablePage) -> str:
    """The page with places for signatures at its end. Terms that are explained below stand in italics."""
    lines = [f"# {escaped(page.title)}", "", wording(page)]
    for section in page.sections:
        lines += _section(section, 2)
    head = " | ".join(map(escaped, signature_head(page)))
    lines += ["", f"## {escaped(page.tongue.say('Agreed'))}", "", f"| {head} |", "|---|---|---|---|"]
    lines += [f"| {escaped(role)} |  |  |  |" for role in page.signed_by]
    return "\n".join(lines) + "\n"


def wording(page: ReadablePage) -> str:
    """What tells this wording of the policy from any other."""
    return page.tongue.say(
        "Wording {digest}: signatures below are for this wording; a changed policy has another.",
        digest=page.digest[:12],
    )


def signature_head(page: ReadablePage) -> tuple[str, ...]:
    """The head of the table in which it is signed."""
    say = page.tongue.say
    return say("For"), say("Name"), say("Date"), say("Signature")


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    words = " ".join(one_line(text, len(text)).split())
    plain = _SPECIAL.sub(r"\\\1", escape(words, quote=False))  # not every reader of Markdown knows `\<`
    return _AT_LINE_START.sub(lambda found: f"{found[1][:-1]}\\{found[1][-1]}", plain)


def in_a_comment(text: str) -> str:
    """The same for a comment on a code host: it calls nobody, names no issue and links to nowhere.

    A sign without width breaks the words up, as the hosts' own robots do it.
    """
    return _CALLS.sub(r"\1&#8203;", escaped(text))


def _section(section: Section, level: int) -> Iterator[str]:
    title = escaped(section.title)
    yield from ("", f"{'#' * min(level, 6)} {f'*{title}*' if section.term else title}")
    for block in section.blocks:
        yield ""
        yield from _block(block)
    for part in section.parts:
        yield from _section(part, level + 1)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield escaped(block.text)
        case Points():
            for point in block.points:
                yield from _point(point, 0)
        case Table():
            yield f"| {' | '.join(map(escaped, block.head))} |"
            yield f"|{'---|' * len(block.head)}"
            for row in block.rows:
                yield f"| {' | '.join(map(escaped, row))} |"


def _point(point: ConditionLine, depth: int) -> Iterator[str]:
    text = escaped(point.text)
    told = f"*{text}*" if point.term else text
    yield f"{'  ' * depth}- {told}{':' if point.parts else ''}"
    for part in point.parts:
        yield from _point(part, depth + 1)
