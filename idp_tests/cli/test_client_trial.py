"""`idp clients try`: a login by hand with nothing but a browser and curl."""

import json
import re
import shlex
import socket
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from idp_tests.cli.installation import Installation
from idp_tests.patience import PATIENCE

APP = 'client_name = "App"\nsecurity_profile = "native_public"\nredirect_uris = ["{address}"]\n'
SERVER = (
    'client_name = "Wiki"\nsecurity_profile = "third_party"\nredirect_uris = ["https://wiki.example/cb"]\n'
    f'token_endpoint_auth_methods = ["client_secret_basic", "client_secret_post"]\nclient_secret_hash = "{"a" * 64}"\n'
)


def write(directory: Path, text: str) -> Path:
    file = directory / "app.toml"
    file.write_text(text, encoding="utf-8")
    return file


def opened(shown: str) -> dict[str, str]:
    """The parameters of the printed address."""
    found = re.search(r"https://id\.example/authorize\?(\S+)", shown)
    assert found, shown
    return {name: values[0] for name, values in parse_qs(found[1]).items()}


def curl_lines(shown: str) -> list[list[str]]:
    return [shlex.split(line) for line in shown.splitlines() if line.strip().startswith("curl ")]


def test_the_address_to_open_and_the_request_for_tokens_are_printed(installed: Installation, tmp_path: Path) -> None:
    shown = installed.done("clients", "try", str(write(tmp_path, SERVER)))
    query = opened(shown)
    assert (query["client_id"], query["redirect_uri"]) == ("app", "https://wiki.example/cb")
    assert query["code_challenge_method"] == "S256"
    basic, post = curl_lines(shown)
    assert "app:$CLIENT_SECRET" in basic
    assert {"client_id=app", "client_secret=$CLIENT_SECRET", "code=$CODE"} <= set(post)
    assert basic[-1] == post[-1] == "https://id.example/token"


def test_an_answer_to_an_address_of_this_computer_is_received_there(installed: Installation, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/back"
    file = write(tmp_path, APP.format(address=address))
    browser = threading.Thread(target=answer, args=(address,))
    browser.start()
    shown = installed.done("clients", "try", str(file))
    browser.join()
    assert opened(shown)["redirect_uri"] == address
    assert "  code = a-code\n  state = it's" in shown
    (curl,) = curl_lines(shown)
    assert {"code=a-code", "client_id=app"} <= set(curl)


def answer(address: str) -> None:
    """What a browser does once somebody listens: an icon first, then the answer."""
    for _ in range(200):
        try:
            requests.get(urlsplit(address)._replace(path="/favicon.ico").geturl(), timeout=PATIENCE)
            requests.get(address, params={"code": "a-code", "state": "it's"}, timeout=PATIENCE)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return


def test_a_client_that_pushes_is_shown_how(installed: Installation, tmp_path: Path) -> None:
    file = write(tmp_path, SERVER + "require_pushed_authorization_requests = true\n")
    shown = installed.done("clients", "try", str(file))
    assert [curl[-1].rpartition("/")[2] for curl in curl_lines(shown)] == ["par", "par", "token", "token"]
    assert opened(shown)["request_uri"] == "…"


def test_a_client_whose_proofs_need_a_program_is_sent_to_the_playground(
    installed: Installation, tmp_path: Path
) -> None:
    file = write(tmp_path, APP.format(address="https://app.example/cb") + "dpop_bound_access_tokens = true\n")
    result = installed.run("clients", "try", str(file))
    assert result.exit_code == 2
    assert "playground" in result.stderr


def test_the_tokens_of_an_answer_are_shown_opened(installed: Installation, tmp_path: Path) -> None:
    token = jwt.encode({"alg": "ES256"}, {"sub": "anna"}, ECKey.generate_key("P-256"))
    typed = json.dumps({"access_token": "at_x", "id_token": token, "expires_in": 600})
    shown = installed.done("clients", "try", str(write(tmp_path, SERVER)), "--answer", "-", typed=typed)
    assert "access_token = at_x\n" in shown
    assert '"sub": "anna"' in shown


@pytest.mark.parametrize("typed", ["", "<html>"])
def test_what_is_no_answer_is_said(installed: Installation, tmp_path: Path, typed: str) -> None:
    result = installed.run("clients", "try", str(write(tmp_path, SERVER)), "--answer", "-", typed=typed)
    assert result.exit_code == 2
    assert "no JSON" in result.stderr
