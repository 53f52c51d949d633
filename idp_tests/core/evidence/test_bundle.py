"""A bundle is written in one way, and nothing else is read."""

import json
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from idp.core.evidence.bundle import ActKind, Bundle, RestsOn, read_canonical, read_time, written_time
from idp_tests.builders import NOW, a_bundle, an_act
from idp_tests.cases import each

LINK = a_bundle(
    act=an_act(kind=ActKind.LINK, customer_id="c1", facts={"number": "10012345", "scope": ("a", "b"), "name": "Å\n"}),
    identification=None,
    rests_on=RestsOn(reference="e0", sha256="0" * 64),
)


@each("bundle", {"a login": a_bundle(), "a link": LINK, "a freeze": replace(LINK, rests_on=None)})
def test_what_is_written_is_read_again(bundle: Bundle) -> None:
    assert Bundle.from_bytes(bundle.to_bytes()) == bundle


def test_the_bytes_are_those_of_the_description() -> None:
    assert replace(LINK, act=an_act(kind=ActKind.FREEZE), rests_on=None).to_bytes() == (
        b'{"act":{"at":"2026-05-05T12:00:00.000000Z","client_id":"minasidor","facts":{},"kind":"freeze",'
        b'"person_id":"p1"},"format":"idp-evidence/1","issuer":"https://id.example","reference":"e1"}'
    )


def rewritten(bundle: Bundle, **changes: Any) -> bytes:
    members = json.loads(bundle.to_bytes()) | changes
    members = {name: value for name, value in members.items() if value is not None}
    return json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@each(
    "written",
    {
        "a space": a_bundle().to_bytes().replace(b",", b", ", 1),
        "an escape": LINK.to_bytes().replace("Å".encode(), b"\\u00c5"),
        "another order": json.dumps(dict(reversed(json.loads(LINK.to_bytes()).items()))).encode(),
        "a member twice": LINK.to_bytes().replace(b'{"act"', b'{"issuer":"x","act"'),
        "a number": rewritten(LINK, reference=1),
        "an unknown member": rewritten(LINK, more="x"),
        "another format": rewritten(LINK, format="idp-evidence/2"),
        "no act": rewritten(LINK, act=None),
        "an act that is text": rewritten(LINK, act="link"),
        "an unknown act": rewritten(LINK, act={"kind": "theft", "at": written_time(NOW), "facts": {}}),
        "a time in another zone": LINK.to_bytes().replace(b"000000Z", b"000000+00:00"),
        "a login without identification": rewritten(a_bundle(), identification=None),
        "a link with one": rewritten(a_bundle(), act=json.loads(LINK.to_bytes())["act"]),
        "half a character": b'"\xc3"',
        "a list": b"[]",
        "nothing": b"",
        "a thousand brackets": b"[" * 100_000,
    },
)
def test_anything_else_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError):
        Bundle.from_bytes(written)


def test_a_time_is_utc_whatever_zone_it_was_told_in() -> None:
    swedish = NOW.astimezone(timezone(timedelta(hours=2)))
    assert written_time(swedish) == "2026-05-05T12:00:00.000000Z"
    assert read_time(written_time(swedish)) == NOW


def test_nothing_of_it_is_shown_by_accident() -> None:
    shown = repr(LINK) + repr(a_bundle())
    assert "10012345" not in shown
    assert "c2ln" not in shown


def test_only_plain_values_are_canonical() -> None:
    assert read_canonical(b'{"a":["b",{}]}') == {"a": ["b", {}]}
    with pytest.raises(ValueError):
        read_canonical(b'{"a":null}')
