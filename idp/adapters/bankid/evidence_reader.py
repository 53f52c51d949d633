"""Evidence reader: holds BankID's signature and OCSP answer against the order we sent."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.adapters.bankid.answers import Environment
from idp.adapters.bankid.evidence import Evidence, EvidenceRefused, Expected, verify_evidence
from idp.core.identification.bankid.api import Completion
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.trust import SignedFacts


class BankIdEvidence:
    """Satisfies the port `EvidenceReader` for one BankID environment."""

    def __init__(
        self,
        environment: Environment,
        *,
        relying_party: x509.Name | None,
        kinds: frozenset[BankIdKind],
        roots: Sequence[x509.Certificate],
        ocsp_required: bool,
    ) -> None:
        """`relying_party` is the subject of our certificate; without `roots` chains are noted as not validated.

        `ocsp_required` refuses evidence without an OCSP answer; one that is there is always checked.
        """
        self._environment = environment
        self._relying_party = relying_party
        self._policy_oids = environment.policy_oids(kinds)
        self._roots = tuple(roots)
        self._ocsp_required = ocsp_required
        self._kinds: Mapping[str, BankIdKind] = {oid: kind for kind, oid in environment.value.items()}

    def read(self, completion: Completion, *, visible: str, hidden: bytes | None, at: datetime) -> SignedFacts | str:
        if self._ocsp_required and not completion.ocsp:
            return "there is no OCSP answer"
        expected = Expected(
            personal_number=completion.user.personal_number,
            device_uhi=completion.device_uhi,
            at=at,
            visible_data=visible,
            non_visible_data=hidden,
            relying_party=self._relying_party,
            policy_oids=self._policy_oids,
        )
        try:
            evidence = verify_evidence(completion.signature, completion.ocsp or None, expected, self._roots)
        except EvidenceRefused as refused:
            return refused.reason
        known = [self._kinds[oid] for oid in evidence.policy_oids if oid in self._kinds]
        return SignedFacts(
            kind=known[0] if len(known) == 1 else None,
            valid_from=evidence.credential_valid_from,
            valid_to=evidence.credential_valid_to,
            chain_validated=evidence.chain_validated,
            kept=self._kept(evidence),
        )

    def _kept(self, evidence: Evidence) -> Mapping[str, str]:
        """The kinds that were accepted, as the numbers that a certificate has, and the root, for it is in no answer."""
        policies = {"policies": " ".join(sorted(self._policy_oids))}
        if evidence.root is None:
            return policies
        return policies | {"root": base64.b64encode(evidence.root.public_bytes(Encoding.DER)).decode()}
