"""Discovery: what this provider can do, told to machines (OpenID Connect Discovery 1.0 3; RFC 8414 2).

Made from the issuer's name in the settings, never from a request's Host. What is listed here exists; what does not
exist is not listed. The order of everything is fixed, so that the same provider always gives the same bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from authlib.oauth2 import rfc9101, rfc9207
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc import rpinitiated
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.core.languages import LANGUAGES
from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.oidc.claims.scopes import SCOPES
from idp.core.oidc.claims.table import CLAIMS
from idp.core.oidc.clients.client import AuthMethod, SubjectType
from idp.core.oidc.errors import ResponseMode
from idp.core.oidc.keys.algorithms import FAPI_ALGS, SIGNING_ALGS
from idp.core.oidc.tokens.token_endpoint import GRANT_TYPES


def metadata(
    *,
    issuer: str,
    acrs: Sequence[str],
    signing_algs: Sequence[str],
    policy_uri: str | None = None,
    registration: bool = False,
) -> dict[str, Any]:
    """The metadata document; `signing_algs` are those with an active key, `registration` opens RFC 7591."""
    return {
        "issuer": issuer,
        **_endpoints(issuer, registration=registration),
        **_requests(acrs),
        **_signatures(list(signing_algs)),
        **_logout(),
        **({"op_policy_uri": policy_uri} if policy_uri else {}),
        "https://id.oidc.se/disco/userMessageSupported": True,
    }


def check_metadata(document: Mapping[str, Any]) -> None:
    """Let an independent reader judge the document, when the provider starts. Raises ValueError, which names a member.

    Authlib's validators of OpenID Connect Discovery 1.0, RFC 8414, RFC 9101, RFC 9207 and RP-Initiated Logout 1.0.
    """
    oauth = [rfc9101.AuthorizationServerMetadata, rfc9207.AuthorizationServerMetadata]
    AuthorizationServerMetadata(document).validate(metadata_classes=oauth)
    OpenIDProviderMetadata(document).validate(metadata_classes=[*oauth, rpinitiated.OpenIDProviderMetadata])


def _endpoints(issuer: str, *, registration: bool) -> dict[str, Any]:
    return {
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks.json",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "end_session_endpoint": f"{issuer}/logout",
        **({"registration_endpoint": f"{issuer}/register"} if registration else {}),
    }


def _requests(acrs: Sequence[str]) -> dict[str, Any]:
    return {
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(ResponseMode),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": list(SubjectType),
        "acr_values_supported": list(acrs),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "require_pushed_authorization_requests": False,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "require_signed_request_object": False,
        "claims_parameter_supported": True,
        "claim_types_supported": ["normal"],
        "claims_supported": ["iss", *sorted(CLAIMS)],
        "prompt_values_supported": list(Prompt),
        "ui_locales_supported": list(LANGUAGES),
    }


def _signatures(signing_algs: list[str]) -> dict[str, Any]:
    authentication: dict[str, Any] = {}
    for endpoint, methods in (
        ("token", list(AuthMethod)),
        ("revocation", list(AuthMethod)),
        ("introspection", [method for method in AuthMethod if method is not AuthMethod.NONE]),
    ):
        authentication[f"{endpoint}_endpoint_auth_methods_supported"] = methods
        authentication[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = list(SIGNING_ALGS)
    return {
        "id_token_signing_alg_values_supported": signing_algs,
        "userinfo_signing_alg_values_supported": signing_algs,
        "introspection_signing_alg_values_supported": signing_algs,
        **authentication,
        "request_object_signing_alg_values_supported": list(SIGNING_ALGS),
        "dpop_signing_alg_values_supported": list(FAPI_ALGS),
    }


def _logout() -> dict[str, Any]:
    return {
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }
