from idp.core.identification.assertion import MethodFacts
from idp.core.identification.bankid.facts import bankid_facts


def test_the_operator_says_which_level_bankid_reaches_and_nothing_else_about_it() -> None:
    facts = bankid_facts("urn:level")
    assert facts == MethodFacts(name="bankid", provider="https://www.bankid.com", acr="urn:level")
