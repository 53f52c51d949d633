import re
from typing import Any

import pytest

from idp_sandbox.bankid.completion import merge_patch
from idp_tests.sandbox.bankid.rig import Rig


def complete(rig: Rig, scenario: dict[str, Any] | None = None, persona: str = "anna", **request: Any) -> dict[str, Any]:
    rig.scenario.set_up({"script": [{"after_seconds": 0, "do": "approve", "persona": persona}]} | (scenario or {}))
    return dict(rig.collect(rig.auth(**request))["completionData"])


def test_completion_has_exactly_the_documented_members(rig: Rig) -> None:
    data = complete(rig)
    assert set(data) == {"user", "device", "bankIdIssueDate", "signature", "ocspResponse"}
    assert data["user"] == {
        "personalNumber": "199001012385",
        "name": "Anna Andersson",
        "givenName": "Anna",
        "surname": "Andersson",
    }
    assert set(data["device"]) == {"ipAddress", "uhi"}


@pytest.mark.parametrize(("persona", "risk"), [("anna", "low"), ("mikael", "moderate"), ("helena", "high")])
def test_risk_is_told_only_when_asked_for(rig: Rig, persona: str, risk: str) -> None:
    assert complete(rig, persona=persona, returnRisk=True)["risk"] == risk
    assert "risk" not in complete(rig, persona=persona)


def test_step_up_is_told_only_when_asked_for(rig: Rig) -> None:
    assert complete(rig, requirement={"mrtd": True})["stepUp"] == {"mrtd": True}


@pytest.mark.parametrize(("persona", "suffix"), [("anna", r"\+01:00"), ("eva2", r"\+02:00"), ("tolvan", "Z")])
def test_the_issue_date_carries_an_offset(rig: Rig, persona: str, suffix: str) -> None:
    assert re.fullmatch(rf"\d{{4}}-\d{{2}}-\d{{2}}{suffix}", complete(rig, persona=persona)["bankIdIssueDate"])


def test_two_bankids_of_one_person_differ_in_name_device_and_date(rig: Rig) -> None:
    first, second = complete(rig, persona="eva"), complete(rig, persona="eva2")
    assert first["user"]["personalNumber"] == second["user"]["personalNumber"]
    assert first["user"]["name"] != second["user"]["name"]
    assert first["device"]["uhi"] != second["device"]["uhi"]
    assert first["bankIdIssueDate"] != second["bankIdIssueDate"]


def test_a_scenario_can_change_what_is_told(rig: Rig) -> None:
    patch = {"user": {"personalNumber": "191212121212"}, "risk": None, "signature": "AAAA"}
    data = complete(rig, {"completion": patch}, returnRisk=True)
    assert data["user"]["personalNumber"] == "191212121212"
    assert data["user"]["name"] == "Anna Andersson"
    assert data["signature"] == "AAAA"
    assert "risk" not in data


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "foo"}, "bar", "bar"),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
    ids=str,
)
def test_merge_patches_behave_as_in_rfc_7396(target: object, patch: object, result: object) -> None:
    assert merge_patch(target, patch) == result
