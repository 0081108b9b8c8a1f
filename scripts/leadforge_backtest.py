"""Hold shipped policies, a tuned one and fitted points against what became of leadforge's leads.

    python scripts/leadforge_backtest.py FOLDER_WITH_PARQUET [--days 30] [--json FILE]

The whole way is the real one: the data set becomes an import of the practice Salesforce org, a dry run reads it into
the store, `crmsync backtest` replays each lead as of so many days after its creation. Prints Markdown: the AUC and
the lift in the top decile of every ranking, with 95 % intervals, none of them measured on leads that it was fitted
to:

- the shipped policies and the policy written for this firm (`FIRM`) are fitted to nothing;
- "fitted points" are cross-validated (5 times 5 folds), and so is the ranking by source alone;
- "tuned policy": FIRM with the points fitted to the leads of one half of the month, as whole numbers, measured on
  the leads of the other half.

How to read it: the world is noisy on purpose; with 30 days of activity a logistic regression reaches an AUC of about
0.56. Much more than 0.57 would mean that something knew the outcome.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

PRESETS = ("general", "saas", "consulting", "agency")
CONNECTION = "salesforce"

_CONTACT = ["completed", "connected"]
FIRM: Mapping[str, Any] = {
    "format": 1,
    "name": "Firm",
    "extends": "saas",
    "facts": {"lead_source": {"type": "text"}, "process_maturity": {"type": "text"}},
    "criteria": {
        "sql_evidence": {
            "any": [
                *("asked_for_demo", "asked_about_price", "asked_for_consultation", "asked_for_proposal"),
                *("had_discovery_call", "strong_interest", "bant_half", "sqo_evidence"),
            ]
        }
    },
    "grades": {"grade": None},
    "scores": {
        **dict.fromkeys(("fit", "engagement", "total")),
        "worth": {
            "label": "Worth",
            "rules": [
                {"fact": "lead_source", "values": {"partner_referral": 15, "inbound_marketing": 10}},
                {"fact": "seniority", "values": {"c_level": 15, "vp": 10, "director": 10, "manager": 5}},
                {"fact": "authority", "values": {"decision_maker": 15, "influencer": 10}},
                {"fact": "process_maturity", "values": {"high": 10, "medium": 5}},
                {
                    "first": [
                        {"when": {"fact": "employees", "at_least": 1000}, "points": 10},
                        {"when": {"fact": "employees", "at_least": 500}, "points": 5},
                    ]
                },
                *(
                    {"activities": selector, "points": points, "half_life_days": 30, "cap": 3 * points}
                    for selector, points in (
                        ({"kind": "page_view"}, 3),
                        ({"kind": "content_download"}, 8),
                        ({"kind": "webinar"}, 10),
                        ({"kind": "social_connect"}, 4),
                        ({"kind": "email", "direction": "inbound"}, 8),
                        ({"kind": "call", "direction": "inbound"}, 10),
                        ({"kind": "call", "outcome": _CONTACT}, 8),
                        ({"kind": "meeting", "outcome": _CONTACT}, 10),
                        ({"kind": "demo", "outcome": _CONTACT}, 15),
                    )
                ),
                {"activities": {"outcome": "no_answer"}, "points": -2, "half_life_days": 30, "cap": 10},
            ],
        },
    },
    "priority": "worth",
}
"""Written from the data's dictionary alone, points by rule of thumb; nobody looked at the outcomes."""

Row = Mapping[str, Any]


def import_of(source: Path, folder: Path) -> date:
    """The import directory; gives the day of the latest activity, so that the practice CRM shifts nothing."""
    script = Path(__file__).with_name("leadforge_to_import.py")
    subprocess.run([sys.executable, script, source, folder], check=True, capture_output=True)  # noqa: S603
    with (folder / "activities.jsonl").open(encoding="utf-8") as file:
        return date.fromisoformat(max(json.loads(line)["at"][:10] for line in file))


@contextmanager
def practice(imported: Path, directory: Path, today: date) -> Iterator[str]:
    """The practice Salesforce org with the import, and a configuration in `directory`; its address."""
    command = [sys.executable, "-m", "crmsync", "practice", "serve", "--crm", CONNECTION, "--port", "0"]
    command += ["--import", str(imported), "--config-dir", str(directory), "--today", today.isoformat()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            sys.exit("the practice CRM did not start; see the message above")
        yield json.loads(line)[CONNECTION]
    finally:
        process.terminate()
        process.communicate()


def write_outcomes(source: Path, url: str, path: Path) -> None:
    """Native lead id, whether it converted, and the day of it."""
    with urllib.request.urlopen(f"{url}/_practice/state", timeout=300) as answer:  # noqa: S310 - loopback
        native = {lead["id"]: lead["native_id"] for lead in json.loads(answer.read())["leads"]}
    leads = pl.read_parquet(source / "leads.parquet")
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("lead", "outcome", "day"))
        for row in leads.sort("lead_id").iter_rows(named=True):
            won = str(row["converted_within_90_days"]).lower()
            lines.writerow((native[row["lead_id"]], won, (row["conversion_timestamp"] or "")[:10]))


