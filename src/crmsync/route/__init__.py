"""Routing: who gets which lead, fairly and explainably. Pure: facts, counters and an instant in, owners out.

`roster` reads roster.yaml and finds its people in one CRM, `hours` knows who is at work when, `rotation` whose turn
it is, `strategies` holds one file per way to choose, `placing` gives each lead its owner.
"""
