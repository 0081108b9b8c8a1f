"""Every mutant of the bench can still be planted: whoever moves its text on mends it in the same change."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crmsync.values import replace

sys.path.insert(0, str(Path(__file__).parent))
from planting import ROOT, Mutant, Refused, chosen_of, mutants, refuse_the_unplantable

ALL = mutants()
LEAST = 60
ROOMS = {"connectors", "hand_off", "mapping", "plan", "qualify", "route", "run", "sdk", "store", "tune"}


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_planted(mutant: Mutant) -> None:
    mutant.planted(mutant.source())
    for named in mutant.tests:
        assert (ROOT / named.partition("::")[0]).exists(), f"“{mutant.name}” names tests that are not there: {named}"
    assert mutant.why.strip()


def test_there_are_some_in_every_room() -> None:
    assert len(ALL) >= LEAST
    assert {mutant.room for mutant in ALL} >= ROOMS


def test_ten_shares_are_all_of_them_and_each_looks_into_most_rooms() -> None:
    shares = [chosen_of(ALL, [], [], (which, 10)) for which in range(10)]
    assert sorted(mutant.name for share in shares for mutant in share) == sorted(mutant.name for mutant in ALL)
    rooms = {mutant.room for mutant in ALL}
    assert min(len({mutant.room for mutant in share}) for share in shares) > len(rooms) * 0.75
    assert {mutant.room for mutant in chosen_of(ALL, ["plan"], [], (1, 2))} == {"plan"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a < b", "a <= b", "0 times"),
        ("b = 2", "b = 3", "2 times"),
        ("c = 3", "c = (3", "no Python"),
        ("c = 3", "c  =  3", "the same program"),
    ],
)
def test_what_cannot_be_planted_is_refused(old: str, new: str, message: str) -> None:
    mutant = replace(ALL[0], old=old, new=new)
    with pytest.raises(Refused, match=message):
        mutant.planted("b = 2\nb = 2\nc = 3\n")
    assert replace(mutant, old="c = 3", new="c = 4").planted("c = 3\n") == "c = 4\n"


def test_a_text_that_has_moved_is_told_with_its_place() -> None:
    with pytest.raises(Refused, match=f"it stands in {ALL[0].file}$"):
        replace(ALL[0], file="src/crmsync/elsewhere.py").source()
    with pytest.raises(Refused, match="it stands nowhere"):
        replace(ALL[0], old="a text that nobody wrote").source()


def test_those_that_cannot_be_planted_are_all_told_at_once() -> None:
    first, second, third = (replace(ALL[0], name=name) for name in ("one", "two", "three"))
    refuse_the_unplantable([first])
    lost = [replace(each, old=f"{each.old} nowhere", name=each.name) for each in (second, third)]
    with pytest.raises(Refused, match=r"“two”(.|\n)*“three”"):
        refuse_the_unplantable([first, *lost])
