"""The objects that stand beside others by a rule: what changed (…History) and who sees it (…Share)."""

from __future__ import annotations

TRACKED = ("Account", "Asset", "Campaign", "Case", "Contact", "Contract", "Lead", "Order", "Product2", "Solution")
"""Objects with a …History of their own; an opportunity's is OpportunityFieldHistory."""
SHARED = {"Account": "00r", "Campaign": "08s", "Case": "01n", "Contact": "03s", "Lead": "01o", "Opportunity": "00t"}
"""Objects with a …Share, and its key prefix."""

_HISTORY = """
{name}History 017 {name}History dc
  {name}Id ref({name}.Histories) !r
  Field picklist !r
  DataType picklist r | Boolean;Currency;Date;DateTime;Email;EntityId;Number;Picklist;Text
  OldValue anyType r
  NewValue anyType r
"""
_SHARE = """
{name}Share {prefix} {name}Share d
  {name}Id ref({name}.Shares) !r
  UserOrGroupId ref(Group,User) !r
  {name}AccessLevel picklist !r | Read;Edit;All
  RowCause picklist r | Owner;Manual;Rule;Team;ImplicitChild;ImplicitParent
  LastModifiedDate datetime !r
  LastModifiedById ref(User) !r
"""


def beside_table() -> str:
    """The table of all histories and shares."""
    histories = [_HISTORY.format(name=name) for name in TRACKED]
    of_opportunities = _HISTORY.format(name="Opportunity").replace("OpportunityHistory", "OpportunityFieldHistory")
    shares = [_SHARE.format(name=name, prefix=prefix) for name, prefix in SHARED.items()]
    return "\n".join(text.strip() for text in (*histories, of_opportunities, *shares))
