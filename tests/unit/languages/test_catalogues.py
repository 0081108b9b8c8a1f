"""The catalogues have every message of the code, translated, with the same places for values."""

from __future__ import annotations

import ast
import importlib.util
import re
import string
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message

from crmsync.languages.known import LANGUAGES, language_meant
from crmsync.languages.tongues import catalogue_of, tongue_of
from crmsync.settings.file import a_language
from crmsync.tongue import ENGLISH

ROOT = Path(__file__).parents[3]
CODE = ROOT / "src" / "crmsync"
OTHERS = sorted(set(LANGUAGES) - {"en"})
each_language = pytest.mark.parametrize("language", OTHERS)


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_languages", ROOT / "scripts" / "make_languages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_languages = script()


@cache
def template() -> Catalog:
    """Of all code and pages: a second's work, when a test asks for it, and not wherever tests are collected."""
    return make_languages.template()


def texts(message: Message) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(the original, its translations): of a plural the form for one, and those for several."""
    if isinstance(message.id, tuple):
        yield message.id[0], (message.string[0],)
        yield message.id[1], tuple(message.string[1:])
    else:
        yield message.id, (message.string,)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


MEND = "run `python scripts/make_languages.py`, fill in the translations that it leaves empty, and run it again"


@each_language
def test_catalogues_are_as_the_script_writes_them(language: str) -> None:
    folder = make_languages.LOCALE / language / "LC_MESSAGES"
    text, compiled = make_languages.written(make_languages.catalogue_of(language, template()))
    assert (folder / "crmsync.po").read_bytes() == text, MEND
    assert (folder / "crmsync.mo").read_bytes() == compiled, MEND


@each_language
def test_every_message_is_translated_and_keeps_its_places(language: str) -> None:
    catalogue: Catalog = make_languages.catalogue_of(language, template())
    assert list(make_languages.missing(catalogue)) == [], MEND
    for message in catalogue:
        if not message.id:
            continue
        for original, translations in texts(message):
            for translation in translations:
                if message.context:
                    assert places(translation) == set(), "a policy's words are no template"
                else:
                    assert places(translation) == places(original), original
                assert translation == translation.strip()
                assert translation.endswith(".") is original.endswith("."), original


def test_a_message_that_is_new_in_the_code_is_missed(tmp_path: Path) -> None:
    """In an f-string, too, and in the form for several."""
    code = 'f"{tongue.say(\'wholly new\')}"\ntongue.say_many("{number} new thing", "{number} new things", 2)\n'
    (tmp_path / "new.py").write_text(code, encoding="utf-8")
    found = make_languages.messages_of_code(tmp_path)
    assert set(found) == {"wholly new", ("{number} new thing", "{number} new things")}
    for message in found:
        template().add(message)
    try:
        lacking = list(make_languages.missing(make_languages.catalogue_of("it", template())))
    finally:
        for message in found:
            template().delete(message[0] if isinstance(message, tuple) else message)
    assert {"{number} new thing", "wholly new"} <= set(lacking)


def test_what_is_said_by_its_number_stands_where_it_is_said() -> None:
    """Both forms, word for word: handed over as names they are two messages, and no catalogue has them as one."""
    handed_over = [
        f"{file.name}:{call.lineno}"
        for file in sorted(CODE.rglob("*.py"))
        if "say_many" in (code := file.read_text("utf-8"))
        for call in ast.walk(ast.parse(code))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) == "say_many"
        and not all(isinstance(each, ast.Constant) for each in call.args[:2])
    ]
    assert handed_over == []


@each_language
def test_few_texts_are_as_in_english(language: str) -> None:
    """What is the same in both is a word of the trade; a translation that somebody forgot would be more."""
    catalogue: Catalog = make_languages.catalogue_of(language, template())
    told = {m.id: re.sub(r"{\w+}", "", str(m.id)) for m in catalogue if m.id and m.string == m.id}
    same = [message for message, words in told.items() if len(set(re.findall(r"\w+", words))) > 3]
    assert same == []


@each_language
def test_one_and_several_differ_by_number(language: str) -> None:
    tongue = tongue_of(language)  # type: ignore[arg-type]
    for_one, for_two, for_none, for_half = (
        tongue.say_many("{number} working hour", "{number} working hours", number) for number in (1, 2, 0, 0.5)
    )
    assert for_one.replace("1", "2") != for_two
    assert for_two == for_none.replace("0", "2") == for_half.replace("0.5", "2")


@pytest.mark.parametrize(
    ("language", "number", "plain", "day", "moment"),
    [
        ("en", "1,234.5", "1234.5", "2027-03-05", "2027-03-05 14:07"),
        ("de", "1.234,5", "1234,5", "05.03.2027", "05.03.2027 14:07"),
        ("it", "1.234,5", "1234,5", "5 mar 2027", "5 mar 2027 14:07"),
        ("nl", "1.234,5", "1234,5", "5 mrt 2027", "5 mrt 2027 14:07"),
        ("nb", "1\u00a0234,5", "1234,5", "5. mars 2027", "5. mars 2027 14:07"),
    ],
)
def test_numbers_and_days_are_written_as_people_there_write_them(
    language: str, number: str, plain: str, day: str, moment: str
) -> None:
    from datetime import UTC, datetime

    at, tongue = datetime(2027, 3, 5, 14, 7, tzinfo=UTC), tongue_of(language)  # type: ignore[arg-type]
    assert tongue.number(1234.5) == number
    assert (tongue.plain_number(1234.5), tongue.figures(1234.5)) == (plain, plain)
    assert (tongue.day(at.date()), tongue.moment(at)) == (day, moment)
    assert tongue.number(0.123456789) == str(0.123456789).replace(".", tongue.number(0.5)[1]), "all its digits"


def test_lists_in_words() -> None:
    italian = tongue_of("it")
    assert italian.either(["a", "b", "c"]) == "a, b o c"
    assert italian.both(["a", "b"]) == "a e b"
    assert (italian.either(["a"]), italian.either([])) == ("a", "")
    assert italian.in_turn(["a", "b", "c"]) == "a, poi b, poi c"


def test_what_no_catalogue_knows_stays_as_it_is() -> None:
    italian = tongue_of("it")
    assert italian.own("Casa di Rossi") == "Casa di Rossi"
    assert italian.own("") == "", "and not the catalogue's head"
    assert italian.say("no such message {n}", n=1) == "no such message 1"
    assert isinstance(catalogue_of("it"), GNUTranslations)


def test_english_needs_no_catalogue() -> None:
    assert tongue_of("en") is ENGLISH


@pytest.mark.parametrize(
    ("written", "meant"),
    [("it", "it"), ("IT", "it"), ("it_IT", "it"), ("de-CH", "de"), ("no", "nb"), ("nb_NO.UTF-8", "nb"), (None, None)],
)
def test_languages_may_be_written_in_several_ways(written: str | None, meant: str | None) -> None:
    assert language_meant(written) == meant
    assert a_language(written) == meant


def test_norwegian_may_be_written_as_yaml_reads_it() -> None:
    assert a_language(False) == "nb"


def test_a_language_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"there are no texts in the language `fr`\n→ write one of `de` \(German\)"):
        a_language("fr")
