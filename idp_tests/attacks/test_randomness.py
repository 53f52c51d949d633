"""R-60: everything that must not be guessed comes from the operating system, is long enough, and never repeats."""

import ast
import base64
import math
import re
from collections import Counter
from pathlib import Path

from idp.core.ids import new_id
from idp.web.cookies import new_secret
from idp_tests.attacks.target import Target
from idp_tests.cases import each
from idp_tests.provider import ISSUER

PRODUCT = Path(__file__).parents[2] / "idp"
MODULES = sorted(PRODUCT.rglob("*.py"))
PREDICTABLE = {"random", "uuid"}


@each("path", MODULES, name=lambda path: str(path.relative_to(PRODUCT)))
def test_no_module_draws_from_a_source_that_can_be_guessed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not {name.partition(".")[0] for name in names} & PREDICTABLE, f"{path}:{getattr(node, 'lineno', 0)}"


def test_a_hundred_thousand_secrets_are_all_different() -> None:
    drawn = {new_secret() for _ in range(100_000)}
    assert len(drawn) == 100_000
    assert {len(base64.urlsafe_b64decode(secret + "=")) for secret in drawn} == {32}


def test_the_letters_of_a_secret_are_spread_evenly() -> None:
    """Chi-squared over 64 letters, far beyond chance: a mistake in the encoding would show."""
    letters = Counter("".join(new_secret()[:42] for _ in range(5_000)))
    expected = sum(letters.values()) / 64
    assert len(letters) == 64
    assert sum((count - expected) ** 2 / expected for count in letters.values()) < 63 + 8 * math.sqrt(2 * 63)


def test_a_grants_id_cannot_be_guessed_from_the_one_before(target: Target) -> None:
    """It begins with the time, for the index; at least 64 bits behind it are random."""
    now = target.provider.clock()
    drawn = [new_id(now) for _ in range(20_000)]
    assert len(set(drawn)) == 20_000
    assert len({one[-16:] for one in drawn}) == 20_000


def test_codes_tokens_and_references_are_long_and_different(target: Target) -> None:
    codes = [target.code("minasidor") for _ in range(50)]
    assert len(set(codes)) == 50
    assert {len(base64.urlsafe_b64decode(code.removeprefix("ac_") + "==")) for code in codes} == {33}
    pages = [target.get("/authorize", target.question("minasidor")).headers["Location"] for _ in range(50)]
    assert len(set(pages)) == 50
    assert all(len(page.removeprefix("/signin/")) >= 22 for page in pages)


def test_every_browser_gets_cookies_of_its_own(target: Target) -> None:
    seen = []
    for _ in range(30):
        response = target.http.get("/authorize", query_string=target.question("minasidor"), base_url=ISSUER)
        seen += re.findall(r"__Host-browser=([^;]+)", str(response.headers))
    assert len(seen) == len(set(seen)) == 30
    assert {len(value) for value in seen} == {43}
