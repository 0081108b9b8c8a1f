"""The questions of `crmsync init` on a terminal: one line each, Enter takes what is suggested."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import click

from crmsync.cli.asking import ends_by_ctrl_c
from crmsync.cli.shared import messages, say
from crmsync.errors import RunStopped, UsageError
from crmsync.operations.init.asking import OtherWishes
from crmsync.showing.foreign_text import markup, one_line

if TYPE_CHECKING:
    from crmsync.contract import SignInWay
    from crmsync.operations.init.chosen import ChosenSetUp
    from crmsync.suggest.shapes import FieldCandidate, KnownOrg, OrgField, Suggestions

_SHOWN = 5
_LISTED = 30
"""Fields and values shown at a time."""
_NOT_KNOWN = "not known"
_AS_IT_IS = "keep"


class Terminal:
    """Somebody who sits before a terminal. `paused`: what else writes there keeps still."""

    a_person = True

    def __init__(self, paused: Callable[[], AbstractContextManager[None]]) -> None:
        self._stopped = paused

    @contextmanager
    def _paused(self) -> Iterator[None]:
        ends_by_ctrl_c()
        with self._stopped():
            yield

    def choose(self, key: str, question: str, options: Mapping[str, str], default: str | None) -> str:
        """By number or by name."""
        with self._paused():
            say(f"\n{question}")
            names = list(options)
            for number, (name, words) in enumerate(options.items(), 1):
                told = words if re.match(rf"{re.escape(name)}\b", words, re.I) else f"{name}: {words}"
                say(click.wrap_text(f"{number}  {told}", 78, " ", "     "))
            named = {word.casefold(): name for name, words in options.items() for word in (words, name)}
            while True:
                usual = str(names.index(default) + 1) if default in names else None
                answer = self._line("Number", usual)
                if answer.isdigit() and 0 < int(answer) <= len(names):
                    return names[int(answer) - 1]
                if answer.casefold() in named:
                    return named[answer.casefold()]
                say(f"Answer with a number from 1 to {len(names)}, or with a name from the list.")

    def text(self, key: str, question: str, default: str | None, *, secret: bool = False) -> str:
        """One line that is not empty."""
        with self._paused():
            say("")
            say(click.wrap_text(question, 78))
            if not secret:
                return self._line("Answer", default)
            kept = " (Enter keeps what you typed)" if default else ""
            return self._line(f"Not shown while you type{kept}", default, hidden=True)

    def steps(self, title: str, way: SignInWay) -> None:
        """Numbered, in lines of 78 signs."""
        with self._paused():
            say(f"\nWhat to do in {title} first, if it is not done yet:")
            for number, step in enumerate(way.steps, 1):
                say(click.wrap_text(f"{number}. {step}", 78, " ", "    "))

    def again(self, error: RunStopped | UsageError) -> bool:
        """Told in words; who wants to stop presses Ctrl-C."""
        with self._paused():
            say("")
            for line in f"That did not work: {error}".splitlines():
                indent = " " * (len(line) - len(line.lstrip()))
                say(click.wrap_text(line.strip(), 78, indent, f"{indent}  "))
            say("Once more; Ctrl-C ends it, and your answers so far are kept.")
        return True

    def facts(self, org: KnownOrg, chosen: ChosenSetUp, found: Suggestions) -> OtherWishes:
        """All at once; then one by one what shall be otherwise."""
        from crmsync.showing.init.suggestions import facts_parts

        with self._paused():
            say("\nWhat stands where, as far as it is certain:\n")
            _show(facts_parts(chosen, org.lead_object))
            open_facts = [it.fact for it in chosen.facts if it.field is None and not it.answered]
            suggested = [it.fact for it in found.facts if it.fact in open_facts and it.candidates]
            stages = [*chosen.stages, *chosen.missing_stages]
            known = {*(it.fact for it in chosen.facts), *stages}
            ideas = f" (there are ideas for: {', '.join(suggested)})" if suggested else ""
            how = "To change some, or to say what their values mean, write their names with commas between"
            say("\n" + click.wrap_text(f"Enter takes it so. {how}{ideas}.", 78))
            names = self._names(known)
            facts = {name: self._field(name, org, chosen, found) for name in names if name not in stages}
            values = {name: told for name, field in facts.items() if (told := self._values(name, field, org, chosen))}
            told = {name: self._stage(name, org, chosen, found) for name in names if name in stages}
            return OtherWishes(facts, {name: value for name, value in told.items() if value != _AS_IT_IS}, values)

    def _names(self, known: set[str]) -> list[str]:
        while True:
            line = click.prompt("Change", default="", show_default=False, err=True)
            names = [name.strip().casefold().replace(" ", "_") for name in line.split(",") if name.strip()]
            unknown = [name for name in names if name not in known]
            if not unknown:
                return list(dict.fromkeys(names))
            say(f"There is no {', '.join(unknown)} in the table: write names of its first column.")

    def _field(self, fact: str, org: KnownOrg, chosen: ChosenSetUp, found: Suggestions) -> str:
        """Use, another, or unmapped."""
        asked = next(it.asked for it in chosen.facts if it.fact == fact)
        candidates = next((it.candidates for it in found.facts if it.fact == fact), ())
        fields = {it.name: it for it in org.fields}
        options = [it.field for it in candidates if it.field in fields][:_SHOWN]
        now = next((it.field.name for it in chosen.facts if it.fact == fact and it.field), None)
        if now is not None and now not in options:
            options = [now, *options]
        say(f"\n{click.wrap_text(f'{fact}: {asked.question}', 78)}")
        for number, name in enumerate(options, 1):
            say(click.wrap_text(f"{number}  {_described(name, fields, candidates)}", 78, " ", "    "))
        say(" u  unmapped: the CRM does not hold it")
        say(" ?  list the fields that nothing is taken from yet")
        by_label = {it.label.casefold(): it.name for it in org.fields}
        by_name = {it.name.casefold(): it.name for it in org.fields}
        usual = str(options.index(now) + 1) if now is not None else "1" if options else "u"
        while True:
            answer = self._line("Number, u, ?, or a field's name", usual)
            if answer.casefold() in ("u", "unmapped"):
                return "unmapped"
            if answer == "?":
                _show_free(org, chosen)
                continue
            if answer.isdigit() and 0 < int(answer) <= len(options):
                return options[int(answer) - 1]
            meant = by_name.get(answer.casefold()) or by_label.get(answer.casefold())
            if meant:
                return meant
            near = [it.name for it in org.fields if answer.casefold() in f"{it.name} {it.label}".casefold()]
            usual = near[0] if len(near) == 1 else usual
            say(click.wrap_text("No field of this name." + (f" Near: {', '.join(near[:6])}" if near else ""), 78))

    def _values(self, fact: str, field: str, org: KnownOrg, chosen: ChosenSetUp) -> dict[str, str | None]:
        """What the values that nothing is known of mean, one by one."""
        from crmsync.operations.init.chosen import read_options

        it = next(each for each in chosen.facts if each.fact == fact)
        there = next((each for each in org.fields if each.name == field), None)
        if there is None:
            return {}
        same = it.field is not None and it.field.name == field
        read = read_options(it.asked, there)
        left = [native for native in read.unread if not (same and native in it.values)][:_LISTED]
        if it.type != "choice" or not left:
            return {}
        words = [*it.asked.values, _NOT_KNOWN]
        told: dict[str, str | None] = {}
        for native in left:
            say(click.wrap_text(f'\nWhat does "{one_line(native, 50)}" say of {fact}?', 78))
            say(click.wrap_text("  ".join(f"{at} {word}" for at, word in enumerate(words, 1)), 78, " ", " "))
            while True:
                answer = self._line("Number", str(len(words)))
                word = words[int(answer) - 1] if answer.isdigit() and 0 < int(answer) <= len(words) else answer
                if word in words:
                    break
                say(f"Answer with a number from 1 to {len(words)}.")
            told[native] = None if word == _NOT_KNOWN else word
        return told

    def _stage(self, stage: str, org: KnownOrg, chosen: ChosenSetUp, found: Suggestions) -> str | None:
        """One of the field's values, or none; `_AS_IT_IS` where it stays."""
        name = found.stage.field if found.stage else ""
        field = next((it for it in org.fields if it.name == name), None)
        choices = [it for it in (field.choices if field else ()) if it.active]
        counted = {it.value: "" if it.count is None else f" ({it.count:,} leads)" for it in choices}
        options = {it.value: f"{it.label}{counted[it.value]}" for it in choices}
        more = {_AS_IT_IS: "as in the table"} if stage in chosen.stages else {}
        usual = _AS_IT_IS if more else "none"
        answer = self.choose("stage", f"The value for {stage}", {**options, "none": "none: no value", **more}, usual)
        return None if answer == "none" else answer

    def people(self, chosen: ChosenSetUp) -> dict[str, str]:
        """All at once; changes as `ada@firm.example=ae`."""
        from crmsync.showing.init.suggestions import people_parts

        with self._paused():
            say("\nWho qualifies leads (bdr), and who receives them (ae):\n")
            _show(people_parts(chosen))
            say("\nEnter takes it so. Changes: ada@firm.example=ae, bob@firm.example=none")
            everybody = (*chosen.people, *chosen.others)
            known = {key.lower() for it in everybody for key in (it.user.email or "", it.user.id)}
            while True:
                line = click.prompt("Change", default="", show_default=False, err=True)
                pairs = [part.partition("=") for part in line.split(",") if part.strip()]
                told = {key.strip().lower(): role.strip().lower() for key, _, role in pairs}
                nobody = [key for key in told if key not in known]
                wrong = [f"{key}={role}" for key, role in told.items() if role not in ("bdr", "ae", "none")]
                if not nobody and not wrong:
                    return told
                if nobody:
                    say(click.wrap_text(f"Not understood: {', '.join(nobody)} is nobody of the table.", 78))
                if wrong:
                    say(click.wrap_text(f"Not understood: {', '.join(wrong)}. Roles are bdr, ae and none.", 78))

    def replace(self, path: str, diff: str) -> bool:
        """Shown first; no is the default."""
        with self._paused():
            say(f"\n{path} says something else:\n\n{diff}\n")
            return click.confirm("Replace it?", default=False, err=True)

    def tell(self, words: str) -> None:
        """On stderr."""
        with self._paused():
            say(f"\n{words}")

    @staticmethod
    def _line(prompt: str, default: str | None, *, hidden: bool = False) -> str:
        while True:
            answer: str = click.prompt(prompt, default=default, hide_input=hidden, show_default=not hidden, err=True)
            if answer.strip():
                return answer.strip()


