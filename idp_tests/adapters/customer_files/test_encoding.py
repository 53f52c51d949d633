"""Encodings of text files: recognised for certain, or asked about by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.adapters.customer_files.encoding import ENCODINGS, decoded
from idp.adapters.customer_files.table import UnreadableFileError

REGISTER = "Kundnummer;Organisationsnummer;Företag\n10012345;556016-0680;Björkbackens Måleri AB\n"
NAMES = ["Åkessons Åkeri", "ÄRLIG BYGG & MÅLERI", "Göteborgs Västra Ö-hamn", "Café Kringlan på hörnet", "Günther Lövås"]


def refusal(content: bytes, encoding: str | None = None) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        decoded(content, encoding)
    return str(refused.value)


@pytest.mark.parametrize(
    "codec",
    [
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"),
        *("cp1252", "latin-1", "iso-8859-15", "cp437", "cp850", "cp865", "mac_roman"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_swedish_letters_survive_every_encoding(codec: str, name: str) -> None:
    text = f"{REGISTER}10012346;559904-1125;{name}\n"
    assert decoded(text.encode(codec)).removeprefix("\ufeff") == text


@pytest.mark.parametrize("name", ["Anna’s Bygg – Lund", "Berg\u00a0& Co", "½ dl Catering", "§ 5 Juridik", "Företag™ €"])
def test_signs_of_windows_are_read_beside_swedish_letters(name: str) -> None:
    text = f"{REGISTER}10012346;559904-1125;{name}\n"
    assert decoded(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ("Kundnr;Namn\n1;ÄRLIG AB\n".encode("cp850"), ("cp850 with Ä", "windows-1252 with Ž")),
        ("Kundnr;Namn\n1;Björk\n".encode("mac_roman"), ("mac-roman with ö", "windows-1252 with š")),
        ("Kundnr;Namn\n1;Müller\n".encode("cp437"), ("cp850 with ü", "mac-roman with Å")),
    ],
)
def test_one_letter_that_may_be_another_is_asked_about(content: bytes, asked: tuple[str, ...]) -> None:
    why = refusal(content)
    assert all(reading in why for reading in asked)
    assert "--encoding" in why


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "swedish-7-bit"])
def test_the_operators_word_decides(encoding: str) -> None:
    text = "Kundnr;Namn\n1;ÄRLIG Björk\n"
    assert decoded(text.encode(ENCODINGS[encoding]), encoding) == text


def test_an_old_swedish_character_set_is_read_when_it_is_named() -> None:
    assert decoded(b"Kundnr;Namn\n1;Bj|rkbackens M}leri [L\\\n", "swedish-7-bit").endswith("Björkbackens Måleri ÄLÖ\n")


def test_the_operators_wrong_word_is_said_with_its_line() -> None:
    assert refusal(REGISTER.encode("cp1252"), "utf-8") == "line 1 is not utf-8"
    assert refusal(REGISTER.encode("utf-8"), "swedish-7-bit") == "line 1 is not swedish-7-bit"


def test_two_encodings_in_one_file_are_told_apart_by_the_line() -> None:
    content = (REGISTER * 5).encode() + REGISTER.encode("cp1252")
    assert "line 11 is not" in refusal(content)


@pytest.mark.parametrize(
    "content",
    [
        b"Nr;Namn\n1;\x00\n",
        b"\x81\x8d\x8f",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        "Компания;Имя\nИванов\n".encode("cp1251"),
        "Łódź, Żółć i gęślą jaźń\n".encode("cp1250"),
        bytes(range(128, 256)),
    ],
)
def test_what_is_no_text_of_ours_is_refused(content: bytes) -> None:
    assert "this is neither" in refusal(content) or "cannot be told" in refusal(content)


def test_a_file_that_breaks_off_in_the_middle_of_a_letter_says_so() -> None:
    assert "breaks off" in refusal(REGISTER.encode("utf-16")[:-1])


def test_the_end_mark_of_dos_is_passed_over() -> None:
    assert decoded(b"Nr;Namn\r\n1;Ek\r\n\x1a") == "Nr;Namn\r\n1;Ek\r\n"


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_unreadable(content: bytes) -> None:
    try:
        assert "\0" not in decoded(content)
    except UnreadableFileError:
        return


words = st.lists(st.text(alphabet="abdefghiklmnoprstuvåäöéÅÄÖABDEG", min_size=3, max_size=12), min_size=20, max_size=30)


@given(words, st.sampled_from(["cp1252", "cp437", "cp850", "mac_roman"]))
def test_no_text_in_swedish_letters_is_read_as_something_else(names: list[str], codec: str) -> None:
    text = "\n".join(names)
    try:
        content = text.encode(codec)
        found = decoded(content)
    except (UnreadableFileError, UnicodeEncodeError):
        return  # asked about by name
    assert found == text
