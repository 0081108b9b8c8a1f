"""Routing: who gets which lead, fairly and explainably. Pure: facts, counters and an instant in, owners out.

From the ground up: `hours` knows calendars and working time, `rotation` whose turn it is, `people` what the file says
of somebody, `choosing` what a strategy may need and ask, `strategies` holds one file per way to choose (`registry`
finds them), `roster` reads roster.yaml and finds its people in one CRM, `at_work` knows who is there with how much,
`placing` gives each lead its owner.
"""
