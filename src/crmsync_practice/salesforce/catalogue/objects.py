"""The further objects, and the further fields of those that are there already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crmsync_practice.salesforce.catalogue.beside import beside_table
from crmsync_practice.salesforce.catalogue.currency_fields import add_currency_fields
from crmsync_practice.salesforce.catalogue.further import FURTHER
from crmsync_practice.salesforce.catalogue.reading import Listed, calculated, read_table
from crmsync_practice.salesforce.catalogue.selling import SELLING
from crmsync_practice.salesforce.catalogue.serving import SERVING
from crmsync_practice.salesforce.catalogue.setup import SETUP
from crmsync_practice.salesforce.schema import Field, SObject


def with_catalogue(described: Iterable[SObject]) -> list[SObject]:
    """These objects with their further fields, and all further objects; parents know their children."""
    objects = {each.name: each for each in described}
    listed = [each for table in (SELLING, SERVING, SETUP, beside_table()) for each in read_table(table)]
    further = list(read_table(FURTHER))
    for each in further:
        for field in each.fields:
            objects[each.name].add(field)
    for field in _of_members():
        objects["CampaignMember"].add(field)
    objects |= {each.name: each.sobject() for each in listed}
    for each in (*listed, *further):
        _tell_parents(each, objects)
    add_currency_fields(objects.values())
    return list(objects.values())


def _tell_parents(listed: Listed, objects: dict[str, SObject]) -> None:
    for parent, child in listed.children:
        known = objects[parent].children
        if child.name not in {each.name for each in known}:
            objects[parent].children = (*known, child)


def _of_members() -> list[Field]:
    """What a campaign member takes over from its lead or contact."""
    either = "CASE WHEN {t}.LeadId IS NULL THEN (SELECT %s FROM sf_Contact x WHERE x.Id = {t}.ContactId) "
    either += "ELSE (SELECT %s FROM sf_Lead x WHERE x.Id = {t}.LeadId) END"
    company = either.replace("%s", "NULL", 1).replace("%s", "x.Company")
    taken = [
        calculated(name, kind, f"({either.replace('%s', f'x.{name}')})", length=length)
        for name, kind, length in (
            ("Salutation", "picklist", 40),
            ("Name", "string", 121),
            ("FirstName", "string", 40),
            ("LastName", "string", 80),
            ("Title", "string", 128),
            ("Email", "email", 80),
            ("Phone", "phone", 40),
            ("LeadSource", "picklist", 255),
        )
    ]
    return [
        calculated("Type", "picklist", "iif({t}.LeadId IS NULL, 'Contact', 'Lead')", length=40),
        calculated("LeadOrContactId", "reference", "coalesce({t}.LeadId, {t}.ContactId)", length=18),
        *(replace(each, name_field=each.name == "Name") for each in taken),
        calculated("CompanyOrAccount", "string", f"({company})", length=255),
    ]
