"""The registration endpoint and the one of each registered client (RFC 7591 3, RFC 7592 2)."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from idp.core.oidc.discovery import metadata
from idp.core.oidc.dynamic_registration.client_information import too_long
from idp.core.oidc.dynamic_registration.configure_client import ConfigureClient
from idp.core.oidc.dynamic_registration.members import MAX_BODY_LENGTH
from idp.core.oidc.dynamic_registration.metadata import Terms
from idp.core.oidc.dynamic_registration.names import ReservedNames
from idp.core.oidc.dynamic_registration.register_client import RegisterClient
from idp.core.oidc.dynamic_registration.remove_client import RemoveClient
from idp.core.oidc.errors import Refused
from idp.web.oidc.client_requests import answer_json, never_stored
from idp.web.services import services

blueprint = Blueprint("registration", __name__)


@blueprint.post("/register")
def register() -> Response:
    """Make a client of what was sent; the body of a stranger is not read."""
    known = services()
    now = known.now()
    register_client = RegisterClient(
        issuer=known.settings.issuer,
        terms=_terms,
        initial_tokens=known.initial_tokens,
        registered=known.registered_clients,
        audit=known.audit,
    )
    permission = register_client.permission(_authorization(), now)
    return _answer(register_client(_read_body(), permission, now), 201)


@blueprint.get("/register/<client_id>")
def read(client_id: str) -> Response:
    """Tell the client what is registered of it."""
    configure = _configure_client()
    return _answer(configure.read(configure.caller(client_id, _authorization())))


@blueprint.put("/register/<client_id>")
def change(client_id: str) -> Response:
    """Replace what is registered."""
    configure = _configure_client()
    caller = configure.caller(client_id, _authorization())
    return _answer(configure.change(_read_body(), caller, services().now()))


@blueprint.delete("/register/<client_id>")
def remove(client_id: str) -> Response:
    """Forget the client, and revoke what people allowed it."""
    known = services()
    caller = _configure_client().caller(client_id, _authorization())
    remove_client = RemoveClient(
        registered=known.registered_clients, grants=known.grants, consents=known.consents, audit=known.audit
    )
    remove_client(caller.client, known.now())
    return never_stored(Response(status=204))


def _authorization() -> str | None:
    return request.headers.get("Authorization")


def _configure_client() -> ConfigureClient:
    known = services()
    return ConfigureClient(
        issuer=known.settings.issuer, terms=_terms, registered=known.registered_clients, audit=known.audit
    )


def _read_body() -> bytes:
    """The body as it came. Raises Refused when it is too long or not said to be JSON."""
    if request.mimetype != "application/json":
        raise Refused(code="invalid_client_metadata", description="body: must be application/json", detail="body")
    request.max_content_length = MAX_BODY_LENGTH
    try:
        return request.get_data(cache=False, parse_form_data=False)
    except RequestEntityTooLarge:
        raise too_long() from None


def _answer(told: Mapping[str, Any], status: int = 200) -> Response:
    response = answer_json(told)
    response.status_code = status
    return response


def _terms() -> Terms:
    known = services()
    settings = known.settings
    return Terms(
        issuer=settings.issuer,
        sandbox=settings.is_sandbox,
        offered=metadata(
            issuer=settings.issuer, acr=settings.sign_in.acr, signing_algs=known.keyring.algs(known.now())
        ),
        scopes=settings.registration.scopes,
        reserved_names=ReservedNames.of(settings.brand.name, known.clients.all()),
        secret_lifetime=settings.registration.secret_lifetime,
        per_hour=settings.registration.per_hour,
        most_clients=settings.registration.most_clients,
    )
