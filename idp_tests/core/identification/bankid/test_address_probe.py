"""Address probes: what a browser proves of itself, and that nobody proves it for another."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from idp.core.identification.bankid.address_probe import ANSWER_LIFE, QUESTION_LIFE, AddressProbe
from idp.core.oidc.keys.reference_tokens import ReferenceTokens, SecretKey
from idp_tests.builders import NOW
from idp_tests.cases import each

OLD, NEW = (SecretKey(version=version, value=bytes([version]) * 32) for version in (1, 2))
FOUR, SIX = ip_address("203.0.113.9"), ip_address("2001:db8::9")


def probe(*tokens: SecretKey) -> AddressProbe:
    return AddressProbe(digests=ReferenceTokens(tokens=tokens or (OLD,), identity=OLD).passing_digests)


PROBE = probe()


@pytest.mark.parametrize("address", [FOUR, SIX], ids=str)
def test_an_answer_is_read_for_its_interaction(address: object) -> None:
    answer = PROBE.answer(PROBE.ask("i1", NOW), address, NOW)  # type: ignore[arg-type]
    assert answer is not None
    assert PROBE.read(answer, "i1", NOW) == address
    assert PROBE.read(answer, "i2", NOW) is None, "a victim's answer proves nothing in the attacker's login"


def test_question_and_answer_are_short_lived() -> None:
    question = PROBE.ask("i1", NOW)
    assert PROBE.answer(question, FOUR, NOW + QUESTION_LIFE) is not None
    assert PROBE.answer(question, FOUR, NOW + QUESTION_LIFE + timedelta(seconds=1)) is None
    answer = PROBE.answer(question, FOUR, NOW) or ""
    assert PROBE.read(answer, "i1", NOW + ANSWER_LIFE) == FOUR
    assert PROBE.read(answer, "i1", NOW + ANSWER_LIFE + timedelta(seconds=1)) is None


def test_a_rotated_secret_still_reads_what_the_one_before_signed() -> None:
    assert probe(OLD, NEW).answer(PROBE.ask("i1", NOW), FOUR, NOW) is not None
    assert probe(NEW).answer(PROBE.ask("i1", NOW), FOUR, NOW) is None


@each(
    "text",
    ["", "~", "~~~~", "i1~9999999999~", "i1~9999999999~00", "203.0.113.9~i1~9999999999~" + "0" * 64, "é~", "a" * 9000],
)
def test_nothing_else_is_believed(text: str) -> None:
    assert PROBE.answer(text, FOUR, NOW) is None
    assert PROBE.read(text, "i1", NOW) is None


def test_a_question_is_no_answer_and_an_answer_no_question() -> None:
    question = PROBE.ask("i1", NOW)
    assert PROBE.read(question, "i1", NOW) is None
    assert PROBE.answer(PROBE.answer(question, FOUR, NOW) or "", FOUR, NOW) is None


@each("at", [0, 5, 14, -1])
def test_a_changed_letter_spoils_it(at: int) -> None:
    answer = PROBE.answer(PROBE.ask("i1", NOW), FOUR, NOW) or ""
    letters = list(answer)
    letters[at] = "1" if letters[at] != "1" else "2"
    assert PROBE.read("".join(letters), "i1", NOW) is None
