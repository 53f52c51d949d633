"""A reader of our QR codes (version 6-L, mask 0) that shares no code with the product; it corrects no errors."""

SIZE = 41
Rows = list[list[bool]]


def rows(drawn: int) -> Rows:
    """The modules of the product's one number."""
    bits = f"{drawn:0{SIZE * SIZE}b}"
    return [[bit == "1" for bit in bits[y * SIZE : (y + 1) * SIZE]] for y in range(SIZE)]


def is_function_module(x: int, y: int) -> bool:
    finder = (x <= 8 and y <= 8) or (x >= SIZE - 8 and y <= 8) or (x <= 8 and y >= SIZE - 8)
    return finder or x == 6 or y == 6 or (32 <= x <= 36 and 32 <= y <= 36)


def data_bits(code: Rows) -> str:
    """68 codewords of data in each of two blocks, interleaved."""
    bits: list[str] = []
    for number, right in enumerate([*range(SIZE - 1, 6, -2), 5, 3, 1]):
        for step in range(SIZE):
            y = SIZE - 1 - step if number % 2 == 0 else step
            places = [(x, y) for x in (right, right - 1) if not is_function_module(x, y)]
            bits += [str(int(code[y][x] != ((x + y) % 2 == 0))) for x, y in places]
    codewords = ["".join(bits[i : i + 8]) for i in range(0, 136 * 8, 8)]
    return "".join(codewords[0::2] + codewords[1::2])


def read(code: Rows) -> str:
    bits = data_bits(code)
    assert bits[:4] == "0100"
    length = int(bits[4:12], 2)
    return bytes(int(bits[12 + 8 * i : 20 + 8 * i], 2) for i in range(length)).decode()
