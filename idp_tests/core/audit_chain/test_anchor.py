"""Anchors: one line each, and only our own are read."""

import json

import pytest

from idp.core.audit_chain.anchor import Anchor, UnreadableAnchor, read_anchor
from idp.core.audit_chain.marks import MarkKeys
from idp.core.audit_chain.signature import Signer
from idp_tests.builders import NOW

SIGNER = Signer(MarkKeys({1: b"1" * 32}))
ANCHOR = Anchor(NOW, 7, b"l" * 33)


def test_an_anchor_is_one_line_of_json_that_is_read_back() -> None:
    line = ANCHOR.line(SIGNER)
    assert "\n" not in line
    assert json.loads(line)["position"] == 7
    assert read_anchor(line, SIGNER) == ANCHOR


def test_an_anchor_that_somebody_else_signed_or_changed_is_none() -> None:
    theirs = ANCHOR.line(Signer(MarkKeys({1: b"2" * 32})))
    for line in (theirs, ANCHOR.line(SIGNER).replace('"position":7', '"position":6')):
        with pytest.raises(UnreadableAnchor):
            read_anchor(line, SIGNER)


@pytest.mark.parametrize("line", ["", "[]", "{}", "null", "{", '{"signature":1}'])
def test_what_is_no_anchor_is_refused(line: str) -> None:
    with pytest.raises(UnreadableAnchor):
        read_anchor(line, SIGNER)


def test_something_else_that_we_signed_is_no_anchor() -> None:
    line = json.dumps(SIGNER.signed({"position": 7}))
    with pytest.raises(UnreadableAnchor):
        read_anchor(line, SIGNER)
