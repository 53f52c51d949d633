"""Verify evidence: a seal, what BankID or another method signed, and the login that an act rests on, from the text alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from idp.core.evidence.bundle import Act, ActKind, Bundle, Identification, RestsOn
from idp.core.evidence.seal import SealBroken, Unsealed, digest_of, unseal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedIdentification:
    """What an identification proved, for a reader."""

    person: str = field(repr=False)
    """By the scheme of the method, such as a personal number."""
    person_name: str = field(repr=False)
    shown: str | None
    """The text that the person saw and approved."""
    relying_party: str
    """For whom it was signed, as the method wrote it."""
    issuer: str
    """Who gave the person the means of identification."""
    serial_number: str
    """Of the person's certificate."""
    valid_from: datetime
    valid_to: datetime
    root: str | None
    """SHA-256 of the root certificate, in hex; None when the chain was sealed without one."""


class ProofVerifier(Protocol):
    """Verifies identifications of one kind by what is in them."""

    def verify(self, identification: Identification) -> ProvedIdentification | str:
        """What it proved, or why it proves nothing; the reason holds nothing personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What an auditor knows from elsewhere; an empty set takes whatever is there, for the auditor to compare."""

    seals: frozenset[str] = frozenset()
    """Thumbprints of seal keys."""
    roots: frozenset[str] = frozenset()
    """SHA-256 of root certificates, in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Evidence that holds."""

    bundle: Bundle
    sha256: str
    seal: str
    """Thumbprint of the key that sealed it."""
    proved: ProvedIdentification | None
    """None for an act, which rests on a login or, by our word alone, on nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Evidence that does not hold; the reference as far as it can be read."""

    reference: str
    reason: str


class VerifyEvidence:
    """Verifies one sealed text after the other; a login comes before the acts that rest on it."""

    def __init__(self, proofs: Mapping[str, ProofVerifier], pins: Pins) -> None:
        """`proofs` by the kind of identification."""
        self._proofs, self._pins = proofs, pins
        self._logins: dict[str, tuple[str, Act]] = {}
        self._seen: set[str] = set()

    def __call__(self, sealed: str) -> Verified | Refused:
        reference = "?"
        try:
            unsealed = self.unseal(sealed)
            bundle = Bundle.from_bytes(unsealed.content)
            reference = bundle.reference
            return self._verify(bundle, unsealed, digest_of(sealed))
        except SealBroken as broken:
            return Refused(reference=reference, reason=str(broken))
        except ValueError as problem:
            return Refused(reference=reference, reason=str(problem))

    def unseal(self, sealed: str, **kind: str) -> Unsealed:
        """By a key that is pinned, where one is. Raises SealBroken."""
        unsealed = unseal(sealed, **kind)
        if self._pins.seals and unsealed.thumbprint not in self._pins.seals:
            raise SealBroken("it is sealed by another key")
        return unsealed

    def _verify(self, bundle: Bundle, unsealed: Unsealed, sha256: str) -> Verified:
        if bundle.reference in self._seen:
            raise ValueError("another one has the same reference")
        proved = None
        if bundle.identification is not None:
            proved = self._proved(bundle, bundle.identification)
            self._logins[bundle.reference] = (sha256, bundle.act)
        elif bundle.rests_on is not None:
            self._require_login(bundle.act, bundle.rests_on)
        elif bundle.act.kind is not ActKind.FREEZE:
            raise ValueError("it rests on no login")
        self._seen.add(bundle.reference)
        return Verified(bundle=bundle, sha256=sha256, seal=unsealed.thumbprint, proved=proved)

    def _proved(self, bundle: Bundle, identification: Identification) -> ProvedIdentification:
        if bundle.act.at != identification.at:
            raise ValueError("the login is of another time than its identification")
        verifier = self._proofs.get(identification.kind)
        proved = verifier.verify(identification) if verifier is not None else "nobody here verifies this kind"
        if isinstance(proved, str):
            raise ValueError(proved)  # noqa: TRY004 - the reason that the verifier gives
        if self._pins.roots and proved.root not in self._pins.roots:
            raise ValueError("the chain leads to another root")
        return proved

    def _require_login(self, act: Act, rests_on: RestsOn) -> None:
        sha256, login = self._logins.get(rests_on.reference, (None, None))
        if login is None:
            raise ValueError("the login that it rests on did not come before it, or does not hold")
        if sha256 != rests_on.sha256:
            raise ValueError("the login that it rests on is another one")
        if act.at < login.at or login.person_id not in {None, act.person_id}:
            raise ValueError("the act is another person's, or older than its login")
