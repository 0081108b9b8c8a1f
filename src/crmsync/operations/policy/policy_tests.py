"""Which examples `crmsync test` runs against which policy: those beside a configuration, or the shipped ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from crmsync.operations.policy.case_files import Selected, case_documents, default_files, select, shipped_cases
from crmsync.operations.policy.case_owners import RosterAlone
from crmsync.operations.policy.named import chosen_policy, configured, preset
from crmsync.operations.policy.test_cases import CaseReport, run_cases
from crmsync.qualify.language.policy import Policy
from crmsync.route.roster.roster import roster_from
from crmsync.settings import document_at


def run_files(
    files: Sequence[Path], config: Path, wanted: str | None, roster: Path | None, *, as_of: date | None, today: date
) -> CaseReport:
    """The examples in these files, or in the folders beside the configuration.

    `wanted`: a policy file or preset instead of the configured policy. The configuration is read only for what is
    not named.
    """
    return run_against(chosen_policy(config, wanted), files, config, roster, as_of=as_of, today=today)


def run_against(
    policy: Policy, files: Sequence[Path], config: Path, roster: Path | None, *, as_of: date | None, today: date
) -> CaseReport:
    """The same against a policy that is at hand."""
    documents = case_documents(list(files) or default_files(config.parent))
    selected = select(documents, policy, policy.name)
    alone = _roster(selected, config, roster, policy)
    return run_cases(selected, policy, alone, as_of=as_of, today=today)


def run_presets(
    names: Sequence[str], config: Path, wanted: str | None, *, as_of: date | None, today: date
) -> CaseReport:
    """The shipped examples of these presets, each against its preset, or all against the policy `wanted`."""
    documents = shipped_cases()
    reports = []
    for name in names:
        own = preset(name)
        policy = own if wanted is None else chosen_policy(config, wanted)
        reports.append(run_cases(select(documents, policy, name), policy, None, as_of=as_of, today=today))
    return CaseReport(tuple(result for report in reports for result in report.results), 0)


def _roster(selected: Selected, config: Path, named: Path | None, policy: Policy) -> RosterAlone | None:
    """The roster, when some example asks for it and one is named or configured."""
    asked = any(one.case.expect.owner is not None or one.case.owner is not None for one in selected.cases)
    if named is None and not (asked and config.is_file()):
        return None
    settings = configured(config) if config.is_file() else None
    path = named or config.parent / (settings.roster if settings else "roster.yaml")
    connection = next(iter(settings.connections)) if settings else None
    return RosterAlone(
        roster_from(document_at(path), policy.criteria, [each.name for each in policy.hand_overs]), connection
    )
