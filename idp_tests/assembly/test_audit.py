"""What proves the audit log: places from the settings, anchors that are read with the same secret."""

from datetime import UTC, datetime

from idp.adapters.audit_anchors.file import AnchorsInFile
from idp.adapters.audit_anchors.syslog import AnchorsToSyslog
from idp.assembly.audit import AuditProof
from idp.core.audit_chain.anchor import Anchor
from idp.settings import Audit
from idp_tests.databases import AUDIT_KEYS
from idp_tests.provider import Provider

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def proof(provider: Provider, **named: object) -> AuditProof:
    settings = provider.parts.settings.model_copy(update={"audit": Audit(**named)})  # type: ignore[arg-type] # by name
    return AuditProof(keys=AUDIT_KEYS, settings=settings)


def test_the_settings_name_the_places(provider: Provider) -> None:
    assert proof(provider).places == []
    path = provider.directory / "anchors.jsonl"
    both = proof(provider, anchor_file=path, anchor_syslog="/dev/log")
    assert both.places == [AnchorsInFile(path), AnchorsToSyslog("/dev/log")]


def test_anchors_that_were_written_are_read_and_the_youngest_one_is_known(provider: Provider) -> None:
    path = provider.directory / "anchors.jsonl"
    of = proof(provider, anchor_file=path)
    for position in (7, 9):
        of.places[0].add(of.line(Anchor(NOW, position, bytes([position]) * 33)))
    of.places[0].add("not ours")
    of.places[0].add(of.line(Anchor(NOW, 9, b"x" * 33)))
    read = of.anchors(None)
    assert read.links == {7: b"\x07" * 33, 9: b""}
    assert read.unreadable == [3]
    assert of.last_anchor() == NOW
    assert proof(provider).anchors(None).links == {}
