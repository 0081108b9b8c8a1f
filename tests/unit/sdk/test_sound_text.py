"""Answers with half a character or a byte that is no text: that place only is lost."""

from __future__ import annotations

import json
import time

import pytest

from crmsync.sdk import decoded_json, sound_json


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'["a \ud83d b"]', "a � b"),
        (rb'["a \uDE00 b"]', "a � b"),
        (rb'["\ud83d\ud83d\ude00"]', "�😀"),
        (rb'["\ud83d\ude00"]', "😀"),
        (rb'["\\ud83d"]', "\\ud83d"),
        (rb'["\\\ud83d"]', "\\�"),
        (rb'["\ud83d\\ude00"]', "�\\ude00"),
        (rb'["a\u0000b"]', "a�b"),
        (b'["Caf\xe9"]', "Caf�"),
        (b'["\xe9"]', "�"),
        (b'["a \xf0\x9f\x98"]', "a �"),
        (b'["\xed\xa0\xbd"]', "���"),
        ('["Grüße 😀"]'.encode(), "Grüße 😀"),
        (b'\xef\xbb\xbf["a"]', "a"),
        (rb'["\u00e9\n\"\u0001"]', 'é\n"\x01'),
    ],
)
def test_the_broken_place_is_told_as_such_and_all_else_stays(body: bytes, text: str) -> None:
    assert json.loads(sound_json(body).decode()) == [text]


def test_a_sound_answer_stays_byte_for_byte() -> None:
    body = '{"a": "Grüße \\ud83d\\ude00 \\\\ud83d \\u00e9", "b": [1, 2.5, null]}'.encode()
    assert sound_json(body) == body


def test_a_large_answer_takes_no_time() -> None:
    body = b'["' + rb"\ud83d x \\ " * 500_000 + b'"]'
    began = time.process_time()
    sound_json(body)
    assert time.process_time() - began < 5


def test_an_answer_is_decoded_with_its_texts_mended_and_no_number_that_is_none() -> None:
    assert decoded_json(rb'{"a": "x \ud83d", "b": [1, 2.5, null]}') == {"a": "x �", "b": [1, 2.5, None]}
    assert decoded_json(b'[NaN, -Infinity, "NaN"]') == ["NaN", "-Infinity", "NaN"]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a"', b"[" * 200_000, b"[" + b"9" * 5000 + b"x]"])
def test_what_is_no_json_is_told_as_one_kind_of_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decoded_json(body)
