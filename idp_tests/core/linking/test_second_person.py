import pytest

from idp.core.linking.second_person import SecondPerson
from idp.core.people.customer import LinkAssurance


@pytest.mark.parametrize(
    ("policy", "least"),
    [
        (SecondPerson.NOTIFY, LinkAssurance.LEGACY_KNOWLEDGE),
        (SecondPerson.CONTACT, LinkAssurance.CONTACT_CONFIRMED),
        (SecondPerson.APPROVE, LinkAssurance.OWNER_APPROVED),
        (SecondPerson.INVITE_ONLY, LinkAssurance.OWNER_APPROVED),
    ],
)
def test_each_policy_admits_a_second_person_from_some_strength_of_proof_on(
    policy: SecondPerson, least: LinkAssurance
) -> None:
    assert [policy.admits(strength) for strength in LinkAssurance] == [
        strength.reaches(least) for strength in LinkAssurance
    ]
