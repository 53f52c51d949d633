from dataclasses import replace
from typing import Any

import pytest

from idp.adapters.bankid.answers import Environment
from idp.adapters.bankid.certificate import CertificateProblem, RelyingPartyCertificate
from idp.assembly.bankid import load_certificate, make_client, make_evidence_reader, make_method
from idp.core.identification.bankid.order_request import BankIdKind
from idp.core.identification.bankid.trust import TrustPolicy
from idp.core.identification.verdict import Verdict
from idp.settings import Mode, Settings
from idp.settings_bankid import BankIdRisk
from idp_tests.builders import a_risk_policy
from idp_tests.provider import START, Provider
from idp_tests.recorder import Recorder


def changed(provider: Provider, **members: Any) -> Settings:
    return provider.settings.model_copy(update={"bankid": provider.settings.bankid.model_copy(update=members)})


@pytest.mark.parametrize(("mode", "refused"), [(Mode.SANDBOX, False), (Mode.PRODUCTION, True)])
def test_the_certificate_whose_key_everybody_has_serves_no_production(
    provider: Provider, mode: Mode, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RelyingPartyCertificate, "is_public_test_certificate", True)
    settings = provider.settings.model_copy(update={"mode": mode})
    if refused:
        with pytest.raises(CertificateProblem, match="whose key everybody has"):
            load_certificate(settings, START)
    else:
        assert load_certificate(settings, START).path == settings.bankid.client_certificate


@pytest.mark.parametrize(("test", "environment"), [(True, Environment.TEST), (False, Environment.PRODUCTION)])
def test_calls_and_evidence_are_of_the_same_environment(
    provider: Provider, test: bool, environment: Environment
) -> None:
    chosen = changed(provider, test_environment=test, people_roots=()).bankid
    reader = make_evidence_reader(chosen, provider.parts.certificate)
    client = make_client(chosen, provider.parts.certificate)
    assert {reader._environment, client.environment} == {environment}


def test_the_settings_decide_what_is_asked_of_bankid_and_what_is_believed(provider: Provider) -> None:
    settings = changed(
        provider,
        acr="urn:level",
        orders_per_browser=7,
        certificate_policies=("card",),
        pin_code=True,
        risk=BankIdRisk(moderate=Verdict.REFUSE),
        evidence="require",
    )
    evidence: Any = Recorder().port("evidence")
    method = make_method(settings, provider.parts.store, evidence)
    assert (method.facts.name, method.facts.acr) == ("bankid", "urn:level")
    assert method.start_order.limits.per_browser == 7
    assert method.start_order.policy == replace(
        provider.parts.bankid_method.start_order.policy, kinds=frozenset({BankIdKind.CARD}), pin_code=True
    )
    assert method.judge.policy == TrustPolicy(risk=a_risk_policy(moderate=Verdict.REFUSE), evidence_required=True)
    assert method.judge.evidence is evidence
