"""What an error says: a word of the specification and a constant sentence, never a piece of the request."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from idp.core.oidc.authorize.response import error_response
from idp.core.oidc.errors import ProtocolError, Redirected
from idp_tests.authorization_requests import ISSUER, VALID, World, a_request_object, an_rp
from idp_tests.cases import each

CORE = Path(__file__).parents[2] / "idp" / "core" / "oidc"
CANARY = "canary-7f3a91"
NAMES = [
    *VALID, "response_mode", "prompt", "max_age", "display", "ui_locales", "acr_values", "claims", "id_token_hint",
    "login_hint", "request", "request_uri", "registration", "resource", "dpop_jkt",
    "https://id.oidc.se/param/userMessage", CANARY,
]  # fmt: skip
ALLOWED = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)
CLIENT = an_rp(user_message_allowed=True)


@each("name", NAMES)
@each("value", [CANARY, f'{{"{CANARY}": 1', f'openid "{CANARY}', f"{CANARY}\r\nLocation: x", "å" + CANARY])
def test_no_error_repeats_what_was_sent(name: str, value: str) -> None:
    """Descriptions made from input once crashed on a quote and echoed the rest."""
    rest = [(key, text) for key, text in VALID.items() if key != name]
    for sent in ([(name, value), *rest], [(name, value), (name, value), *rest], [(name, value)]):
        for send in (World.of(CLIENT).ask_exactly, World.of(CLIENT).push_exactly):
            error = refusal(send, sent)
            if error is not None:
                assert CANARY not in error.description + error.code + error.detail
                assert ALLOWED.fullmatch(error.description)


def refusal(send: Callable[..., object], sent: list[tuple[str, str]]) -> ProtocolError | None:
    try:
        send(*sent)
    except ProtocolError as error:
        return error
    return None


def test_an_error_response_repeats_only_the_state() -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask(scope=CANARY, prompt=CANARY, nonce=CANARY, state="the-state")
    parameters = dict(error_response(refused.value, ISSUER).parameters)
    assert CANARY not in error_response(refused.value, ISSUER).location
    assert parameters["state"] == "the-state"


def test_a_signed_request_is_not_repeated_either() -> None:
    with pytest.raises(Redirected) as refused:
        World.of().ask(request=a_request_object(scope=CANARY, state=CANARY, without=["state"]))
    assert CANARY not in error_response(refused.value, ISSUER).location


def descriptions() -> list[tuple[str, str]]:
    """Every text that stands as a description in the source of the protocol."""
    found = []
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            texts = [keyword.value for keyword in node.keywords if keyword.arg == "description"]
            if isinstance(node.func, ast.Name) and node.func.id == "refuse" and len(node.args) > 1:
                texts.append(node.args[1])
            found += [
                (path.name, text.value)
                for text in texts
                if isinstance(text, ast.Constant) and isinstance(text.value, str)
            ]
    return found


def test_every_description_may_travel_in_a_header_and_a_query() -> None:
    """RFC 6749 4.1.2.1 and 5.2: printable ASCII without quote and backslash."""
    found = descriptions()
    assert len(found) > 40
    assert [text for _, text in found if not ALLOWED.fullmatch(text)] == []
