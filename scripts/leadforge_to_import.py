"""Turn a leadforge data set (parquet tables) into the practice CRM's import directory.

    python scripts/leadforge_to_import.py FOLDER_WITH_PARQUET IMPORT_DIRECTORY [--outcomes FILE]
    crmsync practice serve --import IMPORT_DIRECTORY --config-dir rehearsal

Only what was known before the outcome is taken: company and contact facts, marketing touches, sales activities and
product sessions. Columns that tell what happened later (current_stage, is_sql, converted_within_90_days,
conversion_timestamp, everything in opportunities and customers) never reach the CRM; `--outcomes` writes the
outcome of each lead to a CSV file beside it, for comparing afterwards.

Bands become their lower end (500-999 employees → 500; $10M-$50M → 10,000,000). Days become noon UTC. Representatives
1 to 5 are BDRs, the others AEs. The data names no budget, need or timeline; `buyer_role` tells the authority. What
the firm sends by itself (outbound content, webinars, LinkedIn messages) is no deed of the lead's: those get kinds of
their own, which no shipped policy asks for.

A lead that converts is not touched any more: with whole histories, converted leads look less busy than the others.
`--first-days 30` takes what happened in each lead's first 30 days, and only leads that had not converted by then.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

AUTHORITY = {
    "economic_buyer": "decision_maker",
    "champion": "influencer",
    "technical_evaluator": "influencer",
    "end_user": "user",
}
SENIORITY = {"c_suite": "c_level", "individual_contributor": "individual"}
TOUCH_KINDS = {
    ("linkedin_message", "inbound"): "social_connect",
    ("content_download", "outbound"): "content_sent",
    ("webinar", "outbound"): "webinar_invitation",
}
SESSION_SUBJECTS = {"website": "Website visit", "pricing_page": "Pricing page visit", "demo_page": "Demo page visit"}
OUTCOMES = {"meeting_set": "scheduled", "demo_completed": "completed"}
INDUSTRIES = {"professional_services": "professional services", "healthcare_non_clinical": "healthcare"}
COUNTRIES = {"US": "United States", "UK": "United Kingdom"}


def lower_end(band: str) -> int:
    """`500-999` → 500, `2000+` → 2000, `$10M-$50M` → 10,000,000."""
    found = re.search(r"(\d+)(M?)", band)
    if found is None:
        raise ValueError(f"band without a number: {band}")
    return int(found[1]) * (1_000_000 if found[2] else 1)


def users(leads: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """One user for each representative; the first half are BDRs."""
    representatives = sorted(leads["owner_rep_id"].unique())
    for number, representative in enumerate(representatives):
        role = "bdr" if number < len(representatives) / 2 else "ae"
        yield {
            "id": representative,
            "type": "person",
            "name": f"Representative {number + 1}",
            "email": f"{representative.replace('_', '.')}@leadforge.example",
            "roles": [role],
            "active": True,
            "team": "US" if number % 2 else "UK",
            "territories": [],
            "timezone": "UTC",
        }


def leads_in_import_shape(folder: Path, leads: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Leads with the facts of their contact and company, as far as they were known when the lead came in."""
    table = (
        leads.join(
            pl.read_parquet(folder / "contacts.parquet").drop("created_at", "account_id"), on="contact_id", how="left"
        )
        .join(pl.read_parquet(folder / "accounts.parquet").drop("created_at"), on="account_id", how="left")
        .sort("lead_id")
    )
    for row in table.iter_rows(named=True):
        domain = "mail.example" if row["email_domain_type"] == "personal" else f"{row['account_id']}.example"
        yield {
            "id": row["lead_id"],
            "email": f"{row['contact_id']}@{domain}".replace("_", "-"),
            "first_name": row["role_function"].replace("_", " ").title(),
            "last_name": row["contact_id"].replace("_", " ").title(),
            "company": row["company_name"],
            "owner": row["owner_rep_id"],
            "stage": None,
            "created_at": noon(row["lead_created_at"]),
            "modified_at": noon(row["lead_created_at"]),
            "attributes": {
                "industry": INDUSTRIES.get(row["industry"], row["industry"]),
                "country": COUNTRIES[row["region"]],
                "employees": lower_end(row["employee_band"]),
                "annual_revenue": lower_end(row["estimated_revenue_band"]),
                "title": row["job_title"],
                "seniority": SENIORITY.get(row["seniority"], row["seniority"]),
                "authority": AUTHORITY[row["buyer_role"]],
                "lead_source": row["lead_source"],
                "role_function": row["role_function"],
                "process_maturity": row["process_maturity_band"],
            },
        }


