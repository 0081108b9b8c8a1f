"""Run leadforge's leads through both practice CRMs, write-back included, and tell what became of them.

    python scripts/leadforge_to_import.py FOLDER_WITH_PARQUET IMPORT_DIRECTORY --outcomes OUTCOMES.csv
    python scripts/leadforge_report.py IMPORT_DIRECTORY OUTCOMES.csv [--json FILE] [--keep DIRECTORY]

Starts both practice CRMs on loopback, then for each: a dry run, the run, a full run (which must find nothing to do).
Prints Markdown: leads per stage, owners' loads, records set aside, calls, times, and how the order of the stages
agrees with what became of the leads. The agreement is told with 95 % intervals from 2,000 bootstrap samples.

Two things to know when reading the agreement. The data's world is noisy on purpose: a logistic regression fitted to
the outcomes reaches an AUC of about 0.57 with everything before the outcome; a shipped policy is fitted to nothing.
And a lead that converts is not touched any more, so with whole histories converted leads look less busy: compare with
an import made by `leadforge_to_import.py --first-days 30`.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from crmsync.values import asdict

CRMS = ("salesforce", "hubspot")
ORDER = ("disqualified", "lead", "mql", "sal", "sql", "sqo")
"""Stages from the least to the most promising."""
LOWEST = "lead"
"""What an empty stage in the CRM means."""
SAMPLES = 2000
SEED = 12

Table = Sequence[tuple[int, int]]
"""For each stage in ORDER: (leads that did not convert, leads that did)."""
Users = Mapping[str, Mapping[str, Any]]
"""Import id → user, with the number of leads `before` any run."""


@dataclass(frozen=True)
class Agreement:
    """AUC: how often a converted lead stands higher than another (a tie counts half). Gamma: ties left out."""

    auc: float
    auc_interval: tuple[float, float]
    gamma: float
    gamma_interval: tuple[float, float]


@dataclass(frozen=True)
class Result:
    """What one CRM's three runs came to."""

    seconds: Mapping[str, float]
    calls: Mapping[str, int]
    writes_of_the_dry_run: int
    written_as_planned: bool
    outcomes: Mapping[str, int]
    set_aside: Mapping[str, int]
    handed_over: int
    full_run: Mapping[str, int]
    stages: Mapping[str, str]
    owners: Mapping[str, str | None]


def auc_and_gamma(table: Table) -> tuple[float, float]:
    """Both from the numbers of pairs; 0.5 and 0 when there is nothing to compare."""
    higher = lower = tied = 0
    for stage, (_, converted) in enumerate(table):
        higher += converted * sum(other for other, _ in table[:stage])
        tied += converted * table[stage][0]
        lower += converted * sum(other for other, _ in table[stage + 1 :])
    pairs = higher + tied + lower
    untied = higher + lower
    return (higher + tied / 2) / pairs if pairs else 0.5, (higher - lower) / untied if untied else 0.0


def agreement(table: Table) -> Agreement:
    """With intervals from resampling the leads."""
    random = Random(SEED)  # noqa: S311 - statistics, not secrets
    cells = [(stage, converted) for stage in range(len(table)) for converted in (0, 1)]
    weights = [table[stage][converted] for stage, converted in cells]
    drawn = []
    for _ in range(SAMPLES):
        counts = Counter(random.choices(cells, weights, k=sum(weights)))
        drawn.append(auc_and_gamma([(counts[stage, 0], counts[stage, 1]) for stage in range(len(table))]))
    auc, gamma = auc_and_gamma(table)
    return Agreement(auc, _middle([one for one, _ in drawn]), gamma, _middle([one for _, one in drawn]))


