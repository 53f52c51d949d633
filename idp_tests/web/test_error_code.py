from flask import Flask

from idp.web.error_code import code_of, error_code, is_code


def test_a_request_has_one_code_and_two_requests_have_two() -> None:
    app, codes = Flask("test"), []
    for _ in range(2):
        with app.test_request_context("/"):
            codes.append((error_code(), error_code()))
    assert all(first == second and len(first) == 8 for first, second in codes)
    assert codes[0] != codes[1]


def test_what_lasts_has_the_same_code_whenever_it_is_told() -> None:
    codes = {code_of(f"order-{number}") for number in range(1000)}
    assert len(codes) == 1000
    assert code_of("order-1") in codes
    assert set("".join(codes)) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")


def test_only_what_could_be_a_code_is_taken_for_one() -> None:
    assert is_code(code_of("order-1"))
    for text in ("", "K7Q2ABC", "K7Q2ABCDE", "k7q2abcd", "K7Q2ABC0", "070-1234"):
        assert not is_code(text)
