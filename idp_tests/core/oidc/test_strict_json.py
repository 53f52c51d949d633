"""Strict JSON: one reading for every reader."""

from typing import Any

import pytest

from idp.core.oidc.strict_json import read_object
from idp_tests.cases import each


def test_an_object_is_read_from_text_and_bytes() -> None:
    assert read_object('{"a": [1, 2.5, null, true, "å"]}') == {"a": [1, 2.5, None, True, "å"]}
    assert read_object('{"å": 1}'.encode()) == {"å": 1}
    assert read_object('{"a": "\\u00e5\\ud83d\\ude00"}') == {"a": "å😀"}


@each(
    "text",
    [
        "",
        "1",
        "[]",
        "null",
        '{"a":1,"a":1}',
        '{"a":{"b":1,"b":2}}',
        '[{"b":1,"b":2}]',
        '{"a":NaN}',
        '{"a":-Infinity}',
        '{"a":1e400}',
        '{"a":"\\ud800"}',
        '{"a\\ud800":1}',
        '{"a":"\\u0000"}',
        '{"a":"\n"}',
        "{} {}",
        "[" * 100_000,
        '{"a":' + "1" * 10_000 + "}",
        b'{"a":"\xff"}',
    ],
)
def test_anything_else_is_refused(text: Any) -> None:
    with pytest.raises(ValueError):
        read_object(text)
