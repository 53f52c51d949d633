"""Our QR encoder against another one, module by module, and against a reader that nobody shares code with."""

import secrets

import pytest
import segno

from idp.core.identification.bankid.qr_encoder import MOST_BYTES, QUIET_ZONE, SIZE, WIDTH, modules, path
from idp_tests.cases import each
from idp_tests.qr_reader import data_bits, is_function_module, read, rows
from idp_tests.web.showcase import QR

Rows = list[list[bool]]


def segno_rows(text: str) -> Rows:
    code = segno.make(text, version=6, error="l", mode="byte", mask=0, boost_error=False, micro=False)
    return [[bool(module) for module in row] for row in code.matrix]


def test_a_full_code_equals_segnos_module_by_module() -> None:
    # At full length there are no padding codewords. Segno puts one zero codeword before the padding that
    # ISO/IEC 18004 7.4.10 does not ask for, so shorter texts differ there (and in the correction) only.
    for _ in range(20):
        text = secrets.token_hex(67)
        assert rows(modules(text)) == segno_rows(text)


@each("text", [QR, "", "a", "åäö", "x" * 134, "bankid." + "0" * 100])
def test_what_is_drawn_can_be_read(text: str) -> None:
    assert read(rows(modules(text))) == text


def test_the_reader_of_this_test_reads_segnos_codes_too() -> None:
    assert read(segno_rows(QR)) == QR


def test_the_fixed_patterns_of_a_short_code_equal_segnos() -> None:
    ours, theirs = rows(modules(QR)), segno_rows(QR)
    fixed = [(x, y) for x in range(SIZE) for y in range(SIZE) if is_function_module(x, y)]
    assert [ours[y][x] for x, y in fixed] == [theirs[y][x] for x, y in fixed]


def test_padding_alternates_as_the_standard_says() -> None:
    text = "a" * 100
    written = "0100" + f"{len(text):08b}" + "".join(f"{byte:08b}" for byte in text.encode()) + "0000"
    padding = "".join(["11101100", "00010001"][i % 2] for i in range(136 - len(written) // 8))
    assert data_bits(rows(modules(text))) == written + padding


def test_a_text_that_does_not_fit_is_refused() -> None:
    modules("x" * MOST_BYTES)
    with pytest.raises(ValueError, match="135 bytes do not fit"):
        modules("x" * (MOST_BYTES + 1))


def test_the_path_draws_each_dark_module_once_inside_a_quiet_zone_of_four() -> None:
    drawn = [[False] * SIZE for _ in range(SIZE)]
    for run in path(modules(QR)).removesuffix("z").removeprefix("M").split("zM"):
        start, length = run.split("h")[0], int(run.split("h")[1].split("v")[0])
        x, y = map(int, start.split(" "))
        for i in range(length):
            assert not drawn[y - QUIET_ZONE][x - QUIET_ZONE + i]
            drawn[y - QUIET_ZONE][x - QUIET_ZONE + i] = True
    assert WIDTH == SIZE + 8
    assert drawn == rows(modules(QR))
