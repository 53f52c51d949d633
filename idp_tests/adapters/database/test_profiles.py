"""Profiles: what is encrypted says the same when it is decrypted."""

from datetime import date

import pytest

from idp.adapters.database.profiles import read_profile, write_profile
from idp_tests.builders import a_profile


@pytest.mark.parametrize("birthdate", [date(1912, 12, 12), None])
def test_a_profile_is_read_as_it_was_written(birthdate: date | None) -> None:
    profile = a_profile(birthdate=birthdate)
    assert read_profile(write_profile(profile)) == profile
