from flask import Flask

from idp.web.error_code import error_code


def test_a_request_has_one_code_and_two_requests_have_two() -> None:
    app, codes = Flask("test"), []
    for _ in range(2):
        with app.test_request_context("/"):
            codes.append((error_code(), error_code()))
    assert all(first == second and len(first) == 8 for first, second in codes)
    assert codes[0] != codes[1]
