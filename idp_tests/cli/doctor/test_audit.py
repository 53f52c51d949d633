"""The audit log's second place: none, an old anchor and a place that cannot be read are told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from idp.assembly.audit import AuditProof
from idp.assembly.provider import assemble
from idp.cli.doctor.audit import look_at_anchors
from idp.cli.doctor.finding import Finding, Grade
from idp.core.audit_chain.anchor import Anchor
from idp.settings_file import load_settings
from idp_tests.cli.installation import Installation

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def proof(installed: Installation, settings: str = "") -> AuditProof:
    installed.change("[mail]", f"[audit]\n{settings}\n[mail]")
    return assemble(load_settings(installed.settings)).audit_proof


def look(of: AuditProof) -> Finding:
    [finding] = look_at_anchors(of, NOW, is_sandbox=False)
    return finding


def anchored(of: AuditProof, path: Path, at: datetime) -> None:
    path.write_text(of.line(Anchor(at, 7, b"l" * 33)) + "\n", encoding="utf-8")


def test_production_without_a_second_place_is_warned(installed: Installation) -> None:
    without = proof(installed)
    assert look(without).grade is Grade.WARN
    assert list(look_at_anchors(without, NOW, is_sandbox=True)) == []


def test_a_young_anchor_is_right_and_an_old_one_is_told(installed: Installation) -> None:
    of, path = proof(installed, 'anchor_file = "anchors.jsonl"'), installed.directory / "anchors.jsonl"
    anchored(of, path, NOW - timedelta(minutes=90))
    assert look(of).grade is Grade.OK
    anchored(of, path, NOW - timedelta(minutes=121))
    assert look(of).grade is Grade.WARN
    assert "too old" in look(of).seen


def test_a_file_without_anchors_of_ours_and_one_that_is_not_there_are_told(installed: Installation) -> None:
    of = proof(installed, 'anchor_file = "anchors.jsonl"')
    assert "No such file" in look(of).seen
    (installed.directory / "anchors.jsonl").write_text("{}\n", encoding="utf-8")
    assert "none of ours" in look(of).seen


def test_a_place_that_cannot_be_asked_is_named(installed: Installation) -> None:
    assert "syslog at /dev/log" in look(proof(installed, 'anchor_syslog = "/dev/log"')).seen
