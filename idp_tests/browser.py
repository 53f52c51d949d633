"""A browser that presses the buttons that a person would, without script and without a network."""

import html
import json
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.core.identification.bankid.api import (
    User,
)
from idp_tests.answers import check_answer
from idp_tests.client_side import ISSUER, code_form
from idp_tests.relying_party import RelyingParty, client_side
from idp_tests.scripted_bankid import ANNA

if TYPE_CHECKING:
    from idp_tests.provider import Provider


class Browser:
    """A browser without script; keeps cookies, follows our own redirects, stops at the client's."""

    def __init__(self, provider: "Provider", headers: dict[str, str]) -> None:
        self.provider = provider
        self.client: FlaskClient = provider.app.test_client()
        self.headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130", **headers}
        self.path = ""
        self.page = ""
        self.status = 0
        self.left_to: str | None = None
        self.verifier = secrets.token_urlsafe(32)

    def get(self, path: str) -> "Browser":
        return self._follow(self.client.get(path, headers=self.headers, base_url=ISSUER), path)

    def post(self, path: str, **form: str) -> "Browser":
        return self._follow(self.client.post(path, data=form, headers=self.headers, base_url=ISSUER), path)

    def submit(self, to: str, **form: str) -> "Browser":
        """Send the form of this page whose action ends with `to`, its hidden fields included."""
        for action, body in re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', self.page, re.DOTALL):
            if action.endswith(to):
                fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body)
                hidden = {name: html.unescape(value) for name, value in fields}
                return self.post(html.unescape(action), **hidden | form)
        raise AssertionError(f"no form to {to} at {self.path}")

    def _follow(self, response: TestResponse, path: str) -> "Browser":
        self.path, self.status, self.left_to = path, response.status_code, None
        for _ in range(10):
            check_answer(response)
            if response.status_code != 303:
                break
            location = response.headers["Location"]
            if urlsplit(location).netloc not in {"", "id.example"}:
                self.left_to, self.status = location, response.status_code
                return self
            self.path = location
            response = self.client.get(location, headers=self.headers, base_url=ISSUER)
        self.response = response
        self.status, self.page = response.status_code, response.get_data(as_text=True)
        return self

    @property
    def base(self) -> str:
        """`/signin/<id>` of the page being shown."""
        return "/".join(urlsplit(self.path).path.split("/")[:3])

    @property
    def step(self) -> str:
        return urlsplit(self.path).path.split("/")[-1]

    @property
    def answer(self) -> dict[str, str]:
        """The authorization response that the client got."""
        assert self.left_to is not None, f"still here: {self.path} {self.status}"
        return {name: values[0] for name, values in parse_qs(urlsplit(self.left_to).query).items()}

    def authorize(self, client_id: str = "minasidor", **parameters: str) -> "Browser":
        wanted = {name: value or None for name, value in parameters.items()}
        query = client_side(client_id).authorization_request(self.verifier, **wanted)
        return self.open(query)

    def open(self, parameters: Mapping[str, str]) -> Self:
        """Open the authorization endpoint with these parameters."""
        response = self.client.get("/authorize", query_string=parameters, headers=self.headers, base_url=ISSUER)
        self._follow(response, "/authorize")
        return self

    def start(self, launch: str = "qr") -> "Browser":
        """Press the button and let the collector start the order."""
        self.submit("/bankid/start", launch=launch)
        self.provider.collect()
        return self

    def look(self) -> dict[str, Any]:
        """What the page's status call says."""
        response = self.client.get(f"{self.base}/bankid/status", headers=self.headers, base_url=ISSUER)
        assert response.status_code == 200, response.get_data(as_text=True)
        return dict(json.loads(response.get_data()))

    def identify(self, user: User = ANNA, launch: str = "qr") -> "Browser":
        """Start, let the person approve in the app, and go on."""
        self.start(launch)
        self.provider.clock.advance(seconds=3)
        self.provider.bankid.approve(user)
        self.provider.collect()
        return self.get(self.base)

    def link(self, number: str = "10012345", digits: str = "0680") -> "Browser":
        return self.submit("/link", customer_number=number, last_four=digits)

    def link_whole(self, number: str, organisation_number: str) -> "Browser":
        """Where four digits are not enough."""
        return self.submit("/link", customer_number=number, whole_number=organisation_number)

    def register(
        self, name: str = "Anna Svensson", phone: str = "070-174 06 05", email: str = "anna@example.se"
    ) -> "Browser":
        return self.submit("/register", name=name, phone=phone, email=email)

    def first_login(self, client_id: str = "minasidor", user: User = ANNA, **parameters: str) -> "Browser":
        """The whole leaflet."""
        self.authorize(client_id, **parameters).identify(user).link().register()
        self.provider.clock.advance(seconds=5)
        return self.identify(user)

    def code_form(self, **changes: str) -> dict[str, str]:
        """The form that redeems the code of the answer, without credentials; an empty value leaves a member out."""
        assert self.left_to is not None
        wanted = {name: value or None for name, value in changes.items()}
        return code_form(self.answer["code"], self.left_to.partition("?")[0], self.verifier, **wanted)

    def redeem(self, client_id: str = "minasidor", **changes: str) -> TestResponse:
        """Exchange the code of the answer, as the client would."""
        return RelyingParty(self.provider, client_id).redeem(self.code_form(**changes))
