from dataclasses import replace

from idp.core.oidc.clients.client import SubjectType
from idp.core.oidc.clients.subject import subject_for
from idp.core.oidc.keys.reference_tokens import SecretKey
from idp_tests.builders import REFERENCE_TOKENS, a_person
from idp_tests.tokens import partner

PAIRWISE = partner(subject_type=SubjectType.PAIRWISE, sector_identifier="partner.example")


def test_a_public_subject_is_the_persons_own() -> None:
    assert subject_for(a_person(sub="abc"), partner(), REFERENCE_TOKENS) == "abc"


def test_a_pairwise_subject_is_the_same_in_a_sector_and_another_elsewhere() -> None:
    here = subject_for(a_person(), PAIRWISE, REFERENCE_TOKENS)
    sibling = replace(PAIRWISE, client_id="sibling")
    elsewhere = replace(PAIRWISE, sector_identifier="other.example")
    assert here == subject_for(a_person(), sibling, REFERENCE_TOKENS)
    assert here != subject_for(a_person(), elsewhere, REFERENCE_TOKENS)
    assert here != subject_for(a_person(sub="other"), PAIRWISE, REFERENCE_TOKENS)
    assert a_person().sub not in here


def test_a_pairwise_subject_without_sector_belongs_to_the_client_alone() -> None:
    alone = replace(PAIRWISE, sector_identifier=None)
    assert subject_for(a_person(), alone, REFERENCE_TOKENS) != subject_for(
        a_person(), replace(alone, client_id="x"), REFERENCE_TOKENS
    )


def test_pairwise_subjects_survive_the_rotation_of_the_tokens_secret() -> None:
    rotated = replace(REFERENCE_TOKENS, tokens=(SecretKey(version=9, value=b"n" * 32),))
    assert subject_for(a_person(), PAIRWISE, rotated) == subject_for(a_person(), PAIRWISE, REFERENCE_TOKENS)


def test_a_subject_fits_into_255_characters() -> None:
    assert len(subject_for(a_person(), PAIRWISE, REFERENCE_TOKENS)) == 43
