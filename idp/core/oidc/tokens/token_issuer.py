"""Mint: what every token is made with, our name, our signing keys and our seal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.core.oidc.keys import jose
from idp.core.oidc.keys.keyring import SIGNING_ALGS, Keyring
from idp.core.oidc.keys.reference_tokens import Sealer


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """Makes and recognises our tokens; costs nothing to make, so each request has its own."""

    issuer: str
    keyring: Keyring
    sealer: Sealer

    def sign(self, typ: str, claims: Mapping[str, Any], alg: str, now: datetime) -> str:
        """Sign with the one active key of the algorithm. Raises NoSigningKey."""
        signer = self.keyring.signer(alg, now)
        return jose.sign(typ, claims, signer.key, signer.alg, signer.kid)

    def recognise(self, token: str, typ: frozenset[str | None]) -> jose.Claims:
        """Read a token that we signed, with a key of any state; its times are the caller's to check.

        Raises jose.JoseRefused, also for another issuer's name.
        """
        claims = jose.verify(token, keys=self.keyring.verification_keys(), algs=frozenset(SIGNING_ALGS), typ=typ)
        if claims.text("iss") != self.issuer:
            raise jose.JoseRefused("iss is not ours")
        return claims
