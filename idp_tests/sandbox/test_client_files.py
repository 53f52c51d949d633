"""Client files in a running world: what changes is checked first, and the provider reads its clients again once it is right."""

import json
from pathlib import Path

import pytest

from idp_sandbox.client_files import Checked, ClientFiles


class Watch:
    """The files under test, with a provider that refuses a text with the word wrong in it."""

    def __init__(self, root: Path) -> None:
        self.own, self.dropped, self.trials = (root / name for name in ("own", "dropped", "trials"))
        for directory in (self.own, self.dropped, self.trials):
            directory.mkdir()
        self.reads = 0
        self.files = ClientFiles(
            directories=[self.own], dropped=self.dropped, trials=self.trials, check=self.check, read_again=self.count
        )

    def check(self, file: Path) -> Checked:
        wrong = "wrong" in file.read_text(encoding="utf-8")
        return Checked(not wrong, "a mistake" if wrong else "what it means")

    def count(self) -> None:
        self.reads += 1

    def look(self) -> list[str]:
        return list(self.files.look())

    def answer(self, name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.dropped / f"{name}.json").read_text(encoding="utf-8"))
        return found


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    watch = Watch(tmp_path)
    (watch.own / "first.toml").write_text("there from the start", encoding="utf-8")
    assert watch.look() == []
    return watch


def test_nothing_is_read_again_while_nothing_changes(watch: Watch) -> None:
    assert watch.look() == []
    assert watch.reads == 0


def test_a_new_file_counts_at_once_and_is_said(watch: Watch) -> None:
    (watch.own / "booking.toml").write_text("right", encoding="utf-8")
    assert watch.look() == [f"{watch.own / 'booking.toml'}: read"]
    assert watch.reads == 1
    assert watch.look() == []


def test_a_file_that_was_removed_counts_no_more(watch: Watch) -> None:
    (watch.own / "first.toml").unlink()
    watch.look()
    assert watch.reads == 1


def test_a_file_with_a_mistake_changes_nothing_and_the_mistake_is_said(watch: Watch) -> None:
    (watch.own / "booking.toml").write_text("wrong", encoding="utf-8")
    assert watch.look() == [f"{watch.own / 'booking.toml'}: not read:\na mistake"]
    assert watch.reads == 0


def test_a_key_beside_a_client_file_counts_as_well(watch: Watch) -> None:
    (watch.own / "booking.jwks.json").write_text("{}", encoding="utf-8")
    watch.look()
    assert watch.reads == 1


def test_a_dropped_file_that_is_right_is_put_in_force_and_explained(watch: Watch) -> None:
    (watch.dropped / "trial-booking.toml").write_text("right", encoding="utf-8")
    assert watch.look() == []
    assert (watch.trials / "trial-booking.toml").read_text(encoding="utf-8") == "right"
    assert watch.answer("trial-booking") == {"accepted": True, "text": "what it means"}
    assert watch.reads == 1
    assert not list(watch.dropped.glob("*.toml"))


def test_a_dropped_file_with_a_mistake_never_reaches_the_provider(watch: Watch) -> None:
    (watch.dropped / "trial-booking.toml").write_text("wrong", encoding="utf-8")
    watch.look()
    assert not list(watch.trials.iterdir())
    assert watch.answer("trial-booking") == {"accepted": False, "text": "a mistake"}
    assert watch.reads == 0
