"""What a developer reads in test mode: what was sent, what is registered, and the line between them."""

import tomllib

from idp.core.oidc.diagnosis import differs, no_file, not_registered
from idp_tests.cases import each


@each("registered", [(), ("https://rp.example/cb",), ("https://rp.example/b", "https://rp.example/a")])
def test_the_line_can_be_pasted_and_keeps_what_was_registered(registered: tuple[str, ...]) -> None:
    text = not_registered("redirect_uris", ["https://rp.example/new"], registered)
    line = text.partition("the line in the client's file: ")[2]
    assert set(tomllib.loads(line)["redirect_uris"]) == {*registered, "https://rp.example/new"}
    assert text.startswith("sent: https://rp.example/new; registered: ")


def test_nothing_registered_is_said() -> None:
    assert "registered: nothing;" in not_registered("resources", ["https://api.example"], ())


def test_what_was_sent_is_cut_short() -> None:
    for text in (not_registered("resources", ["x" * 10_000], ()), differs("x" * 10_000, "y"), no_file("x" * 10_000)):
        assert len(text) < 1_500
        assert "(10000 characters)" in text


def test_a_client_without_a_file_is_told_where_it_would_lie() -> None:
    assert "there is no file rp.toml" in no_file("rp")
