"""Messages for the BankID app: plain, short, and unable to pretend to be ours."""

import base64
import json
from typing import Any

import pytest

from idp.core.oidc.authorize.user_message import MessageRefused, choose, read_user_message
from idp.core.oidc.clients.rules import USER_MESSAGE_BYTES
from idp_tests.cases import each


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def read(text: str) -> str:
    return read_user_message(json.dumps({"message": encoded(text)}))[""]


def test_a_message_is_base64_of_utf_8() -> None:
    assert read("Godkänn betalning på 100 kr") == "Godkänn betalning på 100 kr"


def test_messages_have_languages() -> None:
    sent = {"message": encoded("Hej!"), "message#en": encoded("Hi"), "message#sv-SE": encoded("Hej")}
    assert read_user_message(json.dumps(sent)) == {"": "Hej!", "en": "Hi", "sv": "Hej"}


@each("mime_type", ["text/markdown", "text/html", "", 5, None])
def test_only_plain_text_is_shown(mime_type: Any) -> None:
    assert read_user_message(json.dumps({"message": encoded("*x*"), "mime_type": mime_type})) == {}


@each("mime_type", ["text/plain", "text/plain;charset=UTF-8", "TEXT/PLAIN"])
def test_plain_text_may_be_named(mime_type: Any) -> None:
    assert read_user_message(json.dumps({"message": encoded("x"), "mime_type": mime_type})) == {"": "x"}


@each(
    "text, shown",
    [
        ("a\u202eb\u2066c\u200bd", "abcd"),
        ("a\x00\x07\x1bb", "ab"),
        ("a\tb   c", "a b c"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\n\n\n\ntwo", "one\n\ntwo"),
        ("1\n2\n3\n4\n5\n6\n7\n8", "1 2 3 4 5 6 7 8"),
        ("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n6"),
        ("  x  ", "x"),
        ("a\u2028b", "a\nb"),
        ("A\u030angstro\u0308m", "Ångström"),
        ("\ue000x", "x"),
    ],
)
def test_what_could_pretend_to_be_ours_is_taken_out(text: Any, shown: Any) -> None:
    assert read(text) == shown


@each(
    "sent",
    [
        "x",
        "[]",
        "{}",
        '{"mime_type": "text/plain"}',
        '{"message": 5}',
        '{"message": "not base64!"}',
        '{"message": "/w=="}',
        '{"message": ""}',
        json.dumps({"message": encoded("\u202e \n")}),
        json.dumps({"message": encoded("x" * (USER_MESSAGE_BYTES + 1))}),
        json.dumps({"message": encoded("å" * 251)}),
        json.dumps({f"message#a{chr(97 + n)}": encoded("x") for n in range(11)}),
    ],
)
def test_a_broken_or_long_message_is_refused(sent: Any) -> None:
    with pytest.raises(MessageRefused):
        read_user_message(sent)


def test_the_longest_message_fits() -> None:
    assert len(read("x" * USER_MESSAGE_BYTES)) == USER_MESSAGE_BYTES


@each(
    "messages, languages, chosen",
    [
        ({"sv": "hej", "en": "hi"}, ("en-GB",), "hi"),
        ({"sv": "hej", "en": "hi"}, ("de", "en"), "hi"),
        ({"sv": "hej", "en": "hi"}, (), "hej"),
        ({"": "any", "sv": "hej"}, ("de",), "any"),
        ({"fi": "moi"}, ("en",), "moi"),
        ({}, ("en",), None),
    ],
)
def test_the_language_that_fits_best_is_chosen(messages: Any, languages: Any, chosen: Any) -> None:
    assert choose(messages, languages) == chosen
