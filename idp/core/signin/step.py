"""Step: one thing a person may have to do before the client is answered."""

from enum import StrEnum
from typing import ClassVar, Protocol

from idp.core.oidc.errors import ErrorCode
from idp.core.signin.journey import Journey


class Reason(StrEnum):
    """Why a step is pending; shown to nobody, recorded in the audit log."""

    NO_SESSION = "no_session"
    PROMPT_LOGIN = "prompt_login"
    MAX_AGE = "max_age"
    OTHER_PERSON_HINTED = "other_person_hinted"
    UNKNOWN_PERSON = "unknown_person"
    NO_CONTACT_DETAILS = "no_contact_details"
    JUST_REGISTERED = "just_registered"
    SEVERAL_CUSTOMERS = "several_customers"
    SELECT_ACCOUNT = "select_account"
    PROMPT_CONSENT = "prompt_consent"
    SCOPES_MISSING = "scopes_missing"


class Step(Protocol):
    """A step only answers whether, and why, it is still needed."""

    name: ClassVar[str]
    """The page's place in the URL and in templates."""
    refusal: ClassVar[ErrorCode]
    """The error for prompt=none (OpenID Connect Core 3.1.2.6)."""

    def pending(self, journey: Journey) -> Reason | None: ...
