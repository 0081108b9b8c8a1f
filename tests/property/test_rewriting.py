"""A value of a file changed from a page: nothing but its own lines, whatever the file looks like."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmsync.configuration import as_typed, flow, read_document, rewritten
from crmsync.errors import ConfigurationError, UsageError

TEXTS = (
    "x",
    "Need__c",
    "yes",
    "0-3 months",
    "a: b",
    "# no comment",
    "ä \u202e",
    "1",
    "",
    "'",
    '"',
    "null",
    "Über, {uns}",
)
words = st.sampled_from(TEXTS) | st.text(max_size=8).filter(lambda text: text.isprintable())
plain = words | st.booleans() | st.none() | st.integers(-9, 9)
entries = st.one_of(
    plain,
    st.lists(words, max_size=3),
    st.dictionaries(words, plain, max_size=3),
    st.fixed_dictionaries(
        {"field": words, "type": words}, optional={"values": st.dictionaries(words, plain, max_size=3)}
    ),
)
comments = st.sampled_from(("", "  # why", " # a: {b", "\t# tab"))
NAMES = ("need", "budget", "goals", "timeline")


@st.composite
def styled(draw: st.DrawFn, name: str, value: Any, indent: str) -> list[str]:
    """An entry in one of the ways in which people write it, comments and empty lines before, in and behind it."""
    before = ("", f"{indent}# {name}: old", "# at the edge", f"{indent}   # in")
    lines = draw(st.lists(st.sampled_from(before), max_size=2))
    if isinstance(value, dict) and value and draw(st.booleans()):
        lines.append(f"{indent}{flow(name)}:{draw(comments).replace(chr(9), ' ')}")
        for key, inner in value.items():
            lines += draw(styled(str(key), inner, indent + "  "))
    elif value is None and draw(st.booleans()):
        lines.append(f"{indent}{flow(name)}:")
    else:
        lines.append(f"{indent}{flow(name)}: {flow(value)}{draw(comments)}")
    return lines


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, str, dict[str, Any], str]:
    """(all before the entries of `facts`, their lines, all behind, what it says, how its lines end)."""
    end = draw(st.sampled_from(("\n", "\r\n")))
    said = draw(st.dictionaries(st.sampled_from(NAMES), entries, min_size=1))
    head = draw(st.sampled_from(("", "\ufeff"))) + "format: 1" + end + "facts:   # Fact -> field" + end
    parts = [draw(styled(name, value, "  ")) for name, value in said.items()]
    tail = draw(st.sampled_from(("", "lead: {object: Lead}  # last", "# the end")))
    text = "\0".join(end.join(part) + end for part in parts)
    return head, text, tail, said, end


@settings(max_examples=80)
@given(files(), st.sampled_from((*NAMES, "new")), entries)
def test_only_lines_of_the_changed_entry_differ(
    made: tuple[str, str, str, dict[str, Any], str], name: str, value: Any
) -> None:
    head, entry_texts, tail, said, end = made
    parts = entry_texts.split("\0")
    text = head + "".join(parts) + tail
    try:
        read = read_document(text.removeprefix("\ufeff").replace("\r\n", "\n"), "f").data
        after = rewritten(text, "f", ("facts", name), value)
    except (ConfigurationError, UsageError):
        return
    assert read_document(after.removeprefix("\ufeff").replace("\r\n", "\n"), "f").data["facts"] == {
        **read["facts"], name: value
    }  # fmt: skip
    place = list(said).index(name) if name in said else len(parts)
    before, behind = "".join(parts[:place]), "".join(parts[place + 1 :])
    assert after.startswith(head + before)
    assert after.endswith(behind + tail)
    assert all(line in after.split(end) for line in comment_lines(text.split(end)))
    if end == "\r\n":
        assert after.count("\n") == after.count("\r\n")


def comment_lines(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.lstrip().startswith("#")]


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, dict[str, str], list[str], str]:
    """(a file with a list, each item's line without its comma, comments on lines of their own, how its lines end)."""
    end = draw(st.sampled_from(("\n", "\r\n")))
    bracket = draw(st.booleans())
    dash, indent = ("", "    ") if bracket else ("- ", draw(st.sampled_from(("  ", "      "))))
    written, own, text = {}, ["# at the end"], "facts:  # all" + end + f"  need:{' [' * bracket}  # these" + end
    items = draw(st.lists(words.filter(bool), min_size=1, max_size=4, unique=True))
    for place, item in enumerate(items):
        if draw(st.booleans()):
            own.append(f"# about {place}")
            text += indent + own[-1] + end
        anchor, comment = (
            draw(st.sampled_from(("", f"&a{place} "))),
            draw(st.sampled_from(("", f"  # behind {place}"))),
        )
        told = dash + anchor + (json.dumps(item) if draw(st.booleans()) else flow(item))
        comma = "," if bracket and (place + 1 < len(items) or draw(st.booleans())) else ""
        text += indent + told + comma + comment + end
        written[item] = told + comment
    text += "    # at the end" + end + "  ]  # closed" * bracket + end * bracket
    return text + draw(st.sampled_from(("  goals: unmapped  # last" + end, "lead: {}", ""))), written, own, end


@settings(max_examples=80)
@given(lists(), st.randoms(use_true_random=False), st.lists(words, max_size=2))
def test_what_stays_in_a_list_keeps_its_line_and_its_comments(
    made: tuple[str, dict[str, str], list[str], str], chance: random.Random, more: list[str]
) -> None:
    text, written, own, end = made
    try:
        items = read_document(text.replace("\r\n", "\n"), "f").data["facts"]["need"]
    except ConfigurationError:
        return
    assert items == list(written)
    kept = chance.sample(items, chance.randint(0, len(items)))
    wanted = [*kept, *more] or ["x"]
    chance.shuffle(wanted)
    after = rewritten(text, "f", ("facts", "need"), wanted)
    assert read_document(after.replace("\r\n", "\n"), "f").data["facts"]["need"] == wanted
    found = [line.strip().replace(",  #", "  #").removesuffix(",") for line in after.split(end)]
    assert [line for line in own if line not in found] == []
    assert [item for item in kept if written[item].removesuffix(",") not in found] == []
    assert after.split(end)[:2] == text.split(end)[:2]
    assert ("# closed" in after, "# last" in after) == ("# closed" in text, "# last" in text)
    assert after.count("\n") == after.count(end)


line_ends = st.sampled_from(("\n", "\r\n", "\r"))
texts = st.sampled_from(("", "a", "b: 1", "  # c", "\u2028", "\x85", "\x0b"))
lines = st.lists(st.tuples(texts, line_ends), max_size=8)


def shown(text: str) -> str:
    """As a page sends back what it was given to show: one kind of line end, no byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


@given(st.sampled_from(("", "\ufeff")), lines, st.sampled_from(("", "last")))
def test_what_is_typed_as_it_was_gives_the_file_back(mark: str, told: list[tuple[str, str]], last: str) -> None:
    text = mark + "".join(line + end for line, end in told) + last
    assert as_typed(text, shown(text)) == text


@given(lines, st.integers(0, 8), st.sampled_from(("new", "", "b: 1")))
def test_a_line_typed_in_between_leaves_the_others(told: list[tuple[str, str]], at: int, typed: str) -> None:
    text = "".join(line + end for line, end in told)
    after = shown(text).split("\r\n")
    after.insert(min(at, len(after) - 1), typed)
    found = as_typed(text, "\r\n".join(after))
    assert shown(found) == "\r\n".join(after)
    ends = {end for _, end in told}
    if len(ends) == 1:
        assert found == "\r\n".join(after).replace("\r\n", ends.pop())


@pytest.mark.parametrize(
    "text", ["a: &x 1\nfacts: {b: *x}\n", "facts: [1]\n", "- a\n", "facts: {need: !x 1}\n", "a: b: c\n"]
)
def test_what_cannot_be_read_or_has_no_such_place_is_not_touched(text: str) -> None:
    try:
        after = rewritten(text, "f", ("facts", "need"), "unmapped")
    except (ConfigurationError, UsageError):
        return
    assert read_document(after, "f").data["facts"]["need"] == "unmapped"
    assert text.startswith("facts: [1]")
