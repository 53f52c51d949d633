"""The registration endpoint and the one of each registered client (RFC 7591 3, RFC 7592 2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from idp.core.oidc.dynamic_registration.client_information import too_long
from idp.core.oidc.dynamic_registration.configure_client import ConfigureClient
from idp.core.oidc.dynamic_registration.members import MAX_BODY_LENGTH
from idp.core.oidc.dynamic_registration.register_client import RegisterClient
from idp.core.oidc.dynamic_registration.registration_tokens import unauthorized
from idp.core.oidc.dynamic_registration.remove_client import NotRegistered, RemoveClient, Removed
from idp.core.oidc.errors import Refused
from idp.web.oidc.client_requests import answer_json, never_stored


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationEndpoint:
    """Lets clients register, look at themselves, change and go."""

    register_client: RegisterClient
    configure_client: ConfigureClient
    remove_client: RemoveClient
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("dynamic_registration", __name__)
        routes.post("/register")(self.register)
        routes.get("/register/<client_id>")(self.read)
        routes.put("/register/<client_id>")(self.change)
        routes.delete("/register/<client_id>")(self.remove)
        return routes

    def register(self) -> Response:
        """Make a client of what was sent; the body of a stranger is not read."""
        now = self.clock()
        permission = self.register_client.permission(_authorization(), now)
        return _answer(self.register_client(_read_body(), permission, now), 201)

    def read(self, client_id: str) -> Response:
        """Tell the client what is registered of it."""
        return _answer(self.configure_client.read(self.configure_client.caller(client_id, _authorization())))

    def change(self, client_id: str) -> Response:
        """Replace what is registered."""
        caller = self.configure_client.caller(client_id, _authorization())
        return _answer(self.configure_client.change(_read_body(), caller, self.clock()))

    def remove(self, client_id: str) -> Response:
        """Forget the client, and revoke what people allowed it.

        Raises Refused with 401 where another request was first, as for every client that is gone (RFC 7592 2.3).
        """
        caller = self.configure_client.caller(client_id, _authorization())
        removal = self.remove_client(caller.client.client_id, self.clock())
        match removal:
            case Removed():
                return never_stored(Response(status=204))
            case NotRegistered():
                raise unauthorized(self.configure_client.issuer, "another request has removed this client")
            case _:
                assert_never(removal)


def _authorization() -> str | None:
    return request.headers.get("Authorization")


def _read_body() -> bytes:
    """The body as it came. Raises Refused when it is too long or not said to be JSON."""
    if request.mimetype != "application/json":
        raise Refused(code="invalid_client_metadata", description="body: must be application/json", detail="body")
    request.max_content_length = MAX_BODY_LENGTH
    try:
        return request.get_data(cache=False, parse_form_data=False)
    except RequestEntityTooLarge:
        raise too_long() from None


def _answer(information: Mapping[str, Any], status: int = 200) -> Response:
    response = answer_json(information)
    response.status_code = status
    return response
