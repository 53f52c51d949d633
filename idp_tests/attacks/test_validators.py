"""R-44: no validator takes long over two hundred thousand characters, whatever they are.

Nothing is timed: what goes over the text once needs milliseconds; what compares every letter with every other needs minutes at
this length, what backtracks needs years, and the deadline of the test ends both and shows the line.
"""

import contextlib
from collections.abc import Callable, Mapping
from ipaddress import ip_network

import pytest

from idp import log
from idp.core.identification.bankid.launch import read_browser
from idp.core.linking.claim import LastFour
from idp.core.oidc.authorize.user_message import read_user_message
from idp.core.oidc.claims.claims_request import read_claims
from idp.core.oidc.clients import redirect_uri
from idp.core.oidc.keys import jose
from idp.core.oidc.parameters import RawParameters
from idp.core.people.contact import parse_email, parse_name, parse_phone
from idp.core.people.customer import CustomerNumber
from idp.core.people.organisation_number import OrganisationNumber
from idp.core.people.personal_number import PersonalNumber
from idp.web.client_address import client_address
from idp.web.language import choose_language
from idp_tests.builders import a_client
from idp_tests.cases import each

LENGTH = 200_000
PROXIES = [ip_network("::1/128")]
NATIVE = a_client(application_type="native", redirect_uris=frozenset({"http://127.0.0.1/cb"}))
VALIDATORS: Mapping[str, Callable[[str], object]] = {
    "name": parse_name,
    "phone": parse_phone,
    "e-mail": parse_email,
    "customer number": CustomerNumber.parse,
    "last four": LastFour.parse,
    "organisation number": OrganisationNumber.parse,
    "personal number": PersonalNumber.parse,
    "redirect URI": lambda text: redirect_uri.is_registered(NATIVE, f"http://127.0.0.1:1{text}"),
    "redirect URI in a file": lambda text: redirect_uri.find_problem(f"https://x.example/{text}", native=True, sandbox=False),
    "token": jose.peek,
    "parameters": lambda text: RawParameters.parse(text.encode()),
    "claims": lambda text: read_claims(text, a_client()),
    "user message": read_user_message,
    "language": lambda text: choose_language(text, text, text),
    "user agent": read_browser,
    "forwarded address": lambda text: client_address("::1", "X-Forwarded-For", [text], PROXIES),
    "forwarded element": lambda text: client_address("::1", "Forwarded", [text, f"for={text}"], PROXIES),
    "log": lambda text: log.redact(None, "", {"event": text}),
}  # fmt: skip
SHAPES: Mapping[str, str] = {
    "one letter": "a" * LENGTH,
    "one digit": "1" * LENGTH,
    "spaces": " " * LENGTH,
    "nearly a number": "19900101-238" * (LENGTH // 12),
    "nearly an address": "a@" * (LENGTH // 2),
    "dots": "." * LENGTH,
    "a name with dots": "a." * (LENGTH // 2),
    "hyphens": "a-" * (LENGTH // 2),
    "brackets": "[" * LENGTH,
    "nearly JSON": '{"a":' * (LENGTH // 5),
    "backslashes": "\\" * LENGTH,
    "percent signs": "%" * LENGTH,
    "ampersands": "&" * LENGTH,
    "weights": "sv;q=0.1," * (LENGTH // 9),
    "nearly a token": "eyJ" + "a" * LENGTH,
    "tokens without end": "eyJaaaaa." * (LENGTH // 9),
    "combining marks": "a" + "\u0301" * (LENGTH - 1),
    "invisible characters": "\u200b" * LENGTH,
    "half a surrogate pair in text": "\\ud800" * (LENGTH // 6),
    "emoji": "💧" * LENGTH,
    "line feeds": "\n" * LENGTH,
    "mixed separators": "+46 (0) 70-" * (LENGTH // 11),
}


@pytest.mark.parametrize("name", VALIDATORS)
@each("text", SHAPES)
def test_a_validator_comes_to_an_end(name: str, text: str) -> None:
    with contextlib.suppress(ValueError, jose.JoseRefused):
        VALIDATORS[name](text)
