"""Profiles as the JSON that is encrypted into a field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from idp.core.people.person import Profile


def write_profile(profile: Profile) -> dict[str, str | None]:
    """Make what is encrypted."""
    return {
        "name": profile.name,
        "given_name": profile.given_name,
        "surname": profile.surname,
        "birthdate": profile.birthdate.isoformat() if profile.birthdate else None,
    }


def read_profile(stored: Mapping[str, Any]) -> Profile:
    """Read what `write_profile` made."""
    born = stored["birthdate"]
    return Profile(
        name=stored["name"],
        given_name=stored["given_name"],
        surname=stored["surname"],
        birthdate=date.fromisoformat(born) if born else None,
    )
