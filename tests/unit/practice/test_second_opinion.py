"""WHERE clauses, evaluated a second time in plain Python: same rows, or one of the two is wrong.

The evaluation knows nothing of the compiler: it works on records as they were read without a condition, by the rules
of SOQL (two truth values, texts without regard to case, an empty text is null, days in the org's zone).
"""

from __future__ import annotations

import operator
import re
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.unit.practice.thorough import TIMES

from crmsync_practice.generate import generate_world

from .conftest import TODAY, InProcess

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
TEXTS = (
    "Name",
    "Email",
    "Company",
    "Status",
    "Industry",
    "Country",
    "Title",
    "LeadSource",
    "Owner.Name",
    "Budget__c",
)
NUMBERS = ("NumberOfEmployees",)
STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
DAYS = ("LastActivityDate",)
FLAGS = ("IsConverted",)
IDS = ("Id", "OwnerId")
FIELDS = (*TEXTS, *NUMBERS, *STAMPS, *DAYS, *FLAGS, *IDS)
ORDERED = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
Clause = tuple[str, Any]


def value_of(record: dict[str, Any], name: str) -> Any:
    """A field, or a parent's."""
    first, _, rest = name.partition(".")
    if rest:
        return None if record[first] is None else record[first][rest]
    return record[first]


def compare(sign: str, left: Any, right: Any) -> bool:
    """One comparison, with null as SOQL treats it."""
    if sign == "!=":
        return not compare("=", left, right)
    if left is None or right is None:
        return sign == "=" and left is None and right is None
    return bool(ORDERED[sign](left, right))


def like(text: Any, pattern: str) -> bool:
    """LIKE with % and _ and their escapes."""
    if text is None:
        return False
    wanted = "".join(
        {"%": ".*", "_": "."}.get(part, re.escape(part[-1])) for part in re.findall(r"\\.|.", pattern, re.DOTALL)
    )
    return re.fullmatch(wanted, text, re.IGNORECASE | re.DOTALL) is not None


def folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Conditions:
    """Random conditions, each as text and as a function of a record."""

    def __init__(self, random: Random, records: list[dict[str, Any]]) -> None:
        self.random = random
        self.records = records

    def sample(self, name: str) -> Any:
        """A value that some record has, so that conditions meet something."""
        return value_of(self.random.choice(self.records), name)

    def condition(self, depth: int) -> Clause:
        choice = self.random.random()
        if depth > 0 and choice < 0.45:
            joined = self.random.choice([" AND ", " OR "])
            parts = [self.condition(depth - 1) for _ in range(self.random.randint(2, 3))]
            text = "(" + joined.join(part[0] for part in parts) + ")"
            combine = all if joined == " AND " else any
            return text, lambda record: combine([part[1](record) for part in parts])
        if depth > 0 and choice < 0.6:
            text, holds = self.condition(depth - 1)
            return f"(NOT {text})" if text.startswith("(") else f"(NOT ({text}))", lambda record: not holds(record)
        kinds = (
            self.text,
            self.text,
            self.pattern,
            self.listed,
            self.number,
            self.stamp,
            self.literal,
            self.day,
            self.flag,
        )
        return self.random.choice(kinds)()

    def text(self) -> Clause:
        name = self.random.choice(TEXTS)
        sign = self.random.choice(["=", "!=", "=", "<", ">=", "<="])
        value = self.sample(name) if self.random.random() < 0.9 else ""
        if value is None or value == "":
            sign = self.random.choice(["=", "!="])
            literal = self.random.choice(["null", "''"])
            return f"{name} {sign} {literal}", lambda record: compare(sign, value_of(record, name), None)
        if not str(value).isascii():
            sign = self.random.choice(["=", "!="])
        shown = self.random.choice([value, value.upper(), value.lower()])
        return f"{name} {sign} {quoted(shown)}", lambda record: compare(
            sign, folded(value_of(record, name)), folded(value)
        )

    def pattern(self) -> Clause:
        name = self.random.choice(TEXTS)
        value = self.sample(name) or "100%_sure\\"
        start = self.random.randint(0, len(value) - 1)
        piece = value[start : start + self.random.randint(1, 4)]
        escaped = re.sub(r"([%_\\])", r"\\\1", piece)
        pattern = self.random.choice([f"%{escaped}%", f"{escaped}%", f"%{escaped}", f"_{escaped}%", "%"])
        literal = "'" + pattern.replace("'", "\\'") + "'"
        return f"{name} LIKE {literal}", lambda record: like(value_of(record, name), pattern)

    def listed(self) -> Clause:
        name = self.random.choice((*TEXTS, *IDS))
        values = [self.sample(name) for _ in range(self.random.randint(1, 4))]
        shown = []
        for value in values:
            short = name in IDS and value is not None and self.random.random() < 0.3
            shown.append("null" if value is None else quoted(value[:15] if short else value))
        wanted = {folded(value) if name not in IDS else value for value in values}

        def among(record: dict[str, Any]) -> bool:
            value = value_of(record, name)
            return (value if name in IDS else folded(value)) in wanted

        if self.random.random() < 0.4:
            return f"{name} NOT IN ({', '.join(shown)})", lambda record: not among(record)
        return f"{name} IN ({', '.join(shown)})", among

    def number(self) -> Clause:
        name = self.random.choice(NUMBERS)
        sign = self.random.choice(["=", "!=", "<", ">", "<=", ">="])
        value = self.sample(name)
        if value is None:
            sign = self.random.choice(["=", "!="])
        literal = "null" if value is None else self.random.choice([str(value), f"{value}.0"])
        return f"{name} {sign} {literal}", lambda record: compare(sign, value_of(record, name), value)

    def stamp(self) -> Clause:
        name = self.random.choice(STAMPS)
        sign = self.random.choice(["=", "!=", "<", ">", "<=", ">="])
        at = datetime.fromisoformat(self.sample(name)[:19]).replace(tzinfo=UTC)
        local = at.astimezone(self.random.choice([UTC, ZONE, ZoneInfo("Asia/Kolkata")]))
        literal = local.isoformat()
        return f"{name} {sign} {literal}", lambda record: compare(
            sign, datetime.fromisoformat(value_of(record, name)[:19]).replace(tzinfo=UTC), at
        )

    def literal(self) -> Clause:
        """Date literals whose days are counted here by hand."""
        name = self.random.choice((*STAMPS, *DAYS))
        today = NOW.astimezone(ZONE).date()
        number = self.random.randint(1, 60)
        month = today.replace(day=1)
        text, first, last = self.random.choice(
            [
                ("TODAY", today, today),
                ("YESTERDAY", today - timedelta(1), today - timedelta(1)),
                (f"LAST_N_DAYS:{number}", today - timedelta(number), today),
                (f"N_DAYS_AGO:{number}", today - timedelta(number), today - timedelta(number)),
                ("THIS_MONTH", month, date(2026, 11, 30)),
                ("LAST_MONTH", date(2026, 10, 1), date(2026, 10, 31)),
                ("THIS_WEEK", date(2026, 11, 15), date(2026, 11, 21)),
                ("LAST_QUARTER", date(2026, 7, 1), date(2026, 9, 30)),
                ("THIS_YEAR", date(2026, 1, 1), date(2026, 12, 31)),
            ]
        )
        sign = self.random.choice(["=", "!=", "<", ">", "<=", ">="])

        def holds(record: dict[str, Any]) -> bool:
            value = value_of(record, name)
            if value is None:
                return sign == "!="
            if name in STAMPS:
                day = datetime.fromisoformat(value[:19]).replace(tzinfo=UTC).astimezone(ZONE).date()
            else:
                day = date.fromisoformat(value)
            inside = first <= day <= last
            return {
                "=": inside,
                "!=": not inside,
                "<": day < first,
                "<=": day <= last,
                ">": day > last,
                ">=": day >= first,
            }[sign]

        return f"{name} {sign} {text}", holds

    def day(self) -> Clause:
        sign = self.random.choice(["=", "!=", "<", ">", "<=", ">="])
        value = self.sample("LastActivityDate")
        if value is None:
            sign = self.random.choice(["=", "!="])
        literal = value or "null"
        return f"LastActivityDate {sign} {literal}", lambda record: compare(sign, record["LastActivityDate"], value)

    def flag(self) -> Clause:
        sign, value = self.random.choice(["=", "!="]), self.random.choice([True, False])
        return f"IsConverted {sign} {str(value).lower()}", lambda record: compare(sign, record["IsConverted"], value)


