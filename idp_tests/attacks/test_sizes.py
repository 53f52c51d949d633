"""R-41: how large anything may be: the largest honest request is answered, and one more byte, word or parameter is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from idp_tests.attacks.target import Target, error_in
from idp_tests.cases import each
from idp_tests.relying_party import PARTNER_SECRET


@dataclass(frozen=True, kw_only=True)
class Size:
    """A request of any size, and the sizes between which it becomes too large."""

    send: Callable[[Target, int], Any]
    largest: int


def _ask(target: Target, **changes: str) -> Any:
    """In silence, for somebody without a session: an honest question is answered with login_required."""
    return target.get("/authorize", target.question("partner", prompt="none", **changes))


def _of_length(fields: Mapping[str, str], length: int) -> str:
    """The fields as a form of exactly so many bytes."""
    text = urlencode(fields) + "&filler="
    return text + "f" * (length - len(text))


def _query(target: Target, length: int) -> Any:
    return target.get("/authorize", _of_length(target.question("partner", prompt="none"), length))


def _posted(target: Target, length: int) -> Any:
    """A browser's POST is kept and answered by a GET, whose errors are its own."""
    return target.post("/authorize", _of_length(target.question("partner", prompt="none"), length).encode())


def _body(target: Target, length: int) -> Any:
    fields = {"client_id": "partner", "client_secret": PARTNER_SECRET, "token": "x"}
    return target.post("/introspect", _of_length(fields, length).encode())


def _parameters(target: Target, count: int) -> Any:
    question = target.question("partner", prompt="none")
    return _ask(target, **{f"p{number}": "1" for number in range(count - len(question))})


SIZES: Mapping[str, Size] = {
    "bytes of a query": Size(send=_query, largest=8_192),
    "bytes of a browser's body": Size(send=_posted, largest=65_536),
    "bytes of a program's body": Size(send=_body, largest=65_536),
    "parameters": Size(send=_parameters, largest=50),
    "characters of state": Size(send=lambda target, n: _ask(target, state="s" * n), largest=2_048),
    "characters of nonce": Size(send=lambda target, n: _ask(target, nonce="n" * n), largest=2_048),
    "words of scope": Size(
        send=lambda target, n: _ask(target, scope=" ".join(["openid", *(f"s{number}" for number in range(n - 1))])),
        largest=50,
    ),
}


def _is_taken(response: Any) -> bool:
    return response.status_code in {200, 303} and error_in(response) in {None, "login_required"}


@each("name", list(SIZES))
def test_the_largest_is_answered_and_one_more_is_refused(target: Target, name: str) -> None:
    size = SIZES[name]
    largest = size.send(target, size.largest)
    assert _is_taken(largest), largest.get_data(as_text=True)[:300]
    with target.unchanged():
        beyond = size.send(target, size.largest + 1)
    target.check_answer(beyond)
    assert not _is_taken(beyond)