def open_after(leads: pl.DataFrame, days: int) -> pl.DataFrame:
    """The leads that had not converted so many days after they came in."""
    return leads.filter(
        (day("conversion_timestamp") - day("lead_created_at")).dt.total_days().fill_null(days) >= days
    )


def day(column: str) -> pl.Expr:
    """The day at the beginning of a stamp."""
    return pl.col(column).str.slice(0, 10).str.to_date()


def activities(folder: Path, leads: pl.DataFrame, first_days: int | None) -> Iterator[dict[str, Any]]:
    """Touches, sales activities and sessions of these leads, oldest first within each table."""

    def rows(table: str, identity: str, at: str) -> Iterator[dict[str, Any]]:
        found = pl.read_parquet(folder / f"{table}.parquet").join(leads, on="lead_id")
        if first_days is not None:
            found = found.filter((day(at) - day("lead_created_at")).dt.total_days() < first_days)
        return found.sort(identity).iter_rows(named=True)

    for row in rows("touches", "touch_id", "touch_timestamp"):
        kind = TOUCH_KINDS.get((row["touch_type"], row["touch_direction"]), row["touch_type"])
        yield activity(row["touch_id"], row, kind, row["touch_timestamp"], direction=row["touch_direction"])
    for row in rows("sales_activities", "activity_id", "activity_timestamp"):
        outcome = OUTCOMES.get(row["activity_outcome"], row["activity_outcome"])
        when = row["activity_timestamp"]
        yield activity(row["activity_id"], row, row["activity_type"], when, "outbound", outcome, row["rep_id"])
    for row in rows("sessions", "session_id", "session_timestamp"):
        subject = SESSION_SUBJECTS[row["session_type"]]
        yield activity(row["session_id"], row, "page_view", row["session_timestamp"], "inbound", subject=subject)


def activity(
    identity: str,
    row: Mapping[str, Any],
    kind: str,
    day: str,
    direction: str | None = None,
    outcome: str | None = None,
    by: str | None = None,
    subject: str | None = None,
) -> dict[str, Any]:
    """One activity in the import shape."""
    return {
        "id": identity,
        "lead": row["lead_id"],
        "kind": kind,
        "at": noon(day),
        "direction": direction,
        "outcome": outcome,
        "by": by,
        "subject": subject,
    }


def noon(day: str) -> str:
    """The data knows days only; noon UTC is on that day in most zones."""
    return f"{day[:10]}T12:00:00Z"


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """JSON Lines, nulls left out; gives the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            told = {key: value for key, value in row.items() if value is not None}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
            count += 1
    return count


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("source", type=Path, help="folder with leadforge's parquet files")
    parser.add_argument("target", type=Path, help="import directory to write")
    parser.add_argument("--outcomes", type=Path, help="CSV file for what became of each lead")
    parser.add_argument("--first-days", type=int, metavar="N", help="only activities of each lead's first N days")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth lead only")
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    everybody = pl.read_parquet(options.source / "leads.parquet").sort("lead_id")
    leads = everybody.gather_every(options.every)
    if options.first_days is not None:
        leads = open_after(leads, options.first_days)
    happened = activities(options.source, leads, options.first_days)
    counts = {
        "users": write_lines(options.target / "users.jsonl", users(everybody)),
        "leads": write_lines(options.target / "leads.jsonl", leads_in_import_shape(options.source, leads)),
        "activities": write_lines(options.target / "activities.jsonl", happened),
    }
    if options.outcomes:
        leads.select("lead_id", "converted_within_90_days").write_csv(options.outcomes)
    print(json.dumps(counts))  # noqa: T201 - the command's answer


if __name__ == "__main__":
    main()
