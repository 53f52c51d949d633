"""Algorithms: the one table of how tokens may be signed, by us and by our clients. Never HS256, never none."""

from collections.abc import Mapping
from dataclasses import dataclass

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

RSA_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """One row of the table."""

    name: str
    """As documents, files and headers spell it."""
    new_name: str | None = None
    """A second spelling that is read as well (RFC 9864); never written, since most relying parties do not know it."""
    key_class: type[RSAKey] | type[ECKey] | type[OKPKey]
    curve: str | None = None
    allowed_by_fapi: bool
    """FAPI 2.0 Security Profile 5.4.1."""

    def make_key(self) -> Key:
        """A fresh private key."""
        return self.key_class.generate_key(self.curve or RSA_BITS)  # type: ignore[arg-type] # one class takes bits, two a curve

    def fits(self, key: Key) -> bool:
        """True when the key's type and curve, and its own `alg` and `use`, allow this algorithm."""
        if not isinstance(key, self.key_class) or key.get("use") not in {None, "sig"}:
            return False
        if isinstance(key, ECKey | OKPKey) and key.curve_name != self.curve:
            return False
        return key.alg in {None, self.name, self.new_name}

    def sign(self, signing_input: bytes, key: Key) -> bytes:
        """The signature of a key that fits."""
        return JWSRegistry.algorithms[self.new_name or self.name].sign(signing_input, key)

    def verifies(self, signing_input: bytes, signature: bytes, key: Key) -> bool:
        """Whether the signature is the key's. Raises the errors of the library for a malformed one."""
        return JWSRegistry.algorithms[self.new_name or self.name].verify(signing_input, signature, key)


ALGORITHMS = (
    Algorithm(name="RS256", key_class=RSAKey, allowed_by_fapi=False),
    Algorithm(name="ES256", key_class=ECKey, curve="P-256", allowed_by_fapi=True),
    Algorithm(name="PS256", key_class=RSAKey, allowed_by_fapi=True),
    Algorithm(name="EdDSA", new_name="Ed25519", key_class=OKPKey, curve="Ed25519", allowed_by_fapi=True),
)
"""In the order of our documents."""

SIGNING_ALGS = tuple(one.name for one in ALGORITHMS)
"""What we sign with, and what clients may sign with."""
FAPI_ALGS = tuple(one.name for one in ALGORITHMS if one.allowed_by_fapi)
"""What DPoP proofs and everything of a FAPI 2.0 client are signed with."""

_BY_SPELLING: Mapping[str, Algorithm] = {
    spelling: one for one in ALGORITHMS for spelling in (one.name, one.new_name) if spelling is not None
}


def find_algorithm(spelling: str) -> Algorithm | None:
    """The algorithm with this name, old or new."""
    return _BY_SPELLING.get(spelling)


def published_name(spelling: str) -> str:
    """The name under which we know an algorithm; another text stays as it is."""
    algorithm = find_algorithm(spelling)
    return algorithm.name if algorithm else spelling


def get_algorithm(spelling: str) -> Algorithm:
    """Raises ValueError for an algorithm that is not in the table."""
    algorithm = find_algorithm(spelling)
    if algorithm is None:
        raise ValueError(f"no keys for the algorithm {spelling}")
    return algorithm
