"""What is kept of a completed order, so that it can be verified without us."""

from idp.core.identification.bankid.order_request import Requirement
from idp.core.identification.bankid.proof import proof_of
from idp_tests.builders import a_completion, an_order, an_order_request


def test_what_was_asked_what_was_told_and_what_the_verification_adds_are_kept() -> None:
    strict = Requirement(pin_code=True, personal_number="191212121212")
    order = an_order(order_ref="ref", request=an_order_request(requirement=strict))
    proof = proof_of(order, a_completion(), {"policies": "1.2.3"})
    assert proof.kind == "signature"
    assert proof.parts == {
        "visible": "Logga in",
        "hidden": "Ym91bmQ=",
        "pin_code": "yes",
        "required_number": "191212121212",
        "order_ref": "ref",
        "signature": "c2ln",
        "ocsp": "b2NzcA==",
        "personal_number": "191212121212",
        "device_uhi": "uhi",
        "policies": "1.2.3",
    }


def test_what_was_not_asked_is_not_kept_and_no_address_ever() -> None:
    proof = proof_of(an_order(request=an_order_request(user_non_visible_data=None)), a_completion(), {})
    assert proof.parts.keys() == {"visible", "pin_code", "signature", "ocsp", "personal_number", "device_uhi"}
    assert not any("192.0.2.1" in part for part in proof.parts.values())
