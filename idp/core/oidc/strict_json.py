"""Strict JSON from strangers: one object, each member once, numbers with an end, text that every store can hold."""

import json
import math
from typing import Any


def read_object(data: bytes | str) -> dict[str, Any]:
    """Read one JSON object (RFC 8259); raises ValueError for anything else, however deep, long or odd.

    Beyond the standard library it refuses: members that stand twice (which one a reader takes is anybody's guess), NaN
    and infinities, lone surrogates and NUL characters (which a database cannot store).
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        value = _READER.decode(text)
        if "\\u" in text:
            _check_escapes(value, text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - malformed text, whatever its type
    return value


def _check_escapes(value: Any, text: str) -> None:
    json.dumps(value, ensure_ascii=False).encode()
    if "\\u0000" in text:
        raise ValueError("a NUL character")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number without end")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


_READER = json.JSONDecoder(object_pairs_hook=_once_each, parse_float=_finite, parse_constant=_refuse_constant)
