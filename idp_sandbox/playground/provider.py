"""The provider as the playground calls it: every call becomes a step of the run."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import requests

from idp_sandbox.playground.client_authentication import authenticate, dpop_proof, sign
from idp_sandbox.playground.credentials import Credentials
from idp_sandbox.playground.http_calls import TIMEOUT, Answer, Call, carry_out, session, step_of
from idp_sandbox.playground.id_token_checks import check_id_token
from idp_sandbox.playground.runs import Run
from idp_sandbox.playground.steps import Check, Message, Step
from idp_sandbox.serving import ProgramOptions

REQUEST_OBJECT_SECONDS = 300
CERTAIN = 20
STEP = 0.1
"""So many times in a row, and so many seconds apart, must the provider know a client: each worker reads the files by
itself, and old workers answer for a while beside the new ones."""


class Provider:
    """Calls one provider, told nothing but its discovery address."""

    def __init__(self, options: ProgramOptions, credentials: Credentials) -> None:
        self._options = options
        self._credentials = credentials

    # ---- one after another -----------------------------------------------------------------------------------------

    def discover(self, run: Run) -> None:
        """Read the discovery document, and check whose it is."""
        answer = self._send(
            run,
            title="Discovery",
            text="The provider says where its endpoints are and what it can do.",
            reference="OIDC Discovery 4",
            url=self._options.discovery_url,
        )
        run.metadata = answer.body
        self._check(
            run,
            Check(
                answer.body.get("issuer") == self._options.issuer,
                "issuer is the address we asked",
                "OIDC Discovery 4.3",
            ),
        )

    def begin(self, run: Run) -> None:
        """Make the authorization request, pushed or signed where the run says so."""
        parameters = dict(run.parameters)
        if run.send_as == "signed":
            parameters = {"client_id": run.client.client_id, "request": self._request_object(run)}
        if run.send_as == "pushed":
            answer = self._send(
                run,
                title="Pushed authorization request",
                text="The parameters go from server to server. The browser carries a reference that tells nothing.",
                reference="RFC 9126 2",
                url=self._endpoint(run, "pushed_authorization_request_endpoint"),
                form=parameters,
                authenticated=True,
                dpop=True,
            )
            if not isinstance(request_uri := answer.body.get("request_uri"), str):
                return
            parameters = {"client_id": run.client.client_id, "request_uri": request_uri}
        address = self._endpoint(run, "authorization_endpoint")
        run.authorization_url = f"{address}?{urlencode(parameters)}"
        request = Message(line=f"GET {address}", members=tuple(parameters.items()))
        run.steps.append(
            Step(
                title="Authorization request",
                text="The browser goes to the provider with this. Nothing has been sent yet: press the button below.",
                reference="OIDC Core 3.1.2.1",
                request=request,
            )
        )

    def redeem(self, run: Run, code: str) -> None:
        """Exchange the code for tokens, and check the ID token."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": run.parameters.get("redirect_uri", ""),
        }
        if "code_challenge" in run.parameters:
            form["code_verifier"] = run.code_verifier
        answer = self._send(
            run,
            title="Token request",
            text="The code is exchanged for tokens. It works once, for a minute, and only for this client with its verifier.",
            reference="OIDC Core 3.1.3.1; RFC 7636 4.5",
            url=self._endpoint(run, "token_endpoint"),
            form=form,
            authenticated=True,
            dpop=True,
        )
        self._keep_tokens(run, answer, is_refreshed=False)

    def refresh(self, run: Run) -> None:
        """Exchange the refresh token."""
        answer = self._send(
            run,
            title="Refresh request",
            text="New tokens without the person. For a public client the refresh token changes at every use.",
            reference="RFC 6749 6; OIDC Core 12",
            url=self._endpoint(run, "token_endpoint"),
            form={"grant_type": "refresh_token", "refresh_token": str(run.tokens.get("refresh_token", ""))},
            authenticated=True,
            dpop=True,
        )
        self._keep_tokens(run, answer, is_refreshed=True)

    def userinfo(self, run: Run) -> None:
        """Ask about the person with the access token."""
        answer = self._send(
            run,
            title="UserInfo request",
            text="The access token opens what the scopes and claims of the request allow.",
            reference="OIDC Core 5.3",
            url=self._endpoint(run, "userinfo_endpoint"),
            access_token=str(run.tokens.get("access_token", "")),
            dpop=run.dpop_key is not None,
        )
        if answer.status == requests.codes.ok and answer.body:
            same = answer.body.get("sub") == run.claims.get("sub")
            self._check(run, Check(same, "sub is the same as in the ID token", "OIDC Core 5.3.2"))

    def introspect(self, run: Run) -> None:
        """Ask whether the access token counts."""
        self._send(
            run,
            title="Introspection request",
            text="An API asks whether a token counts, whom it is for and what it allows.",
            reference="RFC 7662 2.1",
            url=self._endpoint(run, "introspection_endpoint"),
            form={"token": str(run.tokens.get("access_token", "")), "token_type_hint": "access_token"},
            authenticated=True,
        )

    def revoke(self, run: Run) -> None:
        """Give the refresh token back, or the access token when there is none; 200 says nothing about what it was."""
        kind = "refresh_token" if "refresh_token" in run.tokens else "access_token"
        self._send(
            run,
            title="Revocation request",
            text="The token is given back, and with a refresh token everything that came from it.",
            reference="RFC 7009 2.1",
            url=self._endpoint(run, "revocation_endpoint"),
            form={"token": str(run.tokens.get(kind, "")), "token_type_hint": kind},
            authenticated=True,
        )

    def logout_url(self, run: Run) -> str:
        """Where the browser ends the session; becomes a step as well."""
        address = self._endpoint(run, "end_session_endpoint")
        members = {
            "id_token_hint": str(run.tokens.get("id_token", "")),
            "client_id": run.client.client_id,
            "post_logout_redirect_uri": f"{self._options.base_url}/logged-out",
            "state": run.id,
        }
        run.steps.append(
            Step(
                title="Logout request",
                text="The browser goes to the provider, which ends its session and tells the other clients.",
                reference="RP-Initiated Logout 2",
                request=Message(line=f"GET {address}", members=tuple(members.items())),
            )
        )
        return f"{address}?{urlencode(members)}"

    def keys(self, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        """The published keys, fetched each time: they may have changed."""
        with session(self._options) as http:
            found: Mapping[str, Any] = http.get(str(metadata["jwks_uri"]), timeout=TIMEOUT).json()
            return found

    def knows(self, run: Run) -> bool:
        """Whether the provider has read the client's file; it authenticates a client before it reads the request."""
        with session(self._options) as http:
            metadata = http.get(self._options.discovery_url, timeout=TIMEOUT).json()
            endpoint = metadata["pushed_authorization_request_endpoint"]
            for _ in range(CERTAIN):
                headers, form = self._prove(run)
                headers["Connection"] = "close"  # so that any worker may be the one that answers
                answer = http.post(endpoint, data={"response_type": "code", **form}, headers=headers, timeout=TIMEOUT)
                if answer.json().get("error") == "invalid_client":
                    return False
                time.sleep(STEP)
        return True

    # ---- one request -----------------------------------------------------------------------------------------------

    def _send(
        self,
        run: Run,
        *,
        title: str,
        text: str,
        reference: str,
        url: str,
        form: Mapping[str, str] | None = None,
        authenticated: bool = False,
        access_token: str | None = None,
        dpop: bool = False,
    ) -> Answer:
        """Send one request and add it to the run; once more with the nonce when the provider asks for one (RFC 9449 8)."""
        method = "GET" if form is None else "POST"
        for _ in range(2):
            headers, proof = self._prove(run) if authenticated else ({}, {})
            if access_token is not None:
                headers["Authorization"] = f"{'DPoP' if dpop else 'Bearer'} {access_token}"
            if dpop:
                headers |= dpop_proof(run, method, url, now=datetime.now(UTC), access_token=access_token)
            call = Call(
                title=title,
                text=text,
                reference=reference,
                method=method,
                url=url,
                headers=headers,
                form={**(form or {}), **proof},
            )
            answer = carry_out(call, self._options)
            run.steps.append(step_of(call, answer))
            run.dpop_nonce = answer.headers.get("DPoP-Nonce", run.dpop_nonce)
            if not answer.wants_dpop_nonce:
                break
        return answer

    def _prove(self, run: Run) -> tuple[dict[str, str], dict[str, str]]:
        return authenticate(run, credentials=self._credentials, audience=self._options.issuer, now=datetime.now(UTC))

    def _request_object(self, run: Run) -> str:
        """The whole request as a signed JWT (RFC 9101 4)."""
        moment = int(datetime.now(UTC).timestamp())
        claims: dict[str, object] = {**run.parameters, "iss": run.client.client_id, "aud": self._options.issuer}
        claims |= {
            "iat": moment,
            "nbf": moment,
            "exp": moment + REQUEST_OBJECT_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        return sign(claims, self._credentials, typ="oauth-authz-req+jwt")

    def _keep_tokens(self, run: Run, answer: Answer, *, is_refreshed: bool) -> None:
        if answer.status != requests.codes.ok:
            return
        run.tokens |= answer.body
        encoded = str(answer.body.get("id_token", ""))
        if not encoded:
            return
        keys = self.keys(run.metadata)
        claims, checks = check_id_token(encoded, run, keys, now=datetime.now(UTC), is_refreshed=is_refreshed)
        self._check(run, *checks)
        if all(check.passed for check in checks):
            run.claims = claims

    def _check(self, run: Run, *checks: Check) -> None:
        """Add checks to the latest step."""
        latest = run.steps[-1]
        run.steps[-1] = replace(latest, checks=(*latest.checks, *checks))

    @staticmethod
    def _endpoint(run: Run, name: str) -> str:
        return str(run.metadata[name])
