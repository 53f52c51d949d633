"""Every file of the generator ends as meant or is refused by name; none is silently wrong."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from idp.adapters.customer_files.register_file import read_register
from idp.adapters.customer_files.table import UnreadableFileError
from idp.core.customer_register.plan import Plan, plan
from idp_tests.adapters.customer_files.hostile_files import (
    TRUTH,
    FileRefused,
    HostileFile,
    LinesRefused,
    Meant,
    Outcome,
    hostile_files,
)

LEAST = 100


def ended(file: HostileFile, folder: Path) -> Plan | str:
    path = folder / file.name
    path.write_bytes(file.content)
    try:
        return plan(read_register(path, today=date(2026, 11, 22)).rows(), [])
    except UnreadableFileError as refused:
        return str(refused)


def is_right(found: Plan | str, expected: Outcome) -> bool:
    match expected:
        case FileRefused(words):
            return isinstance(found, str) and words in found
        case LinesRefused(reason):
            return (
                isinstance(found, Plan)
                and found.changes == ()
                and [line.reason for line in found.refused] == [reason] * len(TRUTH)
            )
        case Meant():
            return isinstance(found, Plan) and (found.refused, found.left_out) == ((), ()) and says_the_truth(found)


def says_the_truth(found: Plan) -> bool:
    said = {
        (number.value, change.after.organisation_number.formatted, change.after.facts.name, change.after.facts.city)
        for change in found.changes
        for number in change.after.numbers
    }
    return said == {(each.number, each.organisation_number, each.name, each.city) for each in TRUTH}


def test_every_hostile_file_ends_as_meant_or_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table: Counter[tuple[str, str]] = Counter()
    wrong = []
    for file in hostile_files():
        found = ended(file, tmp_path)
        if is_right(found, file.outcome):
            table[file.kind, re.sub("([A-Z])", r" \1", type(file.outcome).__name__).strip().lower()] += 1
        else:
            wrong.append((file.kind, file.what, file.outcome, found))
    with capsys.disabled():
        print()
        for (kind, outcome), count in sorted(table.items()):
            print(f"    {kind:24} {outcome:16} {count:5}")
        print(f"    {'all':24} {'silently wrong':16} {len(wrong):5}  of {table.total() + len(wrong)}")
    assert wrong == []
    assert table.total() >= LEAST
