"""What hand-offs under way ask of routing."""

from routing_world import NOW, ROLES, leads, one, owners, resolved, roster_of, route

from crmsync.route.placing.orders import Order


def test_a_lead_that_waits_is_not_handed_off():
    result = route(resolved(ROLES), one(), orders={"a": Order("it waits", waits=True)})
    assert (owners(result), result.set_aside) == ({}, ())


def test_a_returned_lead_goes_to_whom_the_order_names_and_counts_in_no_rotation():
    found = resolved(ROLES)
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann"}])
    result = route(
        found, frame, orders={"a": Order("gave it back", moves=True, to="bob", not_to={"ann": "gave it back"})}
    )
    assert owners(result) == {"a": "bob"}
    assert result.assigned["reason"].to_list() == ["gave it back"]
    assert "receivers" not in result.counters
    assert owners(route(found, frame)) == {}, "without the order its receiver keeps it"


def test_who_had_the_lead_is_passed_over_and_told_even_if_nobody_else_is_left():
    found = resolved(ROLES)
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann"}])
    result = route(found, frame, orders={"a": Order("too late", moves=True, not_to={"ann": "not in touch"})})
    assert owners(result) == {"a": "ben"}
    assert {"person": "ann", "why": "not in touch"} in result.assigned["passed_over"].to_list()[0]
    both = {"ann": "not in touch", "ben": "gave it back"}
    result = route(found, frame, orders={"a": Order("too late", moves=True, not_to=both)})
    assert (owners(result), [item.lead for item in result.set_aside]) == ({}, ["a"])


def test_a_person_who_set_the_owner_is_respected_whatever_the_order():
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann", "owner_edited_on": NOW.date()}])
    order = {"a": Order("too late", moves=True, not_to={"ann": "not in touch"})}
    result = route(resolved(ROLES), frame, orders=order, hands_off_days=1)
    assert (owners(result), [item.lead for item in result.held]) == ({}, ["a"])


def test_a_lead_that_leaves_the_stage_meanwhile_is_not_passed_on():
    """Below the line it may only go back to whom it came from; off the ladder nobody touches it."""
    on = {"a": Order("too late", moves=True, not_to={"ann": "not in touch"})}
    back = {"a": Order("gave it back", moves=True, to="bert")}
    found = resolved(ROLES)
    assert owners(route(found, one("mql", owner="ann"), orders=on)) == {}
    assert owners(route(found, one("disqualified", owner="ann"), orders=on)) == {}
    assert owners(route(found, one("mql", owner="ann"), orders=back)) == {"a": "bert"}
    assert owners(route(found, one("disqualified", owner="ann"), orders=back)) == {}


def test_an_owner_who_gave_a_lead_back_or_leaves_does_not_keep_it():
    keeps = roster_of(
        [{"user": "ann@firm.example", "role": "ae"}, {"user": "ben@firm.example", "role": "ae"}],
        rules={"hand_off": [{"strategy": "keep_owner"}, {"pool": "receivers"}]},
    )
    on = {"a": Order("gave it back", moves=True, not_to={"ann": "gave it back"})}
    assert owners(route(resolved(keeps), one("sql", owner="ann"))) == {}
    assert owners(route(resolved(keeps), one("sql", owner="ann"), orders=on)) == {"a": "ben"}
    assert owners(route(resolved(keeps), one("sql", owner="ann"), leavers=["ann"])) == {"a": "ben"}


def test_a_reserved_return_is_carried_out_and_counted_once():
    """Killed before the write and run again, the one to whom it comes back has one lead more, not two."""
    found = resolved(ROLES)
    frame = one("sql", owner="ann")
    back = {"a": Order("gave it back", moves=True, to="bert", not_to={"ann": "gave it back"})}
    first = route(found, frame, orders=back)
    again = route(found, frame, orders=back, counters=first.counters, reserved={"a": ("direct", "bert")})
    assert owners(again) == owners(first) == {"a": "bert"}
    assert again.counters == first.counters
    assert again.given_back == ()


def test_a_reserved_turn_of_one_who_gave_the_lead_back_is_not_used():
    found = resolved(ROLES)
    on = {"a": Order("gave it back", moves=True, not_to={"ann": "gave it back"})}
    reserved = {"a": ("receivers", "ann")}
    result = route(found, one("sql", owner="bert"), orders=on, reserved=reserved)
    assert owners(result) == {"a": "ben"}
    assert [each.owner for each in result.given_back] == ["ann"]
