"""Anchors in a file: only added, each on a line of its own, and told when they could not be."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from idp.adapters.audit_anchors.file import AnchorsInFile
from idp.core.audit_chain.anchor import AnchorFailed


def test_anchors_are_added_and_read_in_their_order(tmp_path: Path) -> None:
    place = AnchorsInFile(tmp_path / "anchors.jsonl")
    for line in ("one", "two"):
        place.add(line)
    assert place.lines() == ["one", "two"]
    assert place.path.stat().st_mode & 0o007 == 0


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    place = AnchorsInFile(tmp_path / "anchors.jsonl")
    place.path.write_bytes(b'{"at":"20')
    place.add("whole")
    assert place.lines() == ['{"at":"20', "whole"]


def test_several_processes_may_add_at_once(tmp_path: Path) -> None:
    place = AnchorsInFile(tmp_path / "anchors.jsonl")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(place.add, (str(number) for number in range(80))))
    assert sorted(place.lines(), key=int) == [str(number) for number in range(80)]


def test_a_place_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    place = AnchorsInFile(tmp_path / "absent" / "anchors.jsonl")
    for act in (lambda: place.add("one"), place.lines):
        with pytest.raises(AnchorFailed, match=r"absent/anchors.jsonl: No such file"):
            act()
