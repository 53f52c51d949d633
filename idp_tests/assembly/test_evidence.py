"""Evidence of a first login: four acts, each sealed by the newest key and resting on the right login."""

from idp.core.evidence.bundle import ActKind, Bundle
from idp.core.evidence.seal import SealKey, unseal
from idp_tests.provider import Provider


def test_a_first_login_leaves_evidence_of_everything_that_was_done(provider: Provider) -> None:
    provider.browser().first_login()
    parts = provider.parts
    with parts.database.unit_of_work():
        logins = [
            str(provider.scalar(f"SELECT id FROM authentications ORDER BY id {order} LIMIT 1"))
            for order in ("ASC", "DESC")
        ]
        first, second = (parts.store.evidence.find(login) for login in logins)
    assert first[0].act.kind is ActKind.LOGIN
    assert {each.act.kind for each in first[1:]} == {ActKind.REGISTRATION, ActKind.LINK}
    assert [each.act.kind for each in second] == [ActKind.LOGIN]
    key = SealKey.of(parts.keys.secrets.evidence[0].value)
    bundles = [Bundle.from_bytes(unseal(each.sealed).content) for each in first]
    assert {unseal(each.sealed).thumbprint for each in first} == {key.thumbprint}
    assert [bundle.rests_on and bundle.rests_on.sha256 for bundle in bundles] == [
        None, first[0].sha256, first[0].sha256,
    ]  # fmt: skip
    assert {bundle.issuer for bundle in bundles} == {parts.settings.issuer}
