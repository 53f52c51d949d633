"""Canaries: secrets are right, wrong or lost beside what was noted of them."""

from collections.abc import Iterable, Sequence

import pytest

from idp.core.oidc.keys.canary import (
    Canary,
    CompareSecrets,
    LostSecret,
    SecretVersions,
    WrongSecret,
    compare,
)
from idp.core.oidc.keys.reference_tokens import SecretKey


def a_secret(version: int, fill: bytes = b"a") -> SecretKey:
    return SecretKey(version=version, value=fill * 32)


OURS: SecretVersions = {"tokens": [a_secret(1)], "pepper": [a_secret(1)], "fields": [a_secret(1)]}


class Noted:
    def __init__(self, *secrets: tuple[str, SecretKey]) -> None:
        self.noted = {(name, secret.version): Canary.of(name, secret) for name, secret in secrets}

    def all(self) -> Sequence[Canary]:
        return list(self.noted.values())

    def note(self, canaries: Iterable[Canary]) -> None:
        for canary in canaries:
            self.noted.setdefault((canary.name, canary.version), canary)

    def retire(self, name: str, version: int) -> None:
        self.noted[name, version] = Canary(name, version, b"")


class Files:
    def __init__(self, versions: SecretVersions) -> None:
        self.versions = versions

    def by_name(self) -> SecretVersions:
        return self.versions


def noted_of(versions: SecretVersions) -> Noted:
    return Noted(*((name, secret) for name, secrets in versions.items() for secret in secrets))


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (OURS, []),
        ({**OURS, "pepper": [a_secret(1, b"b")]}, [WrongSecret("pepper", 1)]),
        ({**OURS, "tokens": [a_secret(1, b"b")]}, [WrongSecret("tokens", 1)]),
        ({**OURS, "fields": [a_secret(2)]}, [LostSecret("fields", 1)]),
        ({**OURS, "pepper": [a_secret(2), a_secret(1)]}, []),
        ({**OURS, "tokens": [a_secret(2)]}, []),
    ],
    ids=[
        "the same",
        "another",
        "another that encrypts",
        "a lost one",
        "a new one",
        "an old one that encrypted is over",
    ],
)
def test_secrets_are_compared_with_what_was_noted(
    present: SecretVersions, expected: list[WrongSecret | LostSecret]
) -> None:
    assert compare(present, noted_of(OURS).all()) == expected


def test_the_same_secret_under_two_names_has_two_marks_and_none_shows_it() -> None:
    pepper, fields = Canary.of("pepper", a_secret(1)), Canary.of("fields", a_secret(1))
    assert pepper.mark != fields.mark
    assert a_secret(1).value not in pepper.mark + fields.mark


def test_new_secrets_are_noted_once() -> None:
    noted = Noted()
    assert CompareSecrets(secrets=Files(OURS), canaries=noted).and_note() == []
    assert noted.noted == noted_of(OURS).noted
    wrong = CompareSecrets(secrets=Files({**OURS, "pepper": [a_secret(1, b"b")]}), canaries=noted)
    assert wrong() == wrong.and_note() == [WrongSecret("pepper", 1)]


def test_nothing_is_noted_beside_a_wrong_secret() -> None:
    noted = Noted(("pepper", a_secret(1)))
    restored = {**OURS, "pepper": [a_secret(1, b"b")]}
    assert CompareSecrets(secrets=Files(restored), canaries=noted).and_note() == [WrongSecret("pepper", 1)]
    assert len(noted.all()) == 1


def test_of_two_nodes_that_begin_at_once_with_different_secrets_the_second_is_wrong() -> None:
    class Rival(Noted):
        def note(self, canaries: Iterable[Canary]) -> None:
            super().note([Canary.of("pepper", a_secret(1, b"b"))])
            super().note(canaries)

    assert CompareSecrets(secrets=Files(OURS), canaries=Rival()).and_note() == [WrongSecret("pepper", 1)]


def test_a_version_that_was_retired_is_neither_missed_nor_noted_again() -> None:
    noted = noted_of({**OURS, "pepper": [a_secret(2), a_secret(1)]})
    noted.retire("pepper", 1)
    for present in ({**OURS, "pepper": [a_secret(2)]}, {**OURS, "pepper": [a_secret(2), a_secret(1)]}):
        assert CompareSecrets(secrets=Files(present), canaries=noted).and_note() == []
    assert [each.version for each in noted.all() if each.is_retired] == [1]
