"""The UserInfo endpoint (OpenID Connect Core 5.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, request

from idp.core.oidc.clients.bearer import PresentedToken, Scheme, read_presented, refuse_access
from idp.core.oidc.clients.dpop import ProofRefused
from idp.core.oidc.errors import Refused
from idp.core.oidc.tokens.userinfo import ReadUserInfo
from idp.web.oidc.client_requests import ClientRequests, answer_json, answer_signed, read_form
from idp.web.oidc.cors import Cors, remember_caller


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfoEndpoint:
    """Tells clients of their person."""

    requests: ClientRequests
    read: ReadUserInfo
    cors: Cors
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("userinfo", __name__)
        self.cors.open(routes, "/userinfo", "GET", "POST")
        routes.route("/userinfo", methods=["GET", "POST"])(self.userinfo)
        return routes

    def userinfo(self) -> Response:
        """Answer the bearer of an access token, as JSON or as the signed token that its client registered for."""
        now = self.clock()
        presented = self._presented()
        info = self.read(presented, lambda: self._prove(presented, now), now)
        remember_caller(info.client)
        return answer_json(info.claims) if info.signed is None else answer_signed(info.signed, "application/jwt")

    def _presented(self) -> PresentedToken:
        issuer = self.requests.issuer
        if "access_token" in request.args:
            raise refuse_access(issuer, "invalid_request", "An access token does not belong in an address")
        in_form = request.method == "POST" and request.mimetype == "application/x-www-form-urlencoded"
        in_body = read_form().all("access_token") if in_form else ()
        return read_presented(request.headers.get("Authorization"), in_body, issuer=issuer)

    def _prove(self, presented: PresentedToken, now: datetime) -> str | None:
        """RFC 9449 7.1. Raises Refused with the challenge of the DPoP scheme."""
        try:
            return self.requests.proved_key(now, access_token=presented.value)
        except ProofRefused as problem:
            refused = refuse_access(
                self.requests.issuer,
                problem.code,
                "The DPoP proof is not valid",
                scheme=Scheme.DPOP,
                detail=problem.reason,
            )
            raise Refused(
                code=refused.code,
                description=refused.description,
                detail=refused.detail,
                diagnosis=problem.diagnosis,
                status=refused.status,
                headers={**refused.headers, **self.requests.nonce_header(now)},
            ) from None
