"""R-20, R-21: a token that would cost much to read is refused before it costs anything."""

import time
import tracemalloc
from collections.abc import Callable, Mapping

import pytest

from idp.core.oidc.keys.jose import JoseRefused, verify
from idp_tests.attacks.forgeries import FORGERIES, Honest, b64, dump
from idp_tests.cases import each
from idp_tests.relying_party import CLIENT_KEY

HONEST = Honest(header={"alg": "ES256"}, claims={"iss": "partner", "sub": "partner"}, key=CLIENT_KEY)
MILLISECONDS, MEGABYTES = 5, 5

BOMBS: Mapping[str, Callable[[], str]] = {
    "two billion rounds of PBES2": lambda: FORGERIES["JWE with two billion rounds"](HONEST),
    "a body of five megabytes, compressed": lambda: FORGERIES["a compressed body"](HONEST),
    "a hundred megabytes of text": lambda: "e" * 100_000_000,
    "a million dots": lambda: "." * 1_000_000,
    "a body nested two thousand times": lambda: FORGERIES["nested too deeply"](HONEST),
    "a header nested two thousand times": lambda: f"{b64('[' * 2_000 + ']' * 2_000)}.{b64(dump({}))}.AAAA",
    "an exponent of a key in the header": lambda: HONEST.headed(jwk={"kty": "RSA", "n": "A" * 3_000, "e": "A" * 3_000}),
}


@each("name", list(BOMBS))
def test_a_bomb_costs_nothing(name: str) -> None:
    token = BOMBS[name]()

    def refused() -> None:
        with pytest.raises(JoseRefused):
            verify(token, keys=[CLIENT_KEY], algs=frozenset({"ES256"}), typ=frozenset({None, "jwt"}))

    refused()
    spent = []
    for _ in range(3):
        began = time.thread_time()
        refused()
        spent.append(time.thread_time() - began)
    assert min(spent) * 1_000 < MILLISECONDS
    tracemalloc.start()
    try:
        refused()
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 1_000_000
    finally:
        tracemalloc.stop()