@pytest.fixture(scope="module")
def small() -> InProcess:
    """200 leads in a zone whose day is not that of UTC at the set time."""
    org = InProcess(generate_world(200, 23, TODAY, "America/Sao_Paulo"), "America/Sao_Paulo")
    org.context.clock.set(NOW)
    return org


@pytest.mark.breadth
def test_conditions_choose_what_plain_python_chooses(small: InProcess) -> None:
    records = small.query(f"SELECT {', '.join(FIELDS)} FROM Lead")
    assert len(records) == 200
    conditions = Conditions(Random(1), records)
    outcomes = {"none": 0, "some": 0, "all": 0}
    for _ in range(300 * TIMES):
        text, holds = conditions.condition(depth=3)
        expected = [record["Id"] for record in records if holds(record)]
        found = [record["Id"] for record in small.query(f"SELECT Id FROM Lead WHERE {text}")]
        assert found == expected, text
        outcomes["none" if not expected else "all" if len(expected) == 200 else "some"] += 1
    assert outcomes["some"] > 150 and outcomes["none"] > 5 and outcomes["all"] > 5, outcomes


def test_order_limit_and_offset_slice_the_whole_order(small: InProcess) -> None:
    random = Random(2)
    for _ in range(60):
        name = random.choice(("NumberOfEmployees", "LastActivityDate", "CreatedDate"))
        descending, last = random.random() < 0.5, random.random() < 0.5
        limit, offset = random.randint(1, 50), random.randint(0, 180)
        order = f"{name} {'DESC' if descending else 'ASC'} NULLS {'LAST' if last else 'FIRST'}, Id"
        records = small.query(f"SELECT Id, {name} FROM Lead ORDER BY {order} LIMIT {limit} OFFSET {offset}")
        everyone = small.query(f"SELECT Id, {name} FROM Lead ORDER BY Id")
        known = sorted(
            (each for each in everyone if each[name] is not None), key=lambda each: each[name], reverse=descending
        )
        nulls = [each for each in everyone if each[name] is None]
        whole = known + nulls if last else nulls + known
        assert [each["Id"] for each in records] == [each["Id"] for each in whole[offset : offset + limit]], order


def test_groups_count_what_plain_python_counts(small: InProcess) -> None:
    records = small.query("SELECT Id, Status, Industry, NumberOfEmployees FROM Lead")
    for name in ("Status", "Industry"):
        grouped = small.query(
            f"SELECT {name}, COUNT(Id) n, SUM(NumberOfEmployees) s, MIN(NumberOfEmployees), "
            "COUNT_DISTINCT(NumberOfEmployees) d "
            f"FROM Lead GROUP BY {name} HAVING COUNT(Id) > 2 ORDER BY {name}"
        )
        expected: dict[Any, list[Any]] = {}
        for record in records:
            expected.setdefault(record[name], []).append(record["NumberOfEmployees"])
        expected = {key: values for key, values in expected.items() if len(values) > 2}
        assert {row[name] for row in grouped} == set(expected)
        for row in grouped:
            known = [value for value in expected[row[name]] if value is not None]
            assert (row["n"], row["s"], row["expr0"], row["d"]) == (
                len(expected[row[name]]),
                sum(known) if known else None,
                min(known, default=None),
                len(set(known)),
            )


def test_semi_joins_and_sub_queries_agree_with_the_tasks(small: InProcess) -> None:
    tasks = small.query("SELECT Id, WhoId, Subject FROM Task WHERE TaskSubtype = 'Call'")
    called = {task["WhoId"] for task in tasks}
    everyone = [lead["Id"] for lead in small.query("SELECT Id FROM Lead")]
    joined = "(SELECT WhoId FROM Task WHERE TaskSubtype = 'Call')"
    assert [lead["Id"] for lead in small.query(f"SELECT Id FROM Lead WHERE Id IN {joined}")] == [
        each for each in everyone if each in called
    ]
    assert [lead["Id"] for lead in small.query(f"SELECT Id FROM Lead WHERE Id NOT IN {joined}")] == [
        each for each in everyone if each not in called
    ]
    for lead in small.query("SELECT Id, (SELECT Id FROM Tasks WHERE TaskSubtype = 'Call' ORDER BY Id) FROM Lead"):
        own = sorted(task["Id"] for task in tasks if task["WhoId"] == lead["Id"])
        children = lead["Tasks"]
        assert (children is None) == (not own)
        assert not own or [child["Id"] for child in children["records"]] == own
