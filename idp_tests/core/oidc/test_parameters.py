"""Parameters: repetitions kept and nothing repaired while they are raw; each once in a form."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.oidc.errors import Refused
from idp.core.oidc.parameters import MAX_PARAMETERS, Form, RawParameters, Unreadable
from idp_tests.cases import each


def test_every_repetition_is_kept_in_order() -> None:
    raw = RawParameters.parse(b"a=1&b=2&a=3&c")
    assert raw.pairs == (("a", "1"), ("a", "3"), ("b", "2"), ("c", ""))
    assert raw.all("a") == ("1", "3")
    assert raw.repeated() == {"a"}


def test_a_value_is_found_only_when_it_stands_once() -> None:
    raw = RawParameters.parse(b"a=1&a=2&b=3&c=&c=4")
    assert raw.find("a") is None
    assert raw.find("b") == "3"
    assert raw.find("absent") is None


def test_empty_counts_as_absent_but_still_as_repeated() -> None:
    raw = RawParameters.parse(b"c=&c=4&d=")
    assert raw.find("d") is None
    assert raw.repeated() == {"c"}


def test_escapes_are_read_as_utf_8() -> None:
    assert RawParameters.parse(b"state=%C3%A5+%26%2B").find("state") == "å &+"


@each("encoded", [b"a=%ff", b"a=%C3%28", b"\xff=1", b"a=%00", b"%00=a", b"a=%ED%A0%80"])
def test_what_no_store_can_keep_is_unreadable(encoded: Any) -> None:
    with pytest.raises(Unreadable):
        RawParameters.parse(encoded)


def test_too_many_parameters_are_unreadable() -> None:
    RawParameters.parse(b"&".join(b"a%d=1" % n for n in range(MAX_PARAMETERS)))
    with pytest.raises(Unreadable):
        RawParameters.parse(b"&".join(b"a%d=1" % n for n in range(MAX_PARAMETERS + 1)))


def test_a_semicolon_separates_nothing() -> None:
    assert RawParameters.parse(b"a=1;b=2").pairs == (("a", "1;b=2"),)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_unreadable(encoded: Any) -> None:
    with suppress(Unreadable):
        assert all(isinstance(text, str) for pair in RawParameters.parse(encoded).pairs for text in pair)


def test_a_form_is_read_by_name() -> None:
    form = Form.read([("a", "1"), ("b", "")])
    assert (form.find("a"), form.find("b"), form.find("c")) == ("1", None, None)


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(Refused) as caught:
        Form.read([("code", "")]).get("code")
    assert (caught.value.code, caught.value.status) == ("invalid_request", 400)
    assert "code" in caught.value.description


@each("name", ["grant_type", "code", "client_id", "client_secret", "scope", "anything"])
@each("values", [("x", "x"), ("x", "y"), ("x", ""), ("", "")])
def test_no_parameter_of_a_form_may_stand_twice(name: str, values: tuple[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        Form.read([(name, value) for value in values])
    assert caught.value.code == "invalid_request"
    assert name not in caught.value.description


def test_resource_may_stand_several_times() -> None:
    assert Form.read([("resource", "a"), ("resource", ""), ("resource", "b")]).all("resource") == ("a", "b")
