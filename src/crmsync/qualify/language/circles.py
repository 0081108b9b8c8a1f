"""Criteria, scores and stages that depend on each other in a circle, or through too many of each other."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.qualify.criteria import Criterion, Mistake, Path
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.walk import rung_condition

DEEPEST = 100
"""Criteria inside criteria, through names too: more than this nobody reads, and it would exhaust the compiler."""

_Node = tuple[str, str]
_Use = tuple[Path, int, _Node]
"""(where it is used, how deep it is nested there, what is used)"""


def circles_in(policy: Policy) -> list[Mistake]:
    """At most one mistake: the first circle, or the first thing that is too deep."""
    uses = {node: list(found) for node, found in _uses(policy)}
    depth: dict[_Node, int] = {}
    for start in uses:
        mistake = _measure(start, uses, depth)
        if mistake:
            return [mistake]
    return []


def _measure(start: _Node, uses: dict[_Node, list[_Use]], depth: dict[_Node, int]) -> Mistake | None:
    """Depths of everything `start` needs, without recursion."""
    path_to: list[_Node] = [start]
    pending: list[Iterator[_Use]] = [iter(uses[start])]
    on_path = {start}
    while pending:
        use = next(pending[-1], None)
        if use is None:
            done = path_to.pop()
            pending.pop()
            on_path.discard(done)
            depth[done] = max((level + depth[node] for _, level, node in uses[done]), default=1)
            deepest = max((use for use in uses[done]), key=lambda use: use[1], default=None)
            if depth[done] > DEEPEST:
                where = deepest[0] if deepest else ()
                return Mistake(where, f"`{done[1]}` leads through more than {DEEPEST} criteria inside each other")
            continue
        where, _, node = use
        if node in on_path:
            circle = [*path_to[path_to.index(node) :], node]
            return Mistake(where, f"`{node[1]}` depends on itself: {' → '.join(name for _, name in circle)}")
        if node not in depth:
            path_to.append(node)
            on_path.add(node)
            pending.append(iter(uses[node]))
    return None


def _uses(policy: Policy) -> Iterator[tuple[_Node, Iterator[_Use]]]:
    for name, criterion in policy.criteria.items():
        yield ("criterion", name), _used_by(("criteria", name), criterion, 1)
    for name, score in policy.scores.items():
        found = [use for path, one in score.criteria() for use in _used_by(("scores", name, *path), one, 1)]
        found += [(("scores", name, "combine", part), 1, ("score", part)) for part in score.combine or ()]
        yield ("score", name), iter(found)
    for index, rung in enumerate(policy.ladder):
        condition = rung_condition(policy, rung)
        found = list(_used_by(("ladder", index, "when"), condition, 1)) if condition is not None else []
        if index and not rung.stands_alone:
            found.append((("ladder", index), 1, ("stage", policy.ladder[index - 1].stage)))
        yield ("stage", rung.stage), iter(found)


def _used_by(path: Path, criterion: Criterion, level: int) -> Iterator[_Use]:
    if isinstance(criterion, str):
        yield path, level, ("criterion", criterion)
        return
    for below, sort, name in criterion.references():
        if sort in ("score", "stage"):
            yield (*path, *below), level, (sort, name)
    for below, child in criterion.children():
        yield from _used_by((*path, *below), child, level + 1)
