"""The proxy's configuration: it knows our paths, and nothing secret gets from an address into its logs."""

import json
import re
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from idp_tests.patience import PATIENCE, soon
from idp_tests.provider import Provider

FILE = Path(__file__).resolve().parents[2] / "config" / "container" / "nginx.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
SECRET = "n0t-f0r-l0gs"

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def for_people() -> set[str]:
    """The paths whose visitors are slowed down."""
    found = re.search(r"location ~ \^/\(([^)]+)\) \{", FILE.read_text(encoding="utf-8"))
    assert found
    return {f"/{path}" for path in found[1].split("|")}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def changed(directory: Path, port: int, **replaced: str) -> Path:
    """A copy for this machine: its own directory and port, and nodes that nobody listens on."""
    text = FILE.read_text(encoding="utf-8").replace("/tmp/", f"{directory}/")
    text = text.replace("listen 8000;", f"listen 127.0.0.1:{port};")
    for old, new in (("idp-1:8000", f"127.0.0.1:{free_port()}"), ("idp-2:8000", f"127.0.0.1:{free_port()}")):
        text = text.replace(old, new)
    text = text.replace("/etc/nginx/pages", str(FILE.parent))
    text = text.replace("/dev/stdout", f"{directory}/access.log").replace("/dev/stderr", f"{directory}/error.log")
    for old, new in replaced.items():
        text = re.sub(rf"(?m)\b{old} [^;]+;", f"{old} {new};", text, count=1)
    copy = directory / "nginx.conf"
    copy.write_text(text, encoding="utf-8")
    return copy


@contextmanager
def running(copy: Path, port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [str(NGINX), "-c", str(copy), "-e", str(copy.with_name("error.log")), "-g", "daemon off;"]
    )
    try:
        soon(lambda: _listens(port), "nginx listens")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def status(port: int, path: str) -> int:
    return ask(port, path)[0]


def ask(port: int, path: str, body: bytes | None = None) -> tuple[int, Message, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data=body, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read().decode()


def test_every_path_that_the_proxy_names_exists(provider: Provider) -> None:
    rules = [rule.rule for rule in provider.app.url_map.iter_rules()]
    for path in for_people():
        assert any(rule.startswith(path) for rule in rules), path


def test_every_page_for_people_is_slowed_down(provider: Provider) -> None:
    pages = {
        rule.rule
        for rule in provider.app.url_map.iter_rules()
        if provider.app.view_functions[rule.endpoint].__module__.startswith(("idp.web.signin.", "idp.web.account."))
        or rule.rule in {"/authorize", "/logout", "/logout/answer"}
    }
    assert len(pages) > 10
    assert {page for page in pages if not page.startswith(tuple(for_people()))} == set()


@needs_nginx
@pytest.mark.parametrize("behind_tls", [False, True])
def test_nginx_accepts_it_also_behind_another_proxy(tmp_path: Path, behind_tls: bool) -> None:
    copy = changed(tmp_path, free_port())
    text = copy.read_text(encoding="utf-8")
    if behind_tls:
        text, changes = re.subn(r"(?m)^( *)# (set_real_ip_from|real_ip_header|real_ip_recursive) ", r"\1\2 ", text)
        assert changes == 3
        copy.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [str(NGINX), "-t", "-c", str(copy), "-e", str(tmp_path / "error.log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@needs_nginx
def test_no_query_gets_into_a_log_when_a_node_is_away_or_a_limit_is_reached(tmp_path: Path) -> None:
    port = free_port()
    copy = changed(tmp_path, port, limit_req_zone="$binary_remote_addr zone=visitor:10m rate=1r/m")
    copy.write_text(copy.read_text(encoding="utf-8").replace("burst=100", "burst=1"), encoding="utf-8")
    with running(copy, port):
        answers = [status(port, f"/authorize?code={SECRET}") for _ in range(4)]
    assert answers[0] == 503
    assert answers[-1] == 429
    logged = "".join(file.read_text(encoding="utf-8") for file in tmp_path.glob("*.log"))
    assert logged.count("/authorize") >= 4
    assert SECRET not in logged


@needs_nginx
def test_when_no_node_answers_people_read_a_page_in_their_languages_and_programs_json(tmp_path: Path) -> None:
    port = free_port()
    with running(changed(tmp_path, port), port):
        page = ask(port, "/signin/some-id")
        form = ask(port, "/signin/some-id/link", body=b"customer_number=10012345")
        token = ask(port, "/token", body=b"grant_type=authorization_code")
        itself = status(port, "/outage.html")
    for shown in (page, form):
        assert (shown[0], shown[1].get_content_type(), shown[1]["Retry-After"]) == (503, "text/html", "5")
        assert "Försök igen" in shown[2]
        assert "Try again" in shown[2]
    assert (token[0], token[1].get_content_type(), token[1]["Retry-After"]) == (503, "application/json", "5")
    assert json.loads(token[2]) == {"error": "temporarily_unavailable"}
    assert itself == 404


@needs_nginx
def test_what_a_node_says_itself_is_passed_on(tmp_path: Path) -> None:
    port, node = free_port(), HTTPServer(("127.0.0.1", 0), Refusing)
    copy = changed(tmp_path, port)
    text = re.sub(
        r"server 127\.0\.0\.1:\d+ ", f"server 127.0.0.1:{node.server_port} ", copy.read_text(encoding="utf-8")
    )
    copy.write_text(text, encoding="utf-8")
    answering = threading.Thread(target=node.serve_forever)
    answering.start()
    try:
        with running(copy, port):
            assert ask(port, "/signin/some-id")[::2] == (502, "the node's own words")
    finally:
        node.shutdown()
        answering.join()
        node.server_close()


class Refusing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(502)
        self.end_headers()
        self.wfile.write(b"the node's own words")

    def log_message(self, *_arguments: object) -> None:
        pass
