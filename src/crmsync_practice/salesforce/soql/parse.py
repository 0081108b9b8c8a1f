"""Parses SOQL text, with Salesforce's own words for what it cannot read."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args
from lark.exceptions import UnexpectedInput, VisitError

from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.soql.tree import (
    Among,
    Call,
    Compare,
    Condition,
    Expression,
    Includes,
    Junction,
    Negation,
    Ordering,
    Path,
    Query,
    Selected,
    TypeOf,
    Value,
)

LONGEST_STATEMENT = 100_000
LONGEST_WHERE_STRING = 4_000
LARGEST_OFFSET = 2_000
_EXCERPT = 60


@lru_cache(maxsize=128)
def parse(text: str) -> Query:
    """The statement's meaning; raises SalesforceError (MALFORMED_QUERY and the like)."""
    if len(text) > LONGEST_STATEMENT:
        raise SalesforceError(
            "QUERY_TOO_COMPLICATED", "Query is too long: SOQL statements cannot exceed 100000 characters"
        )
    if not text.strip():
        raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
    try:
        tree = _parser().parse(text)
        query: Query = _Builder(text).transform(tree)
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        shown = "<EOF>" if at_end else str(error.token)
        position = len(text) if at_end else error.token.start_pos or 0
        raise malformed(text, position + 1, f"unexpected token: '{shown}'") from error
    except UnexpectedCharacters as error:
        position = error.pos_in_stream or 0
        shown = text[position]
        detail = f"line {error.line}:{position} no viable alternative at character '{shown}'"
        raise malformed(text, position + 1, detail) from error
    except UnexpectedInput as error:
        raise malformed(text, 1, "unexpected token") from error
    except VisitError as error:
        if isinstance(error.orig_exc, SalesforceError):
            raise error.orig_exc from error
        raise
    except RecursionError as error:
        raise SalesforceError("QUERY_TOO_COMPLICATED", "Query is too complicated") from error
    return query


