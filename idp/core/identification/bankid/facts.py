"""What tokens say about every identification by BankID."""

from idp.core.identification.assertion import MethodFacts

PROVIDER = "https://www.bankid.com"


def bankid_facts(acr: str) -> MethodFacts:
    """The level of assurance is what the operator's agreement lets us declare."""
    return MethodFacts(name="bankid", provider=PROVIDER, acr=acr)
