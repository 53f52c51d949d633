from dataclasses import replace

from idp.core.oidc.clients.client import SubjectType
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.builders import a_person
from idp_tests.tokens import SEALER, partner

PAIRWISE = partner(subject_type=SubjectType.PAIRWISE, sector_identifier="partner.example")


def test_a_public_subject_is_the_persons_own() -> None:
    assert subject_for(a_person(sub="abc"), partner(), SEALER) == "abc"


def test_a_pairwise_subject_is_the_same_in_a_sector_and_another_elsewhere() -> None:
    here = subject_for(a_person(), PAIRWISE, SEALER)
    sibling = replace(PAIRWISE, client_id="sibling")
    elsewhere = replace(PAIRWISE, sector_identifier="other.example")
    assert here == subject_for(a_person(), sibling, SEALER)
    assert here != subject_for(a_person(), elsewhere, SEALER)
    assert here != subject_for(a_person(sub="other"), PAIRWISE, SEALER)
    assert a_person().sub not in here


def test_a_pairwise_subject_without_sector_belongs_to_the_client_alone() -> None:
    alone = replace(PAIRWISE, sector_identifier=None)
    assert subject_for(a_person(), alone, SEALER) != subject_for(a_person(), replace(alone, client_id="x"), SEALER)


def test_pairwise_subjects_survive_the_rotation_of_the_seal() -> None:
    rotated = replace(SEALER, sealing=(SecretKey(version=9, value=b"n" * 32),))
    assert subject_for(a_person(), PAIRWISE, rotated) == subject_for(a_person(), PAIRWISE, SEALER)


def test_a_subject_fits_into_255_characters() -> None:
    assert len(subject_for(a_person(), PAIRWISE, SEALER)) == 43
