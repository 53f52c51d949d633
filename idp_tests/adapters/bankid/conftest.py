"""People of a made-up bank, and a signature of one of them, made once per file."""

import pytest

from idp_tests.adapters.bankid.people import People, sign, signed_data, some_people


@pytest.fixture(scope="module")
def people() -> People:
    return some_people()


@pytest.fixture(scope="module")
def signature(people: People) -> str:
    return sign(signed_data(), *people.chain)
