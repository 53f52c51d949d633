"""The table of algorithms, and that every list of algorithms in the product is made from it."""

import ast
from pathlib import Path

import pytest
from joserfc.jwk import OctKey

import idp
from idp.core.oidc.clients.bearer import challenge
from idp.core.oidc.clients.client import SecurityProfile
from idp.core.oidc.clients.profile import PROFILES
from idp.core.oidc.discovery import metadata
from idp.core.oidc.keys.algorithms import (
    ALGORITHMS,
    FAPI_ALGS,
    SIGNING_ALGS,
    find_algorithm,
    get_algorithm,
    published_name,
)

PRODUCT = Path(idp.__file__).parent
CHOICES = {"core/oidc/clients/profile.py", "core/audit_chain/signature.py", "core/evidence/seal.py"}
"""Where one algorithm is chosen by name: what we sign with unless a client wants another, the audit log's, the seal's."""


def test_a_key_fits_its_own_algorithm_and_no_other_kind() -> None:
    for algorithm in ALGORITHMS:
        key = algorithm.make_key()
        fitting = {other.name for other in ALGORITHMS if other.fits(key)}
        assert fitting == {other.name for other in ALGORITHMS if other.key_class is algorithm.key_class}
        assert algorithm.verifies(b"text", algorithm.sign(b"text", key), key)
        assert not algorithm.verifies(b"another", algorithm.sign(b"text", key), key)


def test_a_key_that_names_its_algorithm_or_use_is_for_nothing_else() -> None:
    for algorithm in ALGORITHMS:
        for members, fits in (
            ({"alg": algorithm.name}, True),
            ({"alg": "ES384"}, False),
            ({"use": "sig"}, True),
            ({"use": "enc"}, False),
        ):
            key = algorithm.key_class.import_key({**algorithm.make_key().as_dict(private=True), **members})
            assert algorithm.fits(key) is fits, (algorithm.name, members)


def test_a_shared_secret_fits_nothing() -> None:
    assert not any(algorithm.fits(OctKey.generate_key(256)) for algorithm in ALGORITHMS)


def test_both_spellings_find_a_row_and_one_is_published() -> None:
    assert find_algorithm("Ed25519") is find_algorithm("EdDSA")
    assert [published_name(name) for name in ("Ed25519", "EdDSA", "ES256", "unknown")] == [
        "EdDSA", "EdDSA", "ES256", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize("weak", ["none", "None", "HS256", "RS384", "RS512", "ES384", "ES512", "ES256K", "Ed448", ""])
def test_nothing_weak_or_foreign_is_in_the_table(weak: str) -> None:
    assert find_algorithm(weak) is None
    with pytest.raises(ValueError, match="no keys for the algorithm"):
        get_algorithm(weak)


def test_fapi_takes_all_but_pkcs1_signatures() -> None:
    """FAPI 2.0 Security Profile 5.4.1."""
    assert set(SIGNING_ALGS) - set(FAPI_ALGS) == {"RS256"}


def test_every_list_of_algorithms_is_made_from_the_table() -> None:
    told = metadata(issuer="https://id.example", acrs=("a",), signing_algs=SIGNING_ALGS)
    lists = {name: value for name, value in told.items() if "signing_alg" in name}
    assert len(lists) == 8
    for name, value in lists.items():
        assert value == list(FAPI_ALGS if name.startswith("dpop") else SIGNING_ALGS), name
    assert f'algs="{" ".join(FAPI_ALGS)}"' in challenge("https://id.example")
    for kind, profile in PROFILES.items():
        expected = set(FAPI_ALGS if kind is SecurityProfile.FAPI2 else SIGNING_ALGS)
        assert profile.signing_algs == profile.answer_algs_allowed == expected, kind


def test_no_other_module_spells_an_algorithm() -> None:
    spellings = {name for one in ALGORITHMS for name in (one.name, one.new_name)} - {None}
    found = {
        path.relative_to(PRODUCT).as_posix()
        for path in PRODUCT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in spellings
    }
    assert found == {"core/oidc/keys/algorithms.py", *CHOICES}
