"""Opening: the first row of an interaction, bound to the browser that asked."""

import secrets

from flask import Response, request

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import Client
from idp.core.signin.interaction import Interaction
from idp.web.cookies import Cookie, digest, new_secret
from idp.web.pages import language_of
from idp.web.services import services
from idp.web.signin.visit import lifetime


def open_interaction(asked: AuthorizationRequest, client: Client, response: Response) -> str:
    """Store the interaction and make sure the browser holds the cookie that opens it; returns its id."""
    known = services()
    browser = known.cookies.read(request, Cookie.BROWSER) or new_secret()
    known.cookies.write(response, Cookie.BROWSER, browser)
    interaction = Interaction(
        id=secrets.token_urlsafe(16),
        client_id=client.client_id,
        request=asked,
        language=language_of(" ".join(asked.ui_locales)),
        arrived_at=asked.arrived_at,
        acted_at=asked.arrived_at,
        expires_at=lifetime().first_end(asked.arrived_at),
        version=0,
    )
    known.interactions.open(interaction, digest(browser))
    return interaction.id
