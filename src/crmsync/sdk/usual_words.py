"""Words that stand in every CRM's messages, and at the beginning of sentences: they tell of no person.

Folded. Names of people and companies that are such words, too, cannot be told apart from them, and tell no more.
"""

from __future__ import annotations

_SENTENCES = """
a about above access active add after again all already also always amount an and another any api app are as
ask at attempt available be because been before below between both budget but by call can cannot change
changed changes changing check choose close closed company complete contains could create created current
custom date day days delete deleted did different do does done duplicate duplicates each either email empty
end enter entered error errors exactly exceeded existing exists failed false field fields fill first for
format found from full future get give given greater had has have if in inactive incomplete incorrect invalid
is it its last later least less limit link listed locked longer make many maximum may maybe message minimum
missing more most must name need needs neither never new next no none not nothing now number object of old on
once one only open operation option options or other our out over own owner owners past permission phone
picklist please previous properties property provide provided read reason received record records reject
rejected remove request required rule same save saved select selected set should since some stage status still
stop system text than that the their them then there these they this those time to too try type unable unique
unknown until update updated updates updating use used user users valid validation value values was we were
what when where which while who whole will with within without write wrong year yes you your
"""
_CRM = """
account accounts activities activity apex api attempt campaign case closing contact contacts converted cpu crm
custom customer deal deals dml email emails evangelist event events flow flows form forms group groups http
https hubspot id ids industry json jwt lead leads lifecycle meeting mql name note notes oauth opportunities
opportunity organization owner phone pipeline pool portal process product profile query queue queues role
roles sal salesforce scope scopes session soql sosl source sql sqo stage statements status subscriber system
task tasks team ticket token transaction trigger triggers url user utc web website workflow workflows xml
"""

USUAL_WORDS = frozenset((_SENTENCES + _CRM).split())
