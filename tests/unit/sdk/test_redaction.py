"""Nothing personal and no secret is left in a CRM's words, ids and days are."""

from __future__ import annotations

import pytest

from crmsync.sdk import redacted


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("duplicate of ann.lee+x@example.co.uk here", "duplicate of [e-mail] here"),
        ("<ann@example.com>, 'bob@example.com'", "<[e-mail]>, '[e-mail]'"),
        ("call +49 (170) 123-4567 now", "call [number] now"),
        ("call 0170/1234567", "call [number]"),
        ("Bearer 00D5g00000abcd!AQ.xx_y", "[secret]"),
        ("session 00D5g000000abcd!AQEAQ.xx_y ended", "session [secret] ended"),
        ("key pat-na1-11112222-aaaa-bbbb-cccc-333344445555.", "key [secret]."),
        ("jwt eyJhbGciOi.eyJpc3Mi.c2ln", "jwt [secret]"),
        ("?refresh_token=5Aep861&x=1", "?refresh_token=[secret]&x=1"),
        ("x" * 45, "[secret]"),
        ("record 00Q5g00000ABCDEFGH of 005000000000001AAA", "record 00Q5g00000ABCDEFGH of 005000000000001AAA"),
        ("on 2026-01-31 and 2026-01-31T09:30:00.000+0000", "on 2026-01-31 and 2026-01-31T09:30:00.000+0000"),
        ("at most 255 characters, got 12345", "at most 255 characters, got 12345"),
        ("line one\n\tline two\x00", "line one line two"),
    ],
)
def test_redacted(text: str, left: str) -> None:
    assert redacted(text) == left


def test_native_ids_that_look_like_numbers_can_be_kept() -> None:
    assert redacted("contact 12345678901") == "contact [number]"
    assert redacted("contact 12345678901", keep={"12345678901"}) == "contact 12345678901"


def test_long_texts_are_cut() -> None:
    text = redacted("word " * 200)
    assert len(text) == 300
    assert text.endswith("…")
