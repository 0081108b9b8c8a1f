"""Writes what docs/explanation/the-house.md shows of the code: the rooms, who imports whom, and one lead's way.

python scripts/make_house.py            write it between the page's marks
python scripts/make_house.py --check    exit 1 when the page is not what the code says
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grimp
import polars as pl

from crmsync import model
from crmsync.values import field_names

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "the-house.md"
sys.path.insert(0, str(ROOT / "tests" / "bench"))

from lead_way import Event, Way, followed  # noqa: E402 - found by the line above

HOUSE = "crmsync"
OUTSIDE = ("crmsync_practice", "crmsync_salesforce", "crmsync_hubspot")
"""Packages beside the core."""
BESIDE = ("__main__", "testing")
"""Rooms of the core that no picture shows: the one starts the other rooms, the other proves them."""

HOPS: tuple[tuple[str, str], ...] = (
    ("crmsync_salesforce.connection", "SalesforceConnector.pull"),
    ("crmsync.mapping.inward", "leads_from"),
    ("crmsync.mapping.inward", "activities_from"),
    ("crmsync.store.remember", "remember"),
    ("crmsync.store.gather", "gather"),
    ("crmsync.qualify.engine.decide", "decide_with_verdicts"),
    ("crmsync.route.placing.assignment", "assign"),
    ("crmsync.plan.diff", "changed"),
    ("crmsync.qualify.telling.reasons", "reasons"),
    ("crmsync.plan.diff", "change_from"),
    ("crmsync.run.planned", "planned"),
    ("crmsync.store.journal", "intend"),
    ("crmsync_salesforce.connection", "SalesforceConnector.read"),
    ("crmsync_salesforce.connection", "SalesforceConnector.push"),
    ("crmsync.store.outcomes", "record"),
    ("crmsync.store.decisions", "record"),
)
"""(module, function) of each hop, in the order in which they first hand something on; a run has to pass them all."""

SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    name: getattr(model, name) for name in ("LEADS", "ACTIVITIES", "ACCOUNTS", "DECIDED", "ROUTED")
}
CARRIERS = (
    "PullRequest", "Page", "Mapped", "Pulled", "Remembered", "Batch", "Assignments", "Decided", "Change", "Plan",
    "Write", "WriteResult", "ApplyReport", "PullReport", "Settlement",
)  # fmt: skip
"""Values in which a lead travels; frames are told by the schema they hold."""
MOST_NAMED = 8
"""Columns of a frame beyond a schema that are told by name."""


def parts(way: Way) -> dict[str, str]:
    """Mark → the Markdown that stands between it and its end."""
    return {"rooms": rooms(), "imports": imports(), "way": way_table(way)}


# --- rooms ----------------------------------------------------------------------------------------------------------


def contract(kind: str) -> Mapping[str, Any]:
    """The first import contract of this kind."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    found: Mapping[str, Any] = next(each for each in settings["contracts"] if each["type"] == kind)
    return found


def layers() -> list[list[str]]:
    """The rooms of the core from top to bottom, as the import contract has them."""
    return [[name.strip() for name in line.split("|")] for line in contract("layers")["layers"]]


def rooms() -> str:
    """Every room with the first sentence of its docstring, from top to bottom; the inner rooms of each below it."""
    lines = ["| room | what it is for |", "|---|---|"]
    for name in (name for line in layers() for name in line if name not in BESIDE):
        lines.append(f"| **{name}** | {_sentence(f'{HOUSE}.{name}')} |")
        lines += [f"| · {name}/{inner} | {_sentence(f'{HOUSE}.{name}.{inner}')} |" for inner in _inner(name)]
    lines += [f"| **{name}** | {_sentence(f'{HOUSE}.{name}')} |" for name in BESIDE if name != "__main__"]
    lines += [f"| **{name}** | {_sentence(name)} |" for name in OUTSIDE]
    return "\n".join(lines)


def _inner(room: str) -> list[str]:
    folder = Path(importlib.import_module(f"{HOUSE}.{room}").__file__ or "").parent
    return sorted(path.parent.name for path in folder.glob("*/__init__.py")) if folder.name == room else []


def _sentence(module: str) -> str:
    text = inspect.getdoc(importlib.import_module(module)) or ""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).replace("|", "\\|")


# --- imports --------------------------------------------------------------------------------------------------------


def arrows() -> set[tuple[str, str]]:
    """(room, room it imports), also where only types are imported."""
    graph = grimp.build_graph(HOUSE, cache_dir=None)  # a cache knows modules that have moved away
    pairs = (
        (module.split(".")[1], other.split(".")[1])
        for module in graph.modules
        for other in graph.find_modules_directly_imported_by(module)
        if module.count(".") and other.count(".")
    )
    return {(room, other) for room, other in pairs if room != other and not {room, other} & set(BESIDE)}


