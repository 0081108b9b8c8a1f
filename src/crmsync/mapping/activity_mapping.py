"""How a mapping makes activities of native records: rules for kind, outcome and direction."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from crmsync.mapping.conditions import Test
from crmsync.mapping.moments import Moments
from crmsync.mapping.parts import MappingPart, NativeText
from crmsync.mapping.spelling import plain


class Rule(MappingPart):
    """One answer for a kind, outcome or direction: a fixed word (`is`), or a field's value (`from`), `when` it holds.

    `values` translates native values to crmsync's words, letter case, spaces, underscores and hyphens aside; `null`
    says nothing, and the next rule is tried. Without `values` the native value itself is the answer, if it is one of
    the words that crmsync, the policy or this file knows. A value that no rule names is counted and told: it makes an
    outcome or a direction unknown; of kinds it stands for itself, or with `values` gives no answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)
    is_: str | None = Field(None, alias="is")
    from_: str | None = Field(None, alias="from")
    values: Mapping[NativeText, str | None] | None = None
    when: Mapping[str, Test] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_answer(self) -> "Rule":
        if (self.is_ is None) == (self.from_ is None):
            raise ValueError("give either `is` (a fixed word) or `from` (a field)")
        if self.values is not None and self.from_ is None:
            raise ValueError("`values` translates the field named by `from`")
        spelt: dict[str, str] = {}
        for native, word in (self.values or {}).items():
            other = spelt.setdefault(plain(native), native)
            if (self.values or {})[other] != word:
                raise ValueError(f"“{other}” and “{native}” are one word, with two answers\n→ leave one of them out")
        return self


def _as_rules(value: Any) -> Any:
    return [{"is": value}] if isinstance(value, str) else [value] if isinstance(value, Mapping) else value


Rules = Annotated[tuple[Rule, ...], BeforeValidator(_as_rules)]


class ActivityMapping(MappingPart):
    """How one native object becomes activities.

    `at`: fields that tell when it happened; the first that is not empty; a field that holds only a day gives the
    day. `kind`, `outcome`, `direction`: rules, first answer wins. Without a kind a record is left out, and so is one
    for which one of the tests of `leave_out` holds. `about`: the field that names the thing it is about.
    """

    object: str
    leave_out: Mapping[str, Test] = Field(default_factory=dict)
    at: Moments = Field(min_length=1)
    kind: Rules = Field(min_length=1)
    outcome: Rules = ()
    direction: Rules = ()
    by: str | None = None
    subject: str | None = None
    about: str | None = None


def activity_fields(activity: ActivityMapping) -> tuple[str, ...]:
    """The native fields to read for one activity object."""
    named = [*activity.leave_out, *(field for moment in activity.at for field in (*moment.fields, *moment.when))]
    named += [name for name in (activity.by, activity.subject, activity.about) if name]
    for rule in (*activity.kind, *activity.outcome, *activity.direction):
        named += [*([rule.from_] if rule.from_ else []), *rule.when]
    return tuple(dict.fromkeys(named))
