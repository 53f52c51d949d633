from datetime import timedelta
from typing import Any

from idp.core.accounts.disown_login import Asked, Disowned, DisownLogin, Over, Used
from idp.core.events import LoginDisowned
from idp.core.oidc.keys.reference_tokens import DeviceProof
from idp_tests.builders import NOW, a_person
from idp_tests.cases import each
from idp_tests.recorder import Recorder

PROOF = DeviceProof(device_id="d1", expires_at=NOW + timedelta(hours=1))
LATE = DeviceProof(device_id="d1", expires_at=NOW)


def disown(ports: Recorder, proof: DeviceProof | None = PROOF) -> DisownLogin:
    keys: Any = Recorder({"reference_tokens.read_device_proof": proof}).port("reference_tokens")
    ports.answers = {"devices.forget": "p1", "people.find": a_person(), "end_logins": 2, **ports.answers}
    ports.answers.setdefault("grants.revoke_for_person", 3)

    class Keys:
        reference_tokens = keys

    return DisownLogin(
        devices=ports.port("devices"),
        people=ports.port("people"),
        grants=ports.port("grants"),
        end_logins=ports.function("end_logins"),  # type: ignore[arg-type]
        cases=ports.port("cases"),
        audit=ports.port("audit"),
        keys=Keys(),  # type: ignore[arg-type]
    )


def test_everything_of_the_person_ends_after_the_device_is_forgotten_and_a_case_is_open() -> None:
    ports = Recorder()
    assert disown(ports)("proof", NOW, case_id="K7Q2ABCD") == Disowned()
    assert ports.names == [
        "devices.forget",
        "people.find",
        "end_logins",
        "grants.revoke_for_person",
        "audit login.disowned",
        "cases.note",
    ]
    assert ports.event(LoginDisowned) == LoginDisowned(
        person_id="p1", case_id="K7Q2ABCD", sessions_ended=2, grants_revoked=3
    )
    assert ports.arguments("cases.note") == ("K7Q2ABCD", NOW, {"page": "disowned", "person_id": "p1"})


@each("gone", {"used": {"devices.forget": lambda _: None}, "erased": {"people.find": lambda _: None}})
def test_who_comes_second_ends_nothing(gone: dict[str, Any]) -> None:
    ports = Recorder(gone)
    assert disown(ports)("proof", NOW, case_id="K7Q2ABCD") == Used()
    assert "end_logins" not in ports.names


@each("proof", {"of nobody": None, "late": LATE})
def test_a_proof_that_does_not_hold_touches_nothing(proof: DeviceProof | None) -> None:
    ports = Recorder()
    assert disown(ports, proof)("proof", NOW, case_id="K7Q2ABCD") == Over()
    assert disown(ports, proof).ask("proof", NOW) == Over()
    assert ports.names == []


@each("exists, answer", [(True, Asked()), (False, Used())])
def test_asking_changes_nothing(exists: bool, answer: object) -> None:
    ports = Recorder({"devices.exists": exists})
    assert disown(ports).ask("proof", NOW) == answer
    assert ports.names == ["devices.exists"]
