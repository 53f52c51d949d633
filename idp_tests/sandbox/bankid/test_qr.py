from idp_sandbox.bankid.qr import find_frame, frame_text, proof
from idp_tests.cases import each

PUBLISHED = ("67df3917-fa0d-44e5-b327-edcc928297f8", "d28db9a7-4cde-429e-a983-359be676944c")
OWN = ("0b6f2f1e-4c3a-4c1e-9f57-2d0c9a4f7e11", "7a1d6b52-93c8-4f7e-8f0a-5e2c1b7d9c40")


@each(
    "secret, second, expected",
    [
        (PUBLISHED[1], 0, "dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8"),
        (PUBLISHED[1], 1, "949d559bf23403952a94d103e67743126381eda00f0b3cbddbf7c96b1adcbce2"),
        (PUBLISHED[1], 2, "a9e5ec59cb4eee4ef4117150abc58fad7a85439a6a96ccbecc3668b41795b3f3"),
        (PUBLISHED[1], 29, "26049f2bc12d5b43ebe8bf701e7725abf015d2d8347aa04c924b5793ee4a196c"),
        (OWN[1], 0, "572ebb121a32defe91383d2ea665e4479b7810ed35f05690f6ae7a4c75b6d377"),
        (OWN[1], 1, "5bb93b15d0c3b212ba99684705faf6bf14324fb2ce578fe6e9889c7a0c16070e"),
        (OWN[1], 9, "cde1b447d214ad9eca18e5e1d39d7c80beb118afd4fcc0ea3c71a2af3df2fd7d"),
        (OWN[1], 10, "7c666ab3662dc6026c8fb9ee2ced0a6dd80c7b7f2a0af54dbd1f5209accfa97f"),
        (OWN[1], 29, "f294c57167bc361dac0f2bfd64895cab73fe8a48efee637cf91d8d8bb5b51d96"),
    ],
)
def test_the_proof_is_the_published_one(secret: str, second: int, expected: str) -> None:
    assert proof(secret, second) == expected


def test_a_frame_is_the_published_text() -> None:
    assert frame_text(*OWN, 0) == (
        "bankid.0b6f2f1e-4c3a-4c1e-9f57-2d0c9a4f7e11.0.572ebb121a32defe91383d2ea665e4479b7810ed35f05690f6ae7a4c75b6d377"
    )


def test_a_written_frame_is_read_back() -> None:
    frame = find_frame(f" {frame_text(*OWN, 17)}\n")
    assert frame is not None
    assert (frame.qr_start_token, frame.second) == (OWN[0], 17)
    assert frame.is_genuine(OWN[1])
    assert not frame.is_genuine(PUBLISHED[1])


@each("text", ["", "bankid.x.0.y", frame_text(*OWN, 1).replace(".1.", ".01."), frame_text(*OWN, 1)[:-1]])
def test_another_text_is_no_frame(text: str) -> None:
    assert find_frame(text) is None


@each("second, age, fresh", [(0, 5.9, True), (0, 6.0, False), (12, 7.0, True), (13, 7.9, False)])
def test_a_frame_is_fresh_within_the_slack(second: int, age: float, fresh: bool) -> None:
    frame = find_frame(frame_text(*OWN, second))
    assert frame is not None
    assert frame.is_fresh(age, slack=5) is fresh
