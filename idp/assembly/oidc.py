"""The use cases of the protocol, but for registration."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.assembly.store import Store
from idp.core.oidc.authorize.checks import ReadRequest
from idp.core.oidc.authorize.pushed_request import KeepPostedRequest, PushRequest
from idp.core.oidc.authorize.validation_context import RequestEnvironment
from idp.core.oidc.clients.authentication import AuthenticateClient
from idp.core.oidc.clients.dpop import Nonces, VerifyProof
from idp.core.oidc.clients.ports import Clients
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.logout.logout_request import LogoutRequests
from idp.core.oidc.tokens.introspection import Introspect
from idp.core.oidc.tokens.revocation import RevokeToken
from idp.core.oidc.tokens.token_endpoint import AnswerTokenRequest
from idp.core.oidc.tokens.token_issuer import TokenIssuer
from idp.core.oidc.tokens.userinfo import ReadUserInfo
from idp.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """What browsers and programs may ask of an OpenID Provider."""

    read_request: ReadRequest
    keep_posted_request: KeepPostedRequest
    push_request: PushRequest
    authenticate_client: AuthenticateClient
    verify_proof: VerifyProof
    answer_token_request: AnswerTokenRequest
    read_user_info: ReadUserInfo
    introspect: Introspect
    revoke_token: RevokeToken
    logout_requests: LogoutRequests


def make_oidc(settings: Settings, store: Store, clients: Clients, keys: Keys, acrs: Sequence[str]) -> Oidc:
    """Make every use case."""
    issuer, grants, audit, seen_ids = settings.issuer, store.grants, store.audit, store.seen_ids
    environment = RequestEnvironment(
        issuer=issuer,
        acrs=acrs,
        clients=clients,
        pushed_requests=store.pushed_requests,
        seen_ids=seen_ids,
        keys=keys,
    )

    def token_issuer() -> TokenIssuer:
        return TokenIssuer.of(issuer, keys)

    return Oidc(
        read_request=ReadRequest(environment),
        keep_posted_request=KeepPostedRequest(environment),
        push_request=PushRequest(environment),
        authenticate_client=AuthenticateClient(clients=clients, seen_ids=seen_ids, issuer=issuer),
        verify_proof=VerifyProof(seen_ids=seen_ids, nonces=Nonces(keys, required=settings.dpop.nonce_required)),
        answer_token_request=AnswerTokenRequest(grants=grants, audit=audit, token_issuer=token_issuer),
        read_user_info=ReadUserInfo(clients=clients, grants=grants, token_issuer=token_issuer),
        introspect=Introspect(clients=clients, grants=grants, token_issuer=token_issuer),
        revoke_token=RevokeToken(grants=grants, audit=audit, token_issuer=token_issuer),
        logout_requests=LogoutRequests(clients=clients, kept_requests=store.pushed_requests, token_issuer=token_issuer),
    )