def _middle(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[round(0.025 * (len(ordered) - 1))], ordered[round(0.975 * (len(ordered) - 1))]


def wilson(part: int, whole: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson)."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    reach = z * (share * (1 - share) / whole + z * z / (4 * whole * whole)) ** 0.5
    return (middle - reach) / (1 + z * z / whole), (middle + reach) / (1 + z * z / whole)


@contextmanager
def practice(imported: Path, directory: Path) -> Iterator[dict[str, str]]:
    """Both practice CRMs with the import, and a configuration in `directory`; CRM → address."""
    command = [sys.executable, "-m", "crmsync", "practice", "serve", "--crm", "both", "--port", "0"]
    command += ["--import", str(imported), "--config-dir", str(directory)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            sys.exit("the practice CRMs did not start; see the message above")
        yield json.loads(line)
    finally:
        process.terminate()
        process.communicate()


def crmsync(directory: Path, *arguments: str) -> tuple[str, float]:
    """The command's answer and its time in seconds. Exit 4 (some records set aside) is an answer, too."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "crmsync", *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode not in {0, 4}:
        sys.exit(f"crmsync {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done.stdout, time.monotonic() - begun


def asked(url: str, path: str) -> Any:
    """The control API's answer."""
    with urllib.request.urlopen(f"{url}/_practice/{path}", timeout=300) as answer:  # noqa: S310 - loopback
        return json.loads(answer.read())


def through(crm: str, url: str, directory: Path) -> Result:
    """Dry run, run, full run; then every lead's stage and owner as the CRM holds them."""
    told, seconds = {}, {}
    writes_of_the_dry_run = 0
    for name, arguments in (("dry run", ["--dry-run"]), ("run", []), ("full run", ["--full"])):
        text, seconds[name] = crmsync(directory, "run", crm, *arguments)
        told[name] = json.loads(text)["plans"][0]
        if name == "dry run":
            writes_of_the_dry_run = len(asked(url, "log?after=0"))
    state = asked(url, "state")
    lead_ids = {lead["native_id"]: lead["id"] for lead in state["leads"]}
    explained, seconds["explain all"] = crmsync(directory, "explain", crm, "--all")
    stories = [json.loads(line) for line in explained.splitlines()]
    run = told["run"]
    return Result(
        seconds=seconds,
        calls={name: plan["counts"]["calls"] for name, plan in told.items()},
        writes_of_the_dry_run=writes_of_the_dry_run,
        written_as_planned=_writes(run) == _writes(told["dry run"]),
        outcomes=dict(Counter(str(change["outcome"]) for change in run["changes"])),
        set_aside=dict(Counter(item["reason"] for item in run["set_aside"])),
        handed_over=sum(change["owner"] is not None for change in run["changes"]),
        full_run={key: told["full run"]["counts"][key] for key in ("read", "activities_read", "changes")},
        stages={lead_ids[story["lead"]]: story["crm_stage"] or LOWEST for story in stories if story["managed"]},
        owners={lead["id"]: lead["owner"] for lead in state["leads"]},
    )


def _writes(plan: Mapping[str, Any]) -> Any:
    return [(change["lead"], change["writes"]) for change in plan["changes"]]


def tabled(stages: Mapping[str, str], converted: Mapping[str, bool]) -> Table:
    """Leads by stage and outcome."""
    counts = Counter((stage, converted[lead]) for lead, stage in stages.items())
    return [(counts[stage, False], counts[stage, True]) for stage in ORDER]


def report(results: Mapping[str, Result], converted: Mapping[str, bool], users: Users) -> str:
    """Markdown."""
    first, second = results.values()
    same_stages = sum(first.stages[lead] == second.stages.get(lead) for lead in first.stages)
    same_owners = sum(first.owners[lead] == second.owners.get(lead) for lead in first.owners)
    lines = [f"{len(converted):,} leads, {sum(converted.values()):,} of which converted within 90 days.", ""]
    lines += [*_what_became_of_them(results, users), ""]
    lines += [f"The same in both CRMs: the stages of {same_stages:,} leads, the owners of {same_owners:,}.", ""]
    lines += [*_rates(tabled(first.stages, converted)), ""]
    for crm, result in results.items():
        said = agreement(tabled(result.stages, converted))
        lines.append(
            f"{crm}: AUC of the stage's rank {said.auc:.3f} ({_interval(said.auc_interval, '.3f')}), "
            f"Goodman-Kruskal gamma {said.gamma:+.3f} ({_interval(said.gamma_interval, '+.3f')})"
        )
    return "\n".join(lines) + "\n"


def _what_became_of_them(results: Mapping[str, Result], users: Users) -> Iterator[str]:
    each = list(results.values())

    def line(name: str, values: Iterable[object]) -> str:
        return f"| {name} | " + " | ".join(map(str, values)) + " |"

    yield line("", results)
    yield "|---|" + "---:|" * len(results)
    for stage in reversed(ORDER):
        yield line(f"stage {stage}", (sum(one == stage for one in result.stages.values()) for result in each))
    for user, known in sorted(users.items()):
        name = f"leads of {user} ({', '.join(known['roles'])}), {known['before']} before"
        yield line(name, (sum(owner == user for owner in result.owners.values()) for result in each))
    yield line("leads with another owner", (result.handed_over for result in each))
    yield line("outcomes of the changes", (_listed(result.outcomes) for result in each))
    yield line("set aside", (_listed(result.set_aside) for result in each))
    yield line("writes of the dry run", (result.writes_of_the_dry_run for result in each))
    yield line("written as the dry run said", ("yes" if result.written_as_planned else "NO" for result in each))
    for key in each[0].full_run:
        yield line(f"full run afterwards: {key.replace('_', ' ')}", (result.full_run[key] for result in each))
    for name in each[0].calls:
        yield line(f"calls, {name}", (result.calls[name] for result in each))
    for name in each[0].seconds:
        yield line(f"seconds, {name}", (f"{result.seconds[name]:.1f}" for result in each))


def _rates(table: Table) -> Iterator[str]:
    yield "| stage | leads | converted | rate | 95 % |"
    yield "|---|---:|---:|---:|---|"
    for stage, (lost, won) in reversed(list(zip(ORDER, table, strict=True))):
        rate = f"{won / (lost + won):.1%}" if lost + won else "–"
        yield f"| {stage} | {lost + won} | {won} | {rate} | {_interval(wilson(won, lost + won), '.1%')} |"


def _interval(ends: tuple[float, float], form: str) -> str:
    return f"{ends[0]:{form}} … {ends[1]:{form}}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


def read_users(imported: Path) -> dict[str, dict[str, Any]]:
    """The import's users with the number of leads they have `before` any run."""
    users = {user["id"]: user for user in map(json.loads, (imported / "users.jsonl").read_text().splitlines())}
    owned = Counter(json.loads(line).get("owner") for line in (imported / "leads.jsonl").read_text().splitlines())
    return {identity: {**user, "before": owned[identity]} for identity, user in users.items()}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("imported", type=Path, help="import directory")
    parser.add_argument("outcomes", type=Path, help="CSV with lead_id and converted_within_90_days")
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    parser.add_argument("--keep", type=Path, help="leave the configuration and the store in this new directory")
    options = parser.parse_args()
    with options.outcomes.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        converted = {row["lead_id"]: row["converted_within_90_days"].lower() == "true" for row in rows}
    with tempfile.TemporaryDirectory() as temporary:
        directory = options.keep or Path(temporary) / "rehearsal"
        with practice(options.imported.resolve(), directory.resolve()) as urls:
            results = {crm: through(crm, urls[crm], directory) for crm in CRMS}
    if options.json:
        found = {crm: asdict(result) for crm, result in results.items()}
        for crm, result in results.items():
            found[crm]["agreement"] = asdict(agreement(tabled(result.stages, converted)))
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(report(results, converted, read_users(options.imported)), end="")  # noqa: T201 - the command's answer


if __name__ == "__main__":
    main()
