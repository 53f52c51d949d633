"""QR encoder: the modules of a text, for page and script alike (ISO/IEC 18004: byte mode, version 6, correction L, mask 0).

One fixed shape is enough: a frame of BankID's animated code is some 110 bytes, and version 6-L is its least dense form.

Everything in such a code is linear over GF(2), error correction and mask included: the code of a text is the code of zeros of
the same length, with what each half byte changes added by exclusive or. So a frame a second costs some twenty microseconds.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, reduce
from itertools import islice
from operator import xor
from typing import Final

SIZE: Final = 41
QUIET_ZONE: Final = 4
WIDTH: Final = SIZE + 2 * QUIET_ZONE
"""Modules across, the quiet zone on each side included."""
MOST_BYTES: Final = 134

_BLOCKS: Final = 2
_BLOCK_DATA: Final = 68
_BLOCK_CORRECTION: Final = 18
_HEADER_BITS: Final = 12
"""Mode 0100 and a length of eight bits."""
_FORMAT_L_MASK_0: Final = 0b111011111000100
"""ISO/IEC 18004 table C.1."""
_STEADY_BYTES: Final = len("bankid.67df3917-fa0d-44e5-b327-edcc928297f8.")
_PADDING: Final = (0xEC, 0x11)

_DARK: Final = re.compile("1+")

Place = tuple[int, int]


def modules(text: str) -> int:
    """The modules row by row, the uppermost left one as the highest of SIZE * SIZE bits; dark is 1.

    Raises ValueError for a text that does not fit.
    """
    data = text.encode()
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data)} bytes do not fit in a version 6-L code")
    drawn = _of_beginning(data[:_STEADY_BYTES], len(data))
    return _with(drawn, data[_STEADY_BYTES:], _STEADY_BYTES)


def path(drawn: int) -> str:
    """An SVG path of the dark modules, for a viewBox of `0 0 WIDTH WIDTH`."""
    return "".join(f"M{x} {y}h{run}v1h-{run}z" for x, y, run in _runs(drawn))


def _runs(drawn: int) -> Iterator[tuple[int, int, int]]:
    bits = f"{drawn:0{SIZE * SIZE}b}"
    for y in range(SIZE):
        for run in _DARK.finditer(bits, y * SIZE, (y + 1) * SIZE):
            yield run.start() - y * SIZE + QUIET_ZONE, y + QUIET_ZONE, run.end() - run.start()


@lru_cache(maxsize=512)
def _of_beginning(beginning: bytes, length: int) -> int:
    """What all frames of an order have in common."""
    return _with(_of_zeros(length), beginning, 0)


def _with(drawn: int, data: bytes, at: int) -> int:
    """Write bytes over the zeros from there on."""
    table = islice(_changes(), 2 * at, None)
    for byte, high, low in zip(data, table, table, strict=False):
        drawn ^= high[byte >> 4] ^ low[byte & 15]
    return drawn


@lru_cache(maxsize=MOST_BYTES + 1)
def _of_zeros(length: int) -> int:
    """The code of this many zero bytes: patterns, format, header, padding and mask."""
    written = bytearray(_BLOCKS * _BLOCK_DATA)
    written[0], written[1] = 0x40 | length >> 4, length << 4 & 0xFF
    first_padding = length + 2
    for at in range(first_padding, len(written)):
        written[at] = _PADDING[(at - first_padding) % 2]
    bits = _data_bits()
    data = (bits[at * 8 + 7 - bit] for at, byte in enumerate(written) for bit in range(8) if byte >> bit & 1)
    return reduce(xor, data, _fixed() ^ _mask())


@cache
def _changes() -> Sequence[Sequence[int]]:
    """What each value of each half byte of the text changes."""
    bits = _data_bits()
    tables = []
    for half in range(2 * MOST_BYTES):
        start = _HEADER_BITS + 4 * half
        table = [0]
        for bit in bits[start + 3], bits[start + 2], bits[start + 1], bits[start]:
            table += [value ^ bit for value in table]
        tables.append(table)
    return tables


@cache
def _data_bits() -> Sequence[int]:
    """What each bit of the data changes: its own module and those of its block's error correction."""
    places = [_bit_of(place) for place in _data_places()]
    units = _corrections()
    changed = []
    for codeword in range(_BLOCKS * _BLOCK_DATA):
        block, at = divmod(codeword, _BLOCK_DATA)
        for bit in range(7, -1, -1):
            value = places[8 * (at * _BLOCKS + block) + 7 - bit]
            for number, byte in enumerate(units[at][bit]):
                first = 8 * (_BLOCKS * _BLOCK_DATA + number * _BLOCKS + block)
                value = reduce(xor, (places[first + 7 - shift] for shift in range(8) if byte >> shift & 1), value)
            changed.append(value)
    return changed


