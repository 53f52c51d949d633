"""What an identity says about a firm that the person may have."""

from idp.core.people.identity import Identity
from idp.core.people.organisation_number import OrganisationNumber
from idp_tests.builders import an_identity


def test_a_sole_traders_number_is_the_persons_own_without_the_century() -> None:
    assert an_identity("199001012385").sole_traders_number == OrganisationNumber("9001012385")


def test_another_scheme_has_no_such_numbers() -> None:
    assert Identity(scheme="toy", key="anything").sole_traders_number is None