def shortest(edges: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without arrows that others already say: from a to c where there is a way by b. The graph has no circle."""

    def reaches(start: str, goal: str) -> bool:
        return any(after == goal or reaches(after, goal) for before, after in edges if before == start)

    return sorted(
        (start, goal)
        for start, goal in edges
        if not any(reaches(after, goal) for before, after in edges if before == start and after != goal)
    )


def imports() -> str:
    """A drawing of who imports whom, the arrows that others say left out."""
    edges = arrows()
    drawn = [f"  {start} --> {goal}" for start, goal in shortest(edges)]
    text = "\n".join(["```mermaid", "flowchart TD", *drawn, "```"])
    count = f"{len(edges)} arrows between {len(set().union(*edges))} rooms; those that follow are left out."
    return f"{text}\n\n{count} {_circles()}"


def _circles() -> str:
    """What the contract promises of the inside of rooms."""
    left = [
        f"`{name.removeprefix(f'{HOUSE}.')}`" for name in contract("acyclic_siblings").get("skip_descendants", ())
    ]
    return "No circle lies inside a room, at any depth" + (f", but in {', '.join(left)}." if left else ".")


# --- one lead's way -------------------------------------------------------------------------------------------------


def way_table(way: Way) -> str:
    """Hop by hop: room, function, what goes in and what comes out, as they were in the run that was followed."""
    lines = ["| | room | function | in | out |", "|---:|---|---|---|---|"]
    for number, (module, function, called, returned) in enumerate(hops(way), start=1):
        room = "/".join(module.split(".")[1:-1]) if module.startswith(f"{HOUSE}.") else "the connector"
        place = f"{module.rpartition('.')[2]}.{function.rpartition('.')[2]}"
        taken, given = _taken(module, function, called), _given(module, function, returned)
        lines.append(f"| {number} | {room} | `{place}` | {taken} | {given} |")
    return "\n".join(lines)


def hops(way: Way) -> Iterator[tuple[str, str, Event, Event]]:
    """(module, function, its first call, the first value it gives), in the order of HOPS.

    Raises `LookupError` when a run does not pass one of them, or not in this order.
    """
    earlier = 0
    for module, function in HOPS:
        file = module.removeprefix(f"{HOUSE}.").replace(".", "/") + ".py"
        mine = [
            (place, event)
            for place, event in enumerate(way.events)
            if event.function[1] == function and event.function[0].endswith(file)
        ]
        place, returned = next(((place, event) for place, event in mine if not event.begins), (-1, None))
        if returned is None or place < earlier:
            raise LookupError(f"a run does not pass {module}.{function} here any more: mend HOPS in make_house.py")
        earlier = place
        yield module, function, mine[0][1], returned


def _signature(module: str, function: str) -> inspect.Signature:
    found: Any = importlib.import_module(module)
    for name in function.split("."):
        found = getattr(found, name)
    return inspect.signature(found)


def _taken(module: str, function: str, called: Event) -> str:
    shapes = []
    for name, parameter in _signature(module, function).parameters.items():
        told = shape(called.values.get(name)) or _annotated(parameter.annotation)
        if told:
            shapes.append(f"`{name}`: {told}")
    return "<br>".join(shapes)


def _given(module: str, function: str, returned: Event) -> str:
    annotation = _signature(module, function).return_annotation
    return shape(returned.values["result"]) or ("" if annotation == "None" else f"`{annotation}`")


def _annotated(annotation: Any) -> str:
    """An annotation as it is written, if a lead travels in it."""
    text = str(annotation)
    return f"`{text}`" if re.search(rf"\b({'|'.join(CARRIERS)})\b", text) else ""


def shape(value: Any) -> str:
    """What a value holds of a lead, in the words of `crmsync.model.frames`; empty for anything else."""
    if isinstance(value, pl.DataFrame):
        return _frame(value)
    if isinstance(value, Mapping) and "lead" in value:
        return "one row of it"
    if isinstance(value, Sequence) and value and not isinstance(value, str):
        one = shape(value[0])
        return f"tuple of {one}" if one else ""
    if type(value).__name__ in CARRIERS:
        held = {name: getattr(value, name) for name in field_names(value)}
        frames = [f"`{name}`: {_frame(each)}" for name, each in held.items() if isinstance(each, pl.DataFrame)]
        return f"`{type(value).__name__}`" + (f" ({'; '.join(frames)})" if frames else "")
    return ""


def _frame(frame: pl.DataFrame) -> str:
    columns = list(frame.columns)
    if "@id" in columns:
        return f"native records, {len(columns)} columns of text"
    known = [name for name, schema in SCHEMAS.items() if set(schema) <= set(columns)]
    largest = max(known, key=lambda name: len(SCHEMAS[name]), default=None)
    rest = [name for name in columns if largest is None or name not in SCHEMAS[largest]]
    return ", ".join([*([largest] if largest else []), *_counted(rest)])


def _counted(columns: Iterable[str]) -> Iterator[str]:
    """Few columns by name, many as a number; those that a policy or mapping names, by what their names begin with."""
    groups: dict[str, list[str]] = {}
    for name in columns:
        prefix, point, _ = name.partition(".")
        groups.setdefault(f"{prefix}." if point else "", []).append(name)
    for prefix, names in groups.items():
        if prefix:
            yield f"{len(names)} × `{prefix}…`"
        elif len(names) <= MOST_NAMED:
            yield ", ".join(f"`{name}`" for name in names)
        else:
            yield f"{len(names)} columns more"


# --- the page -------------------------------------------------------------------------------------------------------


def written(page: str, texts: Mapping[str, str]) -> str:
    """The page with each text between its marks. Raises when a mark is missing."""
    for name, text in texts.items():
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)"
        if not re.search(pattern, page, flags=re.S):
            raise LookupError(f"{PAGE.name} has no mark `{name}`")
        page = re.sub(pattern, lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page, flags=re.S)
    return page


def main() -> int:
    """The command."""
    page = PAGE.read_text(encoding="utf-8")
    text = written(page, parts(followed()))
    if "--check" in sys.argv[1:]:
        if text != page:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not what the code says: python scripts/make_house.py\n")
        return int(text != page)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