def _corrections() -> Sequence[Sequence[Sequence[int]]]:
    """The error correction of a block in which one bit of one codeword is 1, by codeword and bit (Reed-Solomon)."""
    generator = _generator()

    def shifted(remainder: Sequence[int]) -> list[int]:
        factor = remainder[0]
        return [
            byte ^ _multiply(coefficient, factor)
            for byte, coefficient in zip([*remainder[1:], 0], generator, strict=True)
        ]

    last = [[_multiply(coefficient, 1 << bit) for coefficient in generator] for bit in range(8)]
    found = [last]
    for _ in range(_BLOCK_DATA - 1):
        found.append([shifted(remainder) for remainder in found[-1]])
    return found[::-1]


def _generator() -> Sequence[int]:
    """The coefficients below the highest of the product of (x - 2^i)."""
    coefficients, root = [0] * (_BLOCK_CORRECTION - 1) + [1], 1
    for _ in range(_BLOCK_CORRECTION):
        coefficients = [
            _multiply(coefficient, root) ^ following
            for coefficient, following in zip(coefficients, [*coefficients[1:], 0], strict=True)
        ]
        root = _multiply(root, 2)
    return coefficients


def _multiply(one: int, other: int) -> int:
    """In GF(256) with the polynomial x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    for bit in range(7, -1, -1):
        product = product << 1 ^ (product >> 7) * 0x11D
        product ^= (other >> bit & 1) * one
    return product


def _fixed() -> int:
    """Finders, timing, alignment and format."""
    return sum(_bit_of(place) for place, dark in _patterns().items() if dark)


def _mask() -> int:
    """Mask 0: every other module of the data, the seven that no codeword reaches included."""
    taken = _patterns()
    free = ((x, y) for x in range(SIZE) for y in range(SIZE) if (x, y) not in taken)
    return sum(_bit_of((x, y)) for x, y in free if (x + y) % 2 == 0)


@cache
def _patterns() -> dict[Place, bool]:
    """Which modules are no data, and whether they are dark."""
    drawn: dict[Place, bool] = {}
    for at in range(SIZE):
        drawn[6, at] = drawn[at, 6] = at % 2 == 0
    for centre_x, centre_y in ((3, 3), (SIZE - 4, 3), (3, SIZE - 4)):
        _draw_square(drawn, centre_x, centre_y, reach=4, light={2, 4})
    _draw_square(drawn, 34, 34, reach=2, light={1})
    for places in _format_places():
        for bit, place in enumerate(places):
            drawn[place] = bool(_FORMAT_L_MASK_0 >> bit & 1)
    drawn[8, SIZE - 8] = True
    return drawn


def _draw_square(drawn: dict[Place, bool], centre_x: int, centre_y: int, *, reach: int, light: set[int]) -> None:
    """Rings around a centre, as far as they lie inside."""
    for dx in range(-reach, reach + 1):
        for dy in range(-reach, reach + 1):
            x, y = centre_x + dx, centre_y + dy
            if 0 <= x < SIZE and 0 <= y < SIZE:
                drawn[x, y] = max(abs(dx), abs(dy)) not in light


def _format_places() -> tuple[list[Place], list[Place]]:
    """Both copies of the fifteen format bits, least significant first."""
    first = [*((8, y) for y in (*range(6), 7, 8)), (7, 8), *((14 - i, 8) for i in range(9, 15))]
    second = [*((SIZE - 1 - i, 8) for i in range(8)), *((8, SIZE - 15 + i) for i in range(8, 15))]
    return first, second


def _data_places() -> Iterator[Place]:
    """In the order in which the bits are written: up and down in columns of two, past the vertical timing pattern."""
    taken = _patterns()
    for number, right in enumerate([*range(SIZE - 1, 6, -2), 5, 3, 1]):
        for step in range(SIZE):
            y = SIZE - 1 - step if number % 2 == 0 else step
            yield from ((x, y) for x in (right, right - 1) if (x, y) not in taken)


def _bit_of(place: Place) -> int:
    x, y = place
    return 1 << (SIZE * SIZE - 1 - (y * SIZE + x))
