"""Nothing personal and no secret is left in a CRM's words, ids and days are."""

from __future__ import annotations

import pytest

from crmsync.sdk import redacted, scrubbed


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


@pytest.mark.parametrize(
    ("secret", "body"),
    [
        ("s3cret/of+the app", b'{"message":"bad s3cret/of+the app"}'),
        ("s3cret/of+the app", b'{"message":"bad s3cret%2Fof%2Bthe%20app"}'),
        ("s3cret/of+the app", b"client_secret=s3cret%2Fof%2Bthe+app&x=1"),
        ('quo"ted\\one', b'{"message":"bad quo\\"ted\\\\one"}'),
        ("gehe\u00edmnis", '{"message":"bad gehe\u00edmnis"}'.encode()),
        ("gehe\u00edmnis", b'{"message":"bad gehe\\u00edmnis"}'),
    ],
)
def test_our_own_secrets_are_taken_out_of_answers_however_they_are_spelt(secret: str, body: bytes) -> None:
    cleaned = scrubbed(body, [secret])
    assert b"[secret]" in cleaned
    assert scrubbed(cleaned, [secret]) == cleaned
    assert b"s3cret" not in cleaned
    assert b"mnis" not in cleaned


@pytest.mark.parametrize(
    "body", [b"<password>s3cret&amp;&lt;more</password>", b"<p>s3cret&amp;&lt;more</p>, s3cret&<more"]
)
def test_a_secret_spelt_as_xml_is_one(body: bytes) -> None:
    """A SOAP login takes the password in XML, and so would an answer repeat it."""
    assert b"more" not in scrubbed(body, ["s3cret&<more"])


def test_of_secrets_within_one_another_nothing_is_left() -> None:
    inner, outer = "s3cret", "s3cret-and-token"
    for secrets in ([inner, outer], [outer, inner]):
        assert scrubbed(b"refused: s3cret-and-token", secrets) == b"refused: [secret]"


def test_a_secret_too_short_to_be_one_leaves_words_alone() -> None:
    assert scrubbed(b"a word", ["a", ""]) == b"a word"
