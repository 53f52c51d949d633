"""Our QR encoder against another one, module by module, and against a reader of our own."""

import secrets
from collections.abc import Callable

import pytest
import segno
from playwright.sync_api import BrowserContext

from idp_tests.cases import each
from idp_tests.web.showcase import QR, STATIC

pytestmark = pytest.mark.browser

SIZE = 41
Modules = list[list[bool]]


@pytest.fixture
def modules(context: BrowserContext) -> Callable[[str], Modules]:
    page = context.new_page()
    page.add_script_tag(
        type="module", content=(STATIC / "qr.js").read_text(encoding="utf-8") + "window.qr = { modules, path, width };"
    )
    page.wait_for_function("window.qr")
    return lambda text: page.evaluate("text => window.qr.modules(text)", text)


def segno_modules(text: str) -> Modules:
    code = segno.make(text, version=6, error="l", mode="byte", mask=0, boost_error=False, micro=False)
    return [[bool(module) for module in row] for row in code.matrix]


def is_function_module(x: int, y: int) -> bool:
    finder = (x <= 8 and y <= 8) or (x >= SIZE - 8 and y <= 8) or (x <= 8 and y >= SIZE - 8)
    return finder or x == 6 or y == 6 or (32 <= x <= 36 and 32 <= y <= 36)


def data_bits(code: Modules) -> str:
    """Read mask 0, version 6-L, without correcting errors: 68 codewords of data in each of two blocks, interleaved."""
    bits: list[str] = []
    for number, right in enumerate([*range(SIZE - 1, 6, -2), 5, 3, 1]):
        for step in range(SIZE):
            y = SIZE - 1 - step if number % 2 == 0 else step
            places = [(x, y) for x in (right, right - 1) if not is_function_module(x, y)]
            bits += [str(int(code[y][x] != ((x + y) % 2 == 0))) for x, y in places]
    codewords = ["".join(bits[i : i + 8]) for i in range(0, 136 * 8, 8)]
    return "".join(codewords[0::2] + codewords[1::2])


def read(code: Modules) -> str:
    bits = data_bits(code)
    assert bits[:4] == "0100"
    length = int(bits[4:12], 2)
    return bytes(int(bits[12 + 8 * i : 20 + 8 * i], 2) for i in range(length)).decode()


def test_a_full_code_equals_segnos_module_by_module(modules: Callable[[str], Modules]) -> None:
    # At full length there are no padding codewords. Segno puts one zero codeword before the padding that
    # ISO/IEC 18004 7.4.10 does not ask for, so shorter texts differ there (and in the correction) only.
    for _ in range(20):
        text = secrets.token_hex(67)
        assert modules(text) == segno_modules(text)


@each("text", [QR, "", "a", "åäö", "x" * 134, "bankid." + "0" * 100])
def test_what_is_drawn_can_be_read(modules: Callable[[str], Modules], text: str) -> None:
    assert read(modules(text)) == text


def test_the_reader_of_this_test_reads_segnos_codes_too() -> None:
    assert read(segno_modules(QR)) == QR


def test_the_fixed_patterns_of_a_short_code_equal_segnos(modules: Callable[[str], Modules]) -> None:
    ours, theirs = modules(QR), segno_modules(QR)
    fixed = [(x, y) for x in range(SIZE) for y in range(SIZE) if is_function_module(x, y)]
    assert [ours[y][x] for x, y in fixed] == [theirs[y][x] for x, y in fixed]


def test_padding_alternates_as_the_standard_says(modules: Callable[[str], Modules]) -> None:
    text = "a" * 100
    written = "0100" + f"{len(text):08b}" + "".join(f"{byte:08b}" for byte in text.encode()) + "0000"
    padding = "".join(["11101100", "00010001"][i % 2] for i in range(136 - len(written) // 8))
    assert data_bits(modules(text)) == written + padding


def test_a_text_that_does_not_fit_is_refused(context: BrowserContext, modules: Callable[[str], Modules]) -> None:
    page = context.pages[0]
    refused = page.evaluate("() => { try { window.qr.modules('x'.repeat(135)); } catch (e) { return e.name; } }")
    assert refused == "RangeError"


def test_the_path_draws_each_dark_module_once_inside_a_quiet_zone_of_four(
    context: BrowserContext, modules: Callable[[str], Modules]
) -> None:
    code = modules(QR)
    path, width = context.pages[0].evaluate("text => [window.qr.path(text), window.qr.width]", QR)
    drawn = [[False] * SIZE for _ in range(SIZE)]
    for run in path.removesuffix("z").removeprefix("M").split("zM"):
        start, length = run.split("h")[0], int(run.split("h")[1].split("v")[0])
        x, y = map(int, start.split(" "))
        for i in range(length):
            assert not drawn[y - 4][x - 4 + i]
            drawn[y - 4][x - 4 + i] = True
    assert width == SIZE + 8
    assert drawn == code
