"""Methods of identification: what is the same about each of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFacts:
    """What tokens say about every identification by a method."""

    name: str
    """Ours; it is stored, and stays."""
    provider: str
    """Who identified the person (the claim authnProvider of Swedish OpenID Connect)."""
    acr: str
    """The authentication context class that it reaches (OpenID Connect Core 2)."""
