"""Members: what a declaration of a client's member says, and the forms that their values have.

The members themselves are declared in `client.py`, each once. What a file may hold, what a client may register of itself
and what `config/clients/README.md` tells about them are made from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator

from idp.core.oidc.keys.algorithms import SIGNING_ALGS, find_algorithm


class Group(StrEnum):
    """Under which heading a member is told of."""

    WHO = "who"
    ADDRESSES = "addresses"
    PROOF = "proof"
    REQUESTS = "requests"
    TOKENS = "tokens"
    PEOPLE = "people"
    BANKID = "BankID"
    LOGOUT = "logout"


@dataclass(frozen=True, slots=True)
class Member:
    """What a member is beside its type and its default."""

    group: Group
    means: str
    """For an operator who writes a file, and for a client that registers itself."""
    by_client: bool = False
    """A client that registers itself may set it; everything else is an operator's word, and ignored from a client."""
    required: bool = False
    one: str | None = None
    """RFC 7591's member for a single value, where a file may hold several."""
    written: str | None = None
    """RFC 7591's name, where ours differs."""
    of_registered: Any = None
    """What it always is of a client that registered itself, whatever its profile says; None: as the profile says."""

    def rfc_name(self, name: str) -> str:
        """The name under which a client registers it."""
        return self.one or self.written or name


def _known_alg(spelling: str) -> str:
    algorithm = find_algorithm(spelling)
    if algorithm is None:
        raise ValueError(f"must be one of {', '.join(SIGNING_ALGS)}")
    return algorithm.name


def _as_words(text: object) -> frozenset[str]:
    if not isinstance(text, str):
        raise ValueError("must be one text, its words separated by spaces")  # noqa: TRY004 - a problem of the file
    return frozenset(text.split())


def _as_key_set(value: object) -> Mapping[str, Any]:
    keys = value.get("keys") if isinstance(value, dict) else value
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ValueError("must be a JWK Set, or a list of keys")
    return {"keys": keys}


Alg = Annotated[str, AfterValidator(_known_alg)]
Https = Annotated[str, Field(pattern=r"^https?://[^\s#<>\"\\]+$", max_length=2048)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ShortTime = Annotated[timedelta, Field(strict=False, ge=timedelta(seconds=30), le=timedelta(hours=1))]
LongTime = Annotated[timedelta, Field(strict=False, ge=timedelta(minutes=1), le=timedelta(days=30))]
Words = Annotated[frozenset[str], PlainValidator(_as_words)]
KeySet = Annotated[Mapping[str, Any], PlainValidator(_as_key_set)]
