"""Static files: kept for ever under an address of their content, and another release's pages are led to what is here."""

import re
from pathlib import Path

from idp.web.static_files import StaticFiles
from idp_tests.cases import each
from idp_tests.provider import Provider


def folder(path: Path, **files: str) -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.js").write_text(text)
    return path


def test_the_address_changes_with_each_byte_and_name_and_with_nothing_else(tmp_path: Path) -> None:
    first = StaticFiles(folder(tmp_path / "a", x="1", y="2")).release
    assert StaticFiles(folder(tmp_path / "b", x="1", y="2")).release == first
    others = [{"x": "1", "y": "3"}, {"x": "1", "z": "2"}, {"x": "12", "y": ""}, {"x": "1"}]
    assert first not in {StaticFiles(folder(tmp_path / str(at), **files)).release for at, files in enumerate(others)}


def test_what_a_page_loads_is_kept_for_ever(provider: Provider) -> None:
    browser = provider.browser().authorize()
    addresses = re.findall(r'(?:src|href)="/static/([^"]+)"', browser.page)
    assert len(addresses) >= 3
    for address in addresses:
        with browser.client.get(f"/static/{address}", base_url="https://id.example") as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@each("address", ["/static/000000000000/bankid.js", "/static/bankid.js"])
def test_a_page_of_another_release_is_led_to_what_is_here_and_keeps_nothing(provider: Provider, address: str) -> None:
    answer = provider.app.test_client().get(address, base_url="https://id.example")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{StaticFiles().release}/bankid.js"
    assert answer.headers["Cache-Control"] == "no-store"


@each(
    "address", ["/static/nothing.js", "/static/000000000000/nothing.js", "/static/..", "/static/x/..", "/static/x/../y"]
)
def test_nothing_else_is_there(provider: Provider, address: str) -> None:
    assert provider.app.test_client().get(address, base_url="https://id.example").status_code == 404
