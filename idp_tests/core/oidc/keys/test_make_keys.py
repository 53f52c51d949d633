"""Making keys: whatever is missing, and never a second secret of a version that the database knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from idp.core.oidc.keys.canary import SECRET_NAMES, Canary
from idp.core.oidc.keys.make_keys import DatabaseSilent, InUse, Made, MakeKeys
from idp.core.oidc.keys.ports import KeyChanges

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTED = [Canary("tokens", 1, b""), Canary("tokens", 3, b""), Canary("pepper", 1, b""), Canary("fields", 1, b"")]


@dataclass
class Changes:
    missing: Sequence[str] = ()
    made: list[Mapping[str, int]] = field(default_factory=list)

    def missing_secrets(self) -> Sequence[str]:
        return self.missing

    def init(self, _now: datetime, versions: Mapping[str, int]) -> Sequence[Path]:
        self.made.append(versions)
        return [Path(name) for name in self.missing]


def make(changes: Changes, noted: Sequence[Canary] | None) -> MakeKeys:
    return MakeKeys(changes=cast("KeyChanges", changes), noted=lambda: noted)


def test_a_database_that_is_not_filled_forbids_nothing() -> None:
    assert make(Changes(["pepper"]), [])(NOW) == Made([Path("pepper")])


def test_what_the_database_knows_is_not_made_again_and_nothing_else_is_made() -> None:
    changes = Changes(["pepper", "tokens"])
    assert make(changes, NOTED)(NOW) == InUse(["pepper", "tokens"])
    assert make(changes, NOTED)(NOW, replacing=["tokens"]) == InUse(["pepper"])
    assert changes.made == []


def test_a_secret_that_is_given_up_gets_a_version_that_nobody_knows() -> None:
    changes = Changes(["tokens"])
    assert make(changes, NOTED)(NOW, replacing=["tokens"]) == Made([Path("tokens")])
    assert changes.made == [{"tokens": 4}]


def test_without_a_missing_secret_the_database_is_not_asked() -> None:
    def broken() -> Sequence[Canary]:
        raise AssertionError

    assert MakeKeys(changes=cast("KeyChanges", Changes()), noted=broken)(NOW) == Made([])


def test_while_the_database_is_silent_an_installation_may_begin_and_a_lost_secret_is_not_made_again() -> None:
    assert make(Changes(list(SECRET_NAMES)), None)(NOW) == Made([Path(name) for name in SECRET_NAMES])
    assert make(Changes(["pepper"]), None)(NOW) == DatabaseSilent(["pepper"])
