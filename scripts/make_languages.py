"""Writes the catalogues below `src/crmsync/languages/locale` anew: messages by the code, translations as they are.

    python scripts/make_languages.py

What is new in the code stands in the `.po` files without a translation afterwards, to be filled in by hand; what the
code has no more is gone. Then once more: it compiles them to the `.mo` files that the package reads.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from crmsync.languages.known import LANGUAGES
from crmsync.languages.tongues import DOMAIN
from crmsync.languages.translated import OF_POLICIES
from crmsync.mapping.vocabulary import KINDS, OUTCOMES
from crmsync.qualify.language.ladder import Task
from crmsync.qualify.terms.activities import DIRECTIONS
from crmsync.qualify.terms.facts import BUILT_IN_FACTS

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "src" / "crmsync"
PRESETS = CODE / "qualify" / "presets"
LOCALE = CODE / "languages" / "locale"
TRANSLATED = sorted(set(LANGUAGES) - {"en"})

Message = str | tuple[str, str]
_ONCE = datetime(2026, 11, 29, tzinfo=UTC)
"""Stands in the catalogues as their day: they are the same whenever they are written."""
_SENTENCES = frozenset({"label", "question", "say", "unit", "subject", "ask"})
_NAMES = frozenset({"kind", "outcome", "direction", "values", "is", "is_not", "in", "not_in"})


def messages_of_code(code: Path = CODE) -> dict[Message, set[str]]:
    """Message, or its forms for one and several → the files that say it: modules, and templates of pages.

    Read from the syntax tree, as Babel's own reader does not look into f-strings.
    """
    found: dict[Message, set[str]] = {}
    for file in sorted(code.rglob("*.html")):
        name = file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else file.name
        for message in _said_by_template(file.read_text(encoding="utf-8")):
            found.setdefault(message, set()).add(name)
    for file in sorted(code.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "tongue" in text:
            name = file.relative_to(ROOT).as_posix() if file.is_relative_to(ROOT) else file.name
            for message in _said(ast.parse(text)):
                found.setdefault(message, set()).add(name)
    return found


def _said(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [
                part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            if called in ("say", "to_say") and len(texts) == 1:
                yield texts[0]
            elif called == "say_many" and len(texts) == 2:
                yield texts[0], texts[1]


def _said_by_template(text: str) -> Iterator[Message]:
    for _, called, texts in extract_from_ast(Environment(autoescape=True).parse(text), ("say", "say_many")):
        forms = [text for text in texts if text is not None] if isinstance(texts, tuple) else [texts]
        if called == "say" and len(forms) == 1 and forms[0] is not None:
            yield forms[0]
        elif called == "say_many" and len(forms) == 2:
            yield forms[0], forms[1]


def words_of_policies(presets: Path = PRESETS) -> dict[str, set[str]]:
    """The shipped policies' own words, and those that every policy shares → the policies that say them."""
    found: dict[str, set[str]] = {}
    for file in sorted(presets.glob("*.yaml")):
        policy = yaml.safe_load(file.read_text(encoding="utf-8"))
        for words in _words(policy):
            found.setdefault(words, set()).add(file.relative_to(ROOT).as_posix())
    for word in (*KINDS, *OUTCOMES, *DIRECTIONS, *BUILT_IN_FACTS, Task().subject):
        found.setdefault(_plain(word), set())
    return {words: places for words, places in found.items() if re.search(r"[^\W\d_]{2}", words)}


def _words(policy: Mapping[str, Any]) -> Iterator[str]:
    for part in ("lists", "grades"):
        yield from map(_plain, policy.get(part, {}))
    for part in ("facts", "scores"):
        yield from (_plain(name) for name, shape in policy.get(part, {}).items() if "label" not in shape)
    yield from (_plain(name) for name, shape in policy.get("criteria", {}).items() if _told_by_name(shape))
    for part in ("next_action", "expectations"):
        yield from filter(None, policy.get(part, {}).values())
    rest = {key: part for key, part in policy.items() if key not in ("name", "lists", "next_action", "expectations")}
    yield from _in(rest)


def _told_by_name(criterion: Any) -> bool:
    return isinstance(criterion, str) or (
        "label" not in criterion and bool({"all", "any", "not", "of"} & set(criterion))
    )


def _in(part: Any) -> Iterator[str]:
    """Words below the keys that hold some."""
    if isinstance(part, list):
        for each in part:
            yield from _in(each)
    if not isinstance(part, dict):
        return
    for key, value in part.items():
        texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
        if key in _SENTENCES:
            yield from texts
        elif key == "name" and "say" not in part:
            yield from (_plain(text) for text in texts)
        elif key in _NAMES:
            yield from (_plain(text) for text in texts)
        if key == "values" and isinstance(value, dict):
            yield from (_plain(text) for text in value if isinstance(text, str))
        yield from _in(value)


def _plain(name: str) -> str:
    return str(name).replace("_", " ")


def template() -> Catalog:
    """Every message, without translations."""
    catalogue = Catalog(
        project="crmsync", version="1", domain=DOMAIN, creation_date=_ONCE, revision_date=_ONCE, charset="utf-8"
    )
    for message, places in sorted(messages_of_code().items(), key=lambda item: _key(item[0])):
        catalogue.add(message, locations=[(place, 1) for place in sorted(places)])
    for words, places in sorted(words_of_policies().items()):
        catalogue.add(words, context=OF_POLICIES, locations=[(place, 1) for place in sorted(places)])
    return catalogue


def _key(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def catalogue_of(language: str, messages: Catalog, folder: Path = LOCALE) -> Catalog:
    """A language's catalogue with exactly these messages, translated as far as its file translates them."""
    file = folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    told = read_po(io.BytesIO(file.read_bytes()), locale=language) if file.exists() else Catalog(locale=language)
    catalogue = Catalog(
        locale=language, project="crmsync", version="1", domain=DOMAIN, creation_date=_ONCE, revision_date=_ONCE,
        last_translator="crmsync", msgid_bugs_address="see CONTRIBUTING.md", language_team=f"{LANGUAGES[language]}",  # type: ignore[index]
        header_comment=f"# {LANGUAGES[language]} texts of crmsync.",  # type: ignore[index]
        charset="utf-8", fuzzy=False,
    )  # fmt: skip
    for message in messages:
        if not message.id:
            continue
        before = told.get(message.id, message.context)
        flags = before.flags if before else ()
        catalogue.add(
            message.id, before.string if before else None, message.locations, flags=flags, context=message.context
        )
    return catalogue


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """The catalogue as its two files hold it."""
    text, compiled = io.BytesIO(), io.BytesIO()
    write_po(text, catalogue, width=110, include_lineno=False)
    write_mo(compiled, catalogue)
    return text.getvalue(), compiled.getvalue()


def missing(catalogue: Catalog) -> Iterable[str]:
    """Messages without a translation, or with one that nobody has confirmed."""
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(strings)):
            yield message.id if isinstance(message.id, str) else message.id[0]


def main() -> None:
    """Write every language's two files, and say what is missing."""
    messages = template()
    for language in TRANSLATED:
        catalogue = catalogue_of(language, messages)
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        text, compiled = written(catalogue)
        (folder / f"{DOMAIN}.po").write_bytes(text)
        (folder / f"{DOMAIN}.mo").write_bytes(compiled)
        lacking = list(missing(catalogue))
        sys.stdout.write(f"{language}: {len(catalogue)} messages, {len(lacking)} without a translation\n")
        sys.stdout.writelines(f"  {message}\n" for message in lacking)


if __name__ == "__main__":
    main()