def _described(name: str, fields: Mapping[str, OrgField], candidates: Sequence[FieldCandidate]) -> str:
    """A field as it is offered: what it is called, how sure it is, how full."""
    field = fields[name]
    why = next((it for it in candidates if it.field == name), None)
    sure = [f"{100 * why.confidence:.0f} % sure, {why.why}"] if why else ["as you said"]
    filled = [] if field.filled is None else [f"{100 * field.filled:.0f} % filled"]
    called = field.name if field.label == field.name else f"{one_line(field.label, 60)} ({field.name})"
    return f"{called}: {', '.join([*sure, *filled])}"


def _show_free(org: KnownOrg, chosen: ChosenSetUp) -> None:
    """Fields that hold something and are no fact yet, the fullest first."""
    used = {it.field.name for it in chosen.facts if it.field}
    free = [it for it in org.fields if it.filled and it.name not in used and not it.of_system]
    for it in sorted(free, key=lambda it: -(it.filled or 0))[:_LISTED]:
        say(
            click.wrap_text(
                f"{one_line(it.label, 60)} ({it.name}), {100 * (it.filled or 0):.0f} % filled", 78, " ", "  "
            )
        )
    if len(free) > _LISTED:
        say(f" … and {len(free) - _LISTED:,} more: write a part of the name.")


def _show(parts: Any) -> None:
    console = messages()
    for part in parts:
        console.print(markup(part) if part == "" else part)
