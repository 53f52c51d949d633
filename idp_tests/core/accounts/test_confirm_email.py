from datetime import timedelta
from typing import Any

import pytest

from idp.core.accounts.confirm_email import Asked, Confirmed, ConfirmEmail, Over
from idp.core.events import EmailConfirmed
from idp.core.oidc.keys.reference_tokens import AddressProof
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder

PROOF = AddressProof(person_id="p1", address="anna@example.se", expires_at=NOW + timedelta(hours=1))


class KeysThatRead:
    """Gives a proof when it is of the address that the person has."""

    def __init__(self, proof: AddressProof | None) -> None:
        self.reference_tokens, self._proof = self, proof

    def read_address_proof(self, _text: str, address_of: Any) -> AddressProof | None:
        return self._proof if self._proof and address_of(self._proof.person_id) == self._proof.address else None


def confirm(ports: Recorder, proof: AddressProof | None = PROOF) -> ConfirmEmail:
    keys: Any = KeysThatRead(proof)
    return ConfirmEmail(people=ports.port("people"), audit=ports.port("audit"), keys=keys)


def test_an_address_is_confirmed_once() -> None:
    ports = Recorder({"people.find": a_person(), "people.confirm_email": True})
    assert confirm(ports)("proof", NOW) == Confirmed()
    assert ports.arguments("people.confirm_email") == ("p1", "anna@example.se", NOW)
    assert ports.event(EmailConfirmed) == EmailConfirmed(person_id="p1")


def test_bringing_the_proof_again_is_no_mistake_and_no_event() -> None:
    ports = Recorder({"people.find": a_person(), "people.confirm_email": False})
    assert confirm(ports)("proof", NOW) == Confirmed()
    assert "audit account.email_confirmed" not in ports.names


def test_the_reader_is_asked_about_the_person_that_bankid_named() -> None:
    ports = Recorder({"people.find": a_person(name="Anna Svensson")})
    assert confirm(ports).ask("proof", NOW) == Asked(address="anna@example.se", name="Anna Svensson")


@pytest.mark.parametrize(
    ("proof", "person"),
    [
        (None, a_person()),
        (PROOF, None),
        (PROOF, a_person(contact=None)),
        (AddressProof(person_id="p1", address="old@example.se", expires_at=PROOF.expires_at), a_person()),
        (AddressProof(person_id="p1", address="anna@example.se", expires_at=NOW), a_person()),
    ],
    ids=["not ours", "nobody", "no address", "another address", "late"],
)
def test_a_proof_that_does_not_hold_confirms_nothing(proof: AddressProof | None, person: Any) -> None:
    ports = Recorder({"people.find": person})
    assert confirm(ports, proof)("proof", NOW) == confirm(ports, proof).ask("proof", NOW) == Over()
    assert "people.confirm_email" not in ports.names
