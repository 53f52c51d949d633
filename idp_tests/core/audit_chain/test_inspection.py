"""Inspection: the first bad place comes first, and what is bad behind it hides nothing and fills no memory."""

from collections.abc import Mapping, Sequence

from idp.core.audit_chain.inspection import MOST_TOLD, Damage, Finding, Inspected, Inspection, MarkedEnd, Seal
from idp.core.audit_chain.marks import GENESIS, End, Entry, MarkKeys

KEYS = MarkKeys({1: b"1" * 32})
HOUR = 3_600_000_000
NOW = 10 * HOUR
WRITER = "f" * 32
AT_FIRST = End(0, GENESIS, 0)


def an_entry(number: int, at: int = NOW) -> Entry:
    return Entry(f"{number:032}", at, "session.ended", None, "{}", WRITER, number, None)


def a_chain(length: int) -> list[Seal]:
    chain, seals = GENESIS, []
    for position in range(1, length + 1):
        entry = an_entry(position)
        mark = KEYS.of_row(entry)
        chain = KEYS.of_link(chain, position, mark)
        seals.append(Seal(position, entry.id, chain, mark, entry))
    return seals


def an_end(name: str, end: End) -> MarkedEnd:
    return MarkedEnd(end, KEYS.of_end(name, end))


def ends(seals: Sequence[Seal], beginning: End = AT_FIRST) -> dict[str, MarkedEnd]:
    last = End(seals[-1].position, seals[-1].chain_hash, NOW)
    return {"beginning": an_end("beginning", beginning), "end": an_end("end", last)}


def inspected(
    seals: Sequence[Seal],
    signed: Mapping[str, MarkedEnd] | None = None,
    *,
    anchors: Mapping[int, bytes] | None = None,
    unsealed: Sequence[Entry] = (),
) -> Inspected:
    inspection = Inspection(KEYS, ends(seals) if signed is None else signed, anchors or {}, NOW)
    inspection.seals(seals)
    for entry in unsealed:
        inspection.unsealed(entry, KEYS.of_row(entry))
    return inspection.result()


def damages(found: Inspected) -> list[tuple[Damage, int | None]]:
    return [(finding.damage, finding.position) for finding in found.findings]


def test_a_whole_chain_has_no_findings() -> None:
    found = inspected(a_chain(5), unsealed=[an_entry(6)])
    assert (found.checked, found.unsealed, found.findings) == (5, 1, ())


def test_a_changed_row_is_told_and_those_behind_it_are_not() -> None:
    seals = a_chain(5)
    entry = seals[2].entry
    assert entry is not None
    seals[2] = seals[2]._replace(entry=entry._replace(facts='{"a":1}'))
    assert damages(inspected(seals))[0] == (Damage.CHANGED, 3)
    assert {damage for damage, _ in damages(inspected(seals))} == {Damage.CHANGED, Damage.MISSED}


def test_rows_that_were_exchanged_are_told_at_the_first() -> None:
    seals = a_chain(5)
    third, fourth = seals[2], seals[3]
    seals[2] = third._replace(audit_id=fourth.audit_id, mark=fourth.mark, entry=fourth.entry)
    seals[3] = fourth._replace(audit_id=third.audit_id, mark=third.mark, entry=third.entry)
    assert damages(inspected(seals))[0] == (Damage.LINK, 3)


def test_a_gap_and_a_row_that_is_gone_are_told() -> None:
    seals = a_chain(6)
    seals[4] = seals[4]._replace(mark=None, entry=None)
    del seals[1]
    assert damages(inspected(seals, ends(a_chain(6))))[:1] == [(Damage.SEAL_GONE, 2)]
    assert (Damage.ROW_GONE, 5) in damages(inspected(seals, ends(a_chain(6))))


def test_a_cut_at_either_end_is_told() -> None:
    seals = a_chain(6)
    assert damages(inspected(seals[2:], ends(seals)))[0] == (Damage.FRONT_CUT, 1)
    assert damages(inspected(seals[:4], ends(seals))) == [(Damage.TAIL_CUT, 5)]
    assert damages(inspected(seals, ends(seals[:4]))) == [(Damage.BEYOND_END, 5)]


def test_a_chain_whose_beginning_was_forgotten_is_whole() -> None:
    seals = a_chain(6)
    late = 2_000_000_000_000_000 * 1000
    signed = ends(seals, End(2, seals[1].chain_hash, late))
    assert inspected(seals[2:], signed).findings == ()
    forged = {**signed, "beginning": MarkedEnd(End(3, seals[2].chain_hash, late), signed["beginning"].mark)}
    assert damages(inspected(seals[3:], forged))[0] == (Damage.BEGINNING, None)


def test_a_chain_made_by_who_does_not_know_the_secret_is_told_at_its_first_row() -> None:
    theirs = MarkKeys({1: b"x" * 32})
    seals = []
    for position in range(1, MOST_TOLD + 51):
        entry = an_entry(position)
        mark = theirs.of_row(entry)
        seals.append(Seal(position, entry.id, theirs.of_link(GENESIS, position, mark), mark, entry))
    found = inspected(seals, ends(a_chain(MOST_TOLD + 50)))
    assert damages(found)[0] == (Damage.CHANGED, 1)
    assert len(found.findings) == MOST_TOLD
    assert found.untold == 51


def test_anchors_are_compared_and_those_from_before_the_beginning_are_passed_over() -> None:
    seals = a_chain(6)
    right = {each.position: each.chain_hash for each in seals}
    assert (inspected(seals, anchors=right).anchors, inspected(seals, anchors=right).findings) == (6, ())
    assert damages(inspected(seals, anchors={**right, 4: b"x" * 33})) == [(Damage.ANCHOR, 4)]
    assert damages(inspected(seals, anchors={**right, 9: b"x" * 33})) == [(Damage.ANCHOR_BEYOND, 9)]
    signed = ends(seals, End(2, seals[1].chain_hash, 2_000_000_000_000_000_000))
    assert inspected(seals[2:], signed, anchors={1: b"x" * 33}).findings == ()


def test_rows_that_wait_or_are_dated_back_are_told_by_their_id() -> None:
    seals = a_chain(2)
    waits, back = an_entry(3, NOW - HOUR - 1), an_entry(4, 5)
    signed = ends(seals, AT_FIRST._replace(at=5))
    assert inspected(seals, signed, unsealed=[waits, back]).findings == (
        Finding(Damage.WAITS, row_id=waits.id),
        Finding(Damage.BACK_DATED, row_id=back.id),
    )


def test_a_row_that_was_not_written_by_us_is_told() -> None:
    inspection = Inspection(KEYS, ends(a_chain(1)), {}, NOW)
    inspection.seals(a_chain(1))
    inspection.unsealed(an_entry(2), bytes(33))
    assert inspection.result().findings == (Finding(Damage.NOT_OURS, row_id=an_entry(2).id),)


def test_a_row_with_the_number_of_another_is_told() -> None:
    seals = a_chain(2)
    again = an_entry(2)._replace(id="a" * 32)
    assert damages(inspected(seals, unsealed=[again])) == [(Damage.TWICE, None)]
