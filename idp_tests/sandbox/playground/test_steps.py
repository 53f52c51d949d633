"""What the playground shows of a request: opened tokens, and the same request for a terminal."""

import shlex

from idp_sandbox.playground.steps import curl_for, decode
from idp_tests.cases import each

HEADER = "eyJhbGciOiJFUzI1NiJ9"  # {"alg":"ES256"}


def test_a_signed_token_is_opened() -> None:
    opened = decode(f"{HEADER}.eyJzdWIiOiJhbm5hIn0.c2ln")
    assert opened
    assert (opened.header, opened.claims) == ({"alg": "ES256"}, {"sub": "anna"})


def test_of_an_encrypted_token_only_the_header_is_opened() -> None:
    opened = decode(f"{HEADER}.a.b.c.d")
    assert opened
    assert opened.claims is None


@each("value", ["", "a.b.c", "eyJ4IjoxfQ.e30.c", "https://id.example/a.b.c", 7, None, "at_xyz", "é.é.é"])
def test_what_is_no_token_is_left_as_it_is(value: object) -> None:
    assert decode(value) is None


def test_the_command_for_a_terminal_is_quoted_so_that_nothing_in_it_runs() -> None:
    address = "https://id.example/token?x=1&y=$(id);z"
    command = curl_for("POST", address, {"Accept": "x `id`"}, [("code", "a'; rm -rf $HOME `id`")])
    words = list(shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars=True))
    assert words == [
        "curl", "--request", "POST", address, "--header", "Accept: x `id`",
        "--data-urlencode", "code=a'; rm -rf $HOME `id`",
    ]  # fmt: skip