def malformed(text: str, column: int, detail: str, code: str = "MALFORMED_QUERY") -> SalesforceError:
    """An error with the marked excerpt that Salesforce puts before its text."""
    start = max(0, column - 1 - _EXCERPT // 2)
    excerpt = text[start : column - 1 + _EXCERPT // 2].replace("\n", " ")
    pointer = " " * (column - 1 - start) + "^"
    row = text.count("\n", 0, column - 1) + 1
    return SalesforceError(code, f"\n{excerpt}\n{pointer}\nERROR at Row:{row}:Column:{column}\n{detail}")


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False)


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def unescape(quoted: str, *, keep_wildcards: bool) -> str:
    """The text of a quoted string. In a LIKE pattern `\\%` and `\\_` keep their backslash for the matcher."""

    def one(match: re.Match[str]) -> str:
        character = match.group(1)
        if keep_wildcards and character in "%_\\":
            return f"\\{character}"
        return _ESCAPES.get(character, character)

    return re.sub(r"\\(.)", one, quoted[1:-1], flags=re.DOTALL)


_Clause = tuple[Token, str, Any]
_ORDER_OF_CLAUSES = ("scope", "where", "with", "group", "having", "order", "limit", "offset", "for", "update")


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Turns the parse tree into `tree` values."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, query: Query) -> Query:
        return query

    def path(self, name: Token) -> Path:
        return Path(tuple(name.split(".")), _column(name))

    def call(self, name: Token, *arguments: Expression) -> Call:
        return Call(str(name), arguments, _column(name))

    def alias(self, name: Token) -> Token:
        return name

    def selected(self, expression: Expression, alias: Token | None = None) -> Selected:
        return Selected(expression, None if alias is None else str(alias))

    def child_query(self, query: Query) -> Query:
        return query

    def typeof_when(self, name: Token, *fields: Token) -> tuple[str, tuple[str, ...]]:
        return str(name).lower(), tuple(str(each) for each in fields)

    def typeof_else(self, *fields: Token) -> tuple[str, ...]:
        return tuple(str(each) for each in fields)

    def typeof(self, name: Token, *parts: Any) -> TypeOf:
        otherwise: tuple[str, ...] = ()
        branches = list(parts)
        if branches and not (len(branches[-1]) == 2 and isinstance(branches[-1][1], tuple)):
            otherwise = branches.pop()
        return TypeOf(str(name), tuple(branches), otherwise, _column(name))

    def select_list(self, *items: Any) -> tuple[Any, ...]:
        return items

    def source(self, name: Token, alias: Token | None = None) -> tuple[Token, Token | None]:
        return name, alias

    def using(self, keyword: Token, name: Token) -> _Clause:
        return keyword, "scope", str(name)

    def where(self, keyword: Token, condition: Condition) -> _Clause:
        return keyword, "where", condition

    def having(self, keyword: Token, condition: Condition) -> _Clause:
        return keyword, "having", condition

    def group(self, keyword: Token, *expressions: Expression) -> _Clause:
        return keyword, "group", expressions

    def order(self, keyword: Token, *orderings: Ordering) -> _Clause:
        return keyword, "order", orderings

    def limit(self, keyword: Token, number: Token) -> _Clause:
        return keyword, "limit", self._whole(number)

    def offset(self, keyword: Token, number: Token) -> _Clause:
        value = self._whole(number)
        if value > LARGEST_OFFSET:
            raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        return keyword, "offset", value

    def with_clause(self, keyword: Token, *_: Any) -> _Clause:
        return keyword, "with", None

    def for_clause(self, keyword: Token, *_: Any) -> _Clause:
        return keyword, "for", None

    def update(self, keyword: Token, *_: Any) -> _Clause:
        return keyword, "update", None

    def ordering(self, expression: Expression, *marks: Token) -> Ordering:
        words = {str(mark).upper() for mark in marks}
        return Ordering(expression, "DESC" in words, "LAST" in words)

    def query(self, select: tuple[Any, ...], source: tuple[Token, Token | None], *clauses: _Clause) -> Query:
        given: dict[str, Any] = {}
        latest = -1
        for keyword, clause, value in clauses:
            rank = _ORDER_OF_CLAUSES.index(clause)
            if rank < latest or (rank == latest and clause != "for"):
                raise malformed(self._text, _column(keyword), f"unexpected token: '{keyword}'")
            latest = rank
            given[clause] = value
        name, alias = source
        return Query(
            select=select,
            source=str(name),
            source_column=_column(name),
            alias=None if alias is None else str(alias),
            where=given.get("where"),
            group=given.get("group", ()),
            having=given.get("having"),
            order=given.get("order", ()),
            limit=given.get("limit"),
            offset=given.get("offset"),
            scope=given.get("scope"),
        )

    def all_of(self, *parts: Condition) -> Junction:
        return Junction(True, parts)

    def any_of(self, *parts: Condition) -> Junction:
        return Junction(False, parts)

    def negation(self, part: Condition) -> Negation:
        return Negation(part)

    def grouped(self, condition: Condition) -> Condition:
        return condition

    def compare(self, left: Expression, operator: Token, value: Value) -> Compare:
        return Compare(left, "!=" if operator == "<>" else str(operator), value)

    def like(self, left: Expression, value: Value) -> Compare:
        return Compare(left, "LIKE", value)

    def values(self, *values: Value) -> tuple[Value, ...]:
        return values

    def subselect(self, query: Query) -> Query:
        return query

    def is_in(self, left: Expression, values: tuple[Value, ...] | Query) -> Among:
        return Among(left, values, False)

    def not_in(self, left: Expression, values: tuple[Value, ...] | Query) -> Among:
        return Among(left, values, True)

    def includes(self, left: Expression, *values: Value) -> Includes:
        return Includes(left, values, False)

    def excludes(self, left: Expression, *values: Value) -> Includes:
        return Includes(left, values, True)

    def string(self, token: Token) -> Value:
        if len(token) > LONGEST_WHERE_STRING + 2:
            raise malformed(
                self._text, _column(token), "string literals in a WHERE clause cannot exceed 4000 characters"
            )
        return Value("string", str(token), _column(token))

    def datetime(self, token: Token) -> Value:
        return Value("datetime", str(token), _column(token))

    def date(self, token: Token) -> Value:
        return Value("date", str(token), _column(token))

    def number(self, token: Token) -> Value:
        return Value("number", str(token), _column(token))

    def null(self) -> Value:
        return Value("null", "null", 1)

    def true(self) -> Value:
        return Value("boolean", "true", 1)

    def false(self) -> Value:
        return Value("boolean", "false", 1)

    def date_literal(self, token: Token) -> Value:
        return Value("range", str(token).upper(), _column(token))

    def date_literal_n(self, token: Token) -> Value:
        name, number = str(token).split(":")
        if len(number) > 5:
            raise malformed(self._text, _column(token), f"Invalid date literal number: {number}")
        return Value("range", f"{name.upper()}:n", _column(token), int(number))

    def _whole(self, token: Token) -> int:
        if not token.isdecimal() or len(token) > 9:
            raise malformed(self._text, _column(token), f"unexpected token: '{token}'")
        return int(token)


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1
