"""Between the CRM's words and the policy's: `inward` for reading, `outward` for writing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmsync.faces import shown_late

if TYPE_CHECKING:
    from crmsync.mapping.account_mapping import AccountMapping, account_fields, accounts_from
    from crmsync.mapping.accounts_against_crm import account_findings_against
    from crmsync.mapping.activity_mapping import ActivityMapping, Rule, activity_fields
    from crmsync.mapping.against_crm import findings_against, labels_resolved, missing_fields
    from crmsync.mapping.choices import choices_known, translation_findings
    from crmsync.mapping.convert import filled, first_filled
    from crmsync.mapping.doubts import account_doubts, activity_doubts, lead_doubts
    from crmsync.mapping.earlier_states import StageState, stage_states
    from crmsync.mapping.fact_mapping import FactMapping
    from crmsync.mapping.field_types import NativeTypes, native_types
    from crmsync.mapping.filling import Filled, filled_fields, same_value
    from crmsync.mapping.hand_off import HandOffMapping, HandOffTask
    from crmsync.mapping.hand_off_against_crm import hand_off_findings_against, task_findings
    from crmsync.mapping.ids import ids_spelt
    from crmsync.mapping.inward import Mapped, activities_from, leads_from
    from crmsync.mapping.mapping_file import mapping_from
    from crmsync.mapping.outward import writes_for
    from crmsync.mapping.parts import as_text
    from crmsync.mapping.provisioning import provisions
    from crmsync.mapping.schema import CrmMapping, stage_of
    from crmsync.mapping.scope import in_scope, narrowings
    from crmsync.mapping.spelling import plain
    from crmsync.mapping.stage_dates import before_history, dated_states, instants_of
    from crmsync.mapping.stage_mapping import LABEL
    from crmsync.mapping.uses import Uses, uses_of
    from crmsync.mapping.vocabulary import KINDS, NOTHING_GIVEN, OUTCOMES, Given, given_words
    from crmsync.mapping.word_lists import SHARED_WORDS, KnownWords, known_words
    from crmsync.mapping.write import WordField, WriteMapping
    from crmsync.mapping.write_against_crm import HOLDERS, Words, write_findings_against
else:
    __getattr__ = shown_late(
        __name__,
        {
            ".account_mapping": "AccountMapping account_fields accounts_from",
            ".accounts_against_crm": "account_findings_against",
            ".activity_mapping": "ActivityMapping Rule activity_fields",
            ".against_crm": "findings_against labels_resolved missing_fields",
            ".choices": "choices_known translation_findings",
            ".convert": "filled first_filled",
            ".doubts": "account_doubts activity_doubts lead_doubts",
            ".earlier_states": "StageState stage_states",
            ".fact_mapping": "FactMapping",
            ".field_types": "NativeTypes native_types",
            ".filling": "Filled filled_fields same_value",
            ".hand_off": "HandOffMapping HandOffTask",
            ".hand_off_against_crm": "hand_off_findings_against task_findings",
            ".ids": "ids_spelt",
            ".inward": "Mapped activities_from leads_from",
            ".mapping_file": "mapping_from",
            ".outward": "writes_for",
            ".parts": "as_text",
            ".provisioning": "provisions",
            ".schema": "CrmMapping stage_of",
            ".scope": "in_scope narrowings",
            ".spelling": "plain",
            ".stage_dates": "before_history dated_states instants_of",
            ".stage_mapping": "LABEL",
            ".uses": "Uses uses_of",
            ".vocabulary": "KINDS NOTHING_GIVEN OUTCOMES Given given_words",
            ".word_lists": "SHARED_WORDS KnownWords known_words",
            ".write": "WordField WriteMapping",
            ".write_against_crm": "HOLDERS Words write_findings_against",
        },
    )

__all__ = [
    "HOLDERS",
    "KINDS",
    "LABEL",
    "NOTHING_GIVEN",
    "OUTCOMES",
    "SHARED_WORDS",
    "AccountMapping",
    "ActivityMapping",
    "CrmMapping",
    "FactMapping",
    "Filled",
    "Given",
    "HandOffMapping",
    "HandOffTask",
    "KnownWords",
    "Mapped",
    "NativeTypes",
    "Rule",
    "StageState",
    "Uses",
    "WordField",
    "Words",
    "WriteMapping",
    "account_doubts",
    "account_fields",
    "account_findings_against",
    "accounts_from",
    "activities_from",
    "activity_doubts",
    "activity_fields",
    "as_text",
    "before_history",
    "choices_known",
    "dated_states",
    "filled",
    "filled_fields",
    "findings_against",
    "first_filled",
    "given_words",
    "hand_off_findings_against",
    "ids_spelt",
    "in_scope",
    "instants_of",
    "known_words",
    "labels_resolved",
    "lead_doubts",
    "leads_from",
    "mapping_from",
    "missing_fields",
    "narrowings",
    "native_types",
    "plain",
    "provisions",
    "same_value",
    "stage_of",
    "stage_states",
    "task_findings",
    "translation_findings",
    "uses_of",
    "write_findings_against",
    "writes_for",
]