def crmsync(directory: Path, *arguments: str) -> Any:
    """The command's JSON answer. Exit 4 (some records set aside) is an answer, too."""
    command = [sys.executable, "-m", "crmsync", *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode not in {0, 4}:
        sys.exit(f"crmsync {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class Bench:
    """The stored leads, asked again and again. `moment`: how the replay is asked for."""

    def __init__(self, directory: Path, days: int, end: date) -> None:
        self._directory = directory
        self._asked = ["--outcomes", "outcomes.csv", "--at", f"created+{days}", "--as-of", end.isoformat()]

    def moment(self, policy: Mapping[str, Any] | str, *more: str) -> dict[str, Any]:
        """One replay under a shipped policy (by name) or a whole one."""
        name = policy if isinstance(policy, str) else "tried.yaml"
        if not isinstance(policy, str):
            (self._directory / name).write_text(json.dumps(policy), encoding="utf-8")
        answer = crmsync(self._directory, "backtest", CONNECTION, "--policy", name, *self._asked, *more)
        found: dict[str, Any] = answer["backtests"][0]["moments"][0]
        return found


def tuned(policy: Mapping[str, Any], points: Sequence[Row]) -> dict[str, Any]:
    """The policy with suggested points as whole numbers; an activity rule keeps how many activities count."""
    changed: dict[str, Any] = deepcopy(dict(policy))
    for row in points:
        _, score, _, index, *line = row["place"].split(".")
        rule = changed["scores"][score]["rules"][int(index)]
        whole = round(row["suggested"])
        if not line:
            counted = rule["cap"] / abs(rule["points"])
            rule.update(points=whole, cap=counted * abs(whole))
        elif "values" in rule:
            rule["values"][line[0]] = whole
        else:
            rule["first"][int(line[0].removeprefix("line ")) - 1]["points"] = whole
    return changed


def rankings(bench: Bench, middle: date) -> Iterator[tuple[str, Row]]:
    """(what, ranking), all out of sample."""
    for preset in PRESETS:
        for one in bench.moment(preset)["rankings"]:
            if one["name"] in {"stage", "score total"}:
                yield f"{preset}: {one['name']}", one
    suggestion = bench.moment(FIRM, "--suggest")["suggestion"]
    names = {
        "score worth": "firm's policy, points by hand",
        "fitted points": "fitted points",
        "source only": "source only",
    }
    for one in suggestion["rankings"]:
        if one["name"] in names:
            yield names[one["name"]], one
    halves = (("--created-to", "--created-from"), ("--created-from", "--created-to"))
    for number, (fitted_on, measured_on) in enumerate(halves):
        days = (middle, date.fromordinal(middle.toordinal() + 1))
        fitted = bench.moment(FIRM, "--suggest", fitted_on, days[number].isoformat())["suggestion"]
        policy = tuned(FIRM, fitted["points"])
        found = bench.moment(policy, measured_on, days[1 - number].isoformat())
        one = next(one for one in found["rankings"] if one["name"] == "score worth")
        yield f"tuned policy, {found['leads']} leads of the {'second' if number == 0 else 'first'} half", one


def report(found: Sequence[tuple[str, Row]], moment: Row) -> str:
    """Markdown."""
    lines = [
        f"{moment['leads']:,} leads, {moment['winners']:,} winners; left out: {moment['left_out'] or 'none'}.",
        "",
    ]
    lines += ["| ranking | AUC | 95 % | lift in the top decile | 95 % |", "|---|---:|---|---:|---|"]
    for name, one in found:
        area, top = one["auc_interval"], one["top_lift_interval"]
        lines.append(
            f"| {name} | {one['auc']:.3f} | {area[0]:.3f} … {area[1]:.3f} "
            f"| {one['top_lift']:.2f} | {top[0]:.2f} … {top[1]:.2f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("source", type=Path, help="folder with leadforge's parquet files")
    parser.add_argument("--days", type=int, default=30, help="days after creation [30]")
    parser.add_argument("--json", type=Path, help="also write every ranking to this file")
    options = parser.parse_args()
    source = options.source.resolve()
    created = pl.read_parquet(source / "leads.parquet")["lead_created_at"].str.slice(0, 10).sort()
    middle = date.fromisoformat(created[len(created) // 2])
    with tempfile.TemporaryDirectory() as temporary:
        imported, directory = Path(temporary) / "import", Path(temporary) / "rehearsal"
        end = import_of(source, imported)
        with practice(imported, directory, end) as url:
            write_outcomes(source, url, directory / "outcomes.csv")
            crmsync(directory, "run", CONNECTION, "--dry-run", "--as-of", end.isoformat())
        bench = Bench(directory, options.days, end)
        found = list(rankings(bench, middle))
        moment = bench.moment("saas")
    if options.json:
        options.json.write_text(
            json.dumps([{"what": name, **one} for name, one in found], indent=1), encoding="utf-8"
        )
    print(report(found, moment), end="")  # noqa: T201 - the command's answer


if __name__ == "__main__":
    main()
