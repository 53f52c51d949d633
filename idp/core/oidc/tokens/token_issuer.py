"""TokenIssuer: what every token is made with, our name and our keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from idp.core.oidc.keys import jose
from idp.core.oidc.keys.algorithms import SIGNING_ALGS
from idp.core.oidc.keys.keyring import Keyring
from idp.core.oidc.keys.ports import Keys
from idp.core.oidc.keys.reference_tokens import ReferenceTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIssuer:
    """Makes and recognises our tokens. The keys change while the provider runs, so each request has its own issuer."""

    issuer: str
    keyring: Keyring
    reference_tokens: ReferenceTokens

    @classmethod
    def of(cls, issuer: str, keys: Keys) -> Self:
        """With the keys in force now."""
        return cls(issuer=issuer, keyring=keys.keyring, reference_tokens=keys.reference_tokens)

    def require_signer(self, alg: str, now: datetime) -> None:
        """Make sure that a signature can be made, before anything is used up for it. Raises NoSigningKey."""
        self.keyring.signer(alg, now)

    def sign(self, typ: str, claims: Mapping[str, Any], alg: str, now: datetime) -> str:
        """Sign with the one active key of the algorithm. Raises NoSigningKey."""
        signer = self.keyring.signer(alg, now)
        return jose.sign(typ, claims, signer.key, signer.alg, signer.kid)

    def recognise(self, token: str, typ: frozenset[str | None]) -> jose.Claims:
        """Read a token that we signed, with a key of any state; its times are the caller's to check.

        Raises jose.JoseRefused, also for another issuer's name.
        """
        claims = jose.verify(token, keys=self.keyring.verification_keys(), algs=SIGNING_ALGS, typ=typ)
        if claims.text("iss") != self.issuer:
            raise jose.JoseRefused("iss is not ours")
        return claims
