"""Journeys: what one request and this browser's cookies amount to, read for the steps to decide over."""

from dataclasses import dataclass
from datetime import datetime

from flask import request

from idp.core.oidc.authorize.authorization_request import AuthorizationRequest
from idp.core.oidc.clients.client import Client
from idp.core.signin.interaction import Interaction
from idp.core.signin.journey import Journey
from idp.core.signin.read_journey import ReadJourney
from idp.web.cookies import Cookie, Cookies, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBrowserJourney:
    """Reads the journey with the cookies of the present request."""

    read: ReadJourney
    cookies: Cookies

    def __call__(
        self,
        authorization_request: AuthorizationRequest,
        client: Client,
        interaction: Interaction | None,
        now: datetime,
    ) -> Journey:
        secret = self.cookies.read(request, Cookie.SESSION, client.sso_group)
        return self.read(
            authorization_request,
            client,
            interaction,
            session_cookie_hash=digest(secret) if secret else None,
            remembered_customer_id=self.cookies.read(request, Cookie.CUSTOMER),
            now=now,
        )
