"""Log in once more after registering ("Logga in igen")."""

from typing import ClassVar

from idp.core.oidc.errors import ErrorCode
from idp.core.signin.journey import Journey
from idp.core.signin.step import Reason


class ReasonToSignInAgain(Reason):
    """Why somebody who is identified must identify once more."""

    JUST_REGISTERED = "just_registered"


class SignInAgain:
    """A comparison of two times, not a flag: it survives reloads, crashes, other tabs and another device."""

    name: ClassVar[str] = "again"
    refusal: ClassVar[ErrorCode] = "login_required"
    identifies: ClassVar[bool] = True

    def pending(self, journey: Journey) -> Reason | None:
        registered_at, identified_at = journey.registered_at, journey.identified_at
        if registered_at is None or identified_at is None:
            return None
        return ReasonToSignInAgain.JUST_REGISTERED if identified_at <= registered_at else None
