"""The questions of `crmsync init` on a terminal: one line each, Enter takes what is suggested."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import click

from crmsync.cli.asking import ends_by_ctrl_c
from crmsync.cli.shared import messages, say
from crmsync.errors import RunStopped, UsageError
from crmsync.showing.foreign_text import markup

if TYPE_CHECKING:
    from crmsync.contract import SignInWay
    from crmsync.operations.init.chosen import Chosen
    from crmsync.suggest.shapes import Org, Suggestions

_SHOWN = 5


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
                say(click.wrap_text(f"{number}  {name}: {words}", 78, " ", "     "))
            while True:
                usual = str(names.index(default) + 1) if default in names else None
                answer = self._line("Number", usual)
                if answer in names:
                    return answer
                if answer.isdigit() and 0 < int(answer) <= len(names):
                    return names[int(answer) - 1]
                say(f"Please a number from 1 to {len(names)}.")

    def text(self, key: str, question: str, default: str | None, *, secret: bool = False) -> str:
        """One line that is not empty."""
        with self._paused():
            say("")
            say(click.wrap_text(question, 78))
            return self._line("Not shown while you type" if secret else "Answer", default, hidden=secret)

    def steps(self, title: str, way: SignInWay) -> None:
        """Numbered, in lines of 78 signs."""
        with self._paused():
            say(f"\nWhat to do in {title} first, if it is not done yet:")
            for number, step in enumerate(way.steps, 1):
                say(click.wrap_text(f"{number}. {step}", 78, " ", "    "))

    def again(self, error: RunStopped | UsageError) -> bool:
        """Told in words; who wants to stop presses Ctrl-C."""
        with self._paused():
            say(f"\nThat did not work: {error}")
            say("Once more; Ctrl-C ends it, and your answers so far are kept.")
        return True

    def facts(self, org: Org, chosen: Chosen, found: Suggestions) -> tuple[dict[str, str], dict[str, str | None]]:
        """All at once; then one by one what shall be otherwise."""
        from crmsync.showing.init.suggestions import facts_parts

        with self._paused():
            say("\nWhat stands where, as far as it is certain:\n")
            _show(facts_parts(chosen, org.lead_object))
            open_facts = [it.fact for it in chosen.facts if it.field is None and not it.answered]
            suggested = [it.fact for it in found.facts if it.fact in open_facts and it.candidates]
            stages = [*chosen.stages, *chosen.missing_stages]
            known = {*(it.fact for it in chosen.facts), *stages}
            say(
                "\nEnter takes it so. To change some, write their names with commas between"
                + (f" (there are ideas for: {', '.join(suggested)})." if suggested else ".")
            )
            names = self._names(known)
            facts = {name: self._field(name, org, found) for name in names if name not in stages}
            return facts, {name: self._stage(name, org, found) for name in names if name in stages}

    def _names(self, known: set[str]) -> list[str]:
        while True:
            line = click.prompt("Change", default="", show_default=False, err=True)
            names = [name.strip() for name in line.split(",") if name.strip()]
            unknown = [name for name in names if name not in known]
            if not unknown:
                return names
            say(f"There is no {', '.join(unknown)} in the table.")

    def _field(self, fact: str, org: Org, found: Suggestions) -> str:
        """Use, another, or unmapped."""
        candidates = next((it.candidates for it in found.facts if it.fact == fact), ())
        fields = {it.name: it for it in org.fields}
        options = [it.field for it in candidates if it.field in fields][:_SHOWN]
        say(f"\n{fact}:")
        for number, name in enumerate(options, 1):
            why = next(it for it in candidates if it.field == name)
            filled = fields[name].filled
            told = "" if filled is None else f", {100 * filled:.0f} % filled"
            say(f" {number}  {fields[name].label} ({name}): {100 * why.confidence:.0f} % sure, {why.why}{told}")
        say(" u  unmapped: the CRM does not hold it")
        by_label = {it.label.casefold(): it.name for it in org.fields}
        by_name = {it.name.casefold(): it.name for it in org.fields}
        while True:
            answer = self._line("Number, u, or a field's name", "1" if options else "u")
            if answer in ("u", "unmapped"):
                return "unmapped"
            if answer.isdigit() and 0 < int(answer) <= len(options):
                return options[int(answer) - 1]
            meant = by_name.get(answer.casefold()) or by_label.get(answer.casefold())
            if meant:
                return meant
            near = [it.name for it in org.fields if answer.casefold() in f"{it.name} {it.label}".casefold()]
            say("No field of this name." + (f" Near: {', '.join(near[:6])}" if near else ""))

    def _stage(self, stage: str, org: Org, found: Suggestions) -> str | None:
        """One of the field's values, or none."""
        name = found.stage.field if found.stage else ""
        field = next((it for it in org.fields if it.name == name), None)
        choices = [it for it in (field.choices if field else ()) if it.active]
        options = {it.value: it.label for it in choices}
        answer = self.choose("stage", f"The value for {stage}", {**options, "none": "no value"}, "none")
        return None if answer == "none" else answer

    def people(self, chosen: Chosen, others: Sequence[str]) -> dict[str, str]:
        """All at once; changes as `ada@firm.example=ae`."""
        from crmsync.showing.init.suggestions import people_parts

        with self._paused():
            say("\nWho qualifies leads (bdr), and who receives them (ae):\n")
            _show(people_parts(chosen, others))
            say("\nEnter takes it so. Changes: ada@firm.example=ae, bob@firm.example=none")
            known = {key.lower() for it in chosen.people for key in (it.user.email or "", it.user.id)}
            known |= {each.lower() for each in others}
            while True:
                line = click.prompt("Change", default="", show_default=False, err=True)
                pairs = [part.partition("=") for part in line.split(",") if part.strip()]
                told = {key.strip().lower(): role.strip().lower() for key, _, role in pairs}
                wrong = [key for key, role in told.items() if key not in known or role not in ("bdr", "ae", "none")]
                if not wrong:
                    return told
                say(f"Not understood: {', '.join(wrong)}. Roles are bdr, ae and none.")

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
            answer: str = click.prompt(prompt, default=default, hide_input=hidden, err=True)
            if answer.strip():
                return answer.strip()


def _show(parts: Any) -> None:
    console = messages()
    for part in parts:
        console.print(markup(part) if part == "" else part)
