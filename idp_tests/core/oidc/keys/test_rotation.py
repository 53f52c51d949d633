"""Rotation: a version opens before it closes, and goes only when nothing hangs on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from idp.core.oidc.keys.canary import SECRET_NAMES, Canary
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp.core.oidc.keys.rotation import ROTATED, Held, InUse, Remedy, Retired, Rotation, StillHeld, Unknown
from idp.core.operator_events import SecretAdded, SecretRetired
from idp_tests.builders import NOW
from idp_tests.fakes import FakeAudit

MINUTES = timedelta(minutes=2)
LATER = NOW + 2 * MINUTES
FIELDS = Held(place="customers.contact_encrypted", rows=3, remedy=Remedy.REENCRYPT)
COUNTERS = Held(place="budgets.key_hash", rows=7, remedy=Remedy.WAIT, until=LATER)
MARKS = Held(place="audit.mark_hash", rows=9, remedy=Remedy.STAYS)


@dataclass
class Files:
    present: list[SecretKey] = field(default_factory=lambda: [SecretKey(version=1, value=bytes(32))])

    def versions(self, _name: str) -> Sequence[SecretKey]:
        return sorted(self.present, key=lambda each: -each.version)

    def add_version(self, _name: str, version: int, now: datetime, *, used_from: datetime) -> None:
        self.present.append(SecretKey(version=version, value=b"x" * 32, made_at=now, used_from=used_from))

    def remove_version(self, _name: str, version: int) -> None:
        self.present = [each for each in self.present if each.version != version]


@dataclass
class Noted:
    canaries: list[Canary] = field(default_factory=list)

    def all(self) -> Sequence[Canary]:
        return self.canaries

    def note(self, canaries: Iterable[Canary]) -> None:
        self.canaries += canaries

    def retire(self, name: str, version: int) -> None:
        self.canaries = [each for each in self.canaries if (each.name, each.version) != (name, version)]
        self.canaries.append(Canary(name, version, b""))


@dataclass
class Use:
    by_version: dict[int, list[Held]] = field(default_factory=dict)

    def held(self, _name: str, _versions: Sequence[SecretKey], _now: datetime) -> Mapping[int, Sequence[Held]]:
        return self.by_version


def rotation(**held: list[Held]) -> Rotation:
    use = Use({int(name[1:]): each for name, each in held.items()})
    return Rotation(files=Files(), canaries=Noted(), use=use, audit=FakeAudit())


def with_second(**held: list[Held]) -> Rotation:
    made = rotation(**held)
    made.new("fields", NOW, used_after=MINUTES, operator="olle")
    return made


def test_what_must_stay_the_same_for_ever_is_not_rotated() -> None:
    assert {*ROTATED, "identity"} == set(SECRET_NAMES)


def test_a_new_version_has_the_next_number_waits_and_is_noted() -> None:
    of = rotation()
    made = of.new("fields", NOW, used_after=MINUTES, operator="olle")
    assert made is not None
    assert (made.version, made.made_at, made.used_from) == (2, NOW, NOW + MINUTES)
    assert not made.is_used(NOW)
    assert made.is_used(NOW + MINUTES)
    assert of.canaries.all() == [Canary.of("fields", made)]


def test_the_number_of_a_retired_version_is_never_used_again() -> None:
    of = with_second()
    assert of.retire("fields", 1, LATER, operator="olle") == Retired([])
    of.remove("fields", 1)
    of.canaries.note([Canary("fields", 9, b"")])
    made = of.new("fields", LATER, used_after=MINUTES, operator="olle")
    assert made is not None
    assert made.version == 10


def test_numbers_end() -> None:
    of = rotation()
    of.canaries.note([Canary("fields", 255, b"")])
    assert of.new("fields", NOW, used_after=MINUTES, operator="olle") is None


@pytest.mark.parametrize(
    ("version", "at", "expected"),
    [
        (2, LATER, InUse()),
        (1, NOW, InUse()),
        (1, NOW + MINUTES, InUse()),
        (3, LATER, Unknown()),
        (1, LATER, Retired([])),
    ],
    ids=["in use", "the next one waits", "the next one is used since a moment", "unknown", "old"],
)
def test_only_an_old_version_can_go(version: int, at: datetime, expected: object) -> None:
    assert with_second().retire("fields", version, at, operator="olle") == expected


def test_a_version_on_which_something_hangs_stays_and_says_what() -> None:
    of = with_second(_1=[FIELDS], _2=[MARKS])
    assert of.retire("fields", 1, LATER, operator="olle") == StillHeld([FIELDS])
    assert [each.version for each in of.files.versions("fields")] == [2, 1]
    assert not any(canary.is_retired for canary in of.canaries.all())


def test_what_ends_by_itself_may_be_given_up_by_a_word_and_nothing_else() -> None:
    assert with_second(_1=[COUNTERS]).retire("fields", 1, LATER, operator="olle") == StillHeld([COUNTERS])
    assert with_second(_1=[COUNTERS]).retire("fields", 1, LATER, operator="olle", give_up=True) == Retired([COUNTERS])
    held = with_second(_1=[COUNTERS, FIELDS, MARKS])
    assert held.retire("fields", 1, LATER, operator="olle", give_up=True) == StillHeld([FIELDS, MARKS])


def test_a_retired_version_leaves_an_empty_mark_and_then_its_file() -> None:
    of = with_second()
    of.retire("fields", 1, LATER, operator="olle")
    assert [canary.version for canary in of.canaries.all() if canary.is_retired] == [1]
    of.remove("fields", 1)
    assert [each.version for each in of.files.versions("fields")] == [2]


def test_each_change_is_in_the_audit_log_with_what_was_given_up() -> None:
    of = with_second(_1=[COUNTERS])
    of.retire("fields", 1, LATER, operator="olle", give_up=True)
    assert isinstance(of.audit, FakeAudit)
    by = {"operator": "olle", "kind": "fields"}
    assert of.audit.events == [
        SecretAdded(version=2, **by),
        SecretRetired(version=1, given_up=("budgets.key_hash",), **by),
    ]
