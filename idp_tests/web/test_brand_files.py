import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.brand import Brand
from idp.misconfiguration import Misconfiguration
from idp.web.brand_files import BrandFiles
from idp_tests.cases import each
from idp_tests.provider import ISSUER, Provider, restarted

DRAWING = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def branded(provider: Provider) -> Iterator[Provider]:
    logo = provider.directory / "logo.svg"
    logo.write_bytes(DRAWING)
    with restarted(
        provider, brand={"name": "Bolaget", "logo": logo, "icon": logo, "colours": {"accent": "#7a1f5c"}}
    ) as shown:
        yield shown


def test_a_page_shows_the_companys_logo_icon_and_colours(branded: Provider) -> None:
    page, files = branded.browser().get("/").page, BrandFiles.of(branded.settings.brand)
    assert f'<img src="{files.address("logo")}" alt="Bolaget">' in page
    assert f'<link rel="icon" href="{files.address("icon")}">' in page
    assert f'<link rel="stylesheet" href="{files.address("theme.css")}">' in page
    assert "wordmark" not in page
    assert "<title>Inloggning hos Bolaget – Bolaget</title>" in page


def test_a_brand_file_is_kept_for_good_and_can_run_nothing(branded: Provider) -> None:
    address = BrandFiles.of(branded.settings.brand).address("logo")
    response = branded.app.test_client().get(address or "", base_url=ISSUER)
    assert (response.data, response.mimetype) == (DRAWING, "image/svg+xml")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


@each("path", ["/brand/000000000000/logo", "/brand/000000000000/nothing"])
def test_another_version_of_a_brand_file_is_none(branded: Provider, path: str) -> None:
    assert branded.app.test_client().get(path, base_url=ISSUER).status_code == 404


def test_without_a_brand_of_its_own_a_page_has_the_products(provider: Provider) -> None:
    page = provider.browser().get("/").page
    assert "/brand/" not in page
    assert re.search(r'rel="icon" href="/static/[0-9a-f]+/icon.svg"', page)


@each(
    "name, content, problem",
    [
        ("logo.gif", b"x", r"brand\.logo: .* must end with \.svg"),
        ("logo.png", None, r"brand\.logo: .* cannot be read"),
        ("logo.png", b"x" * 300_000, "has 300000 bytes"),
    ],
)
def test_a_picture_that_cannot_be_shown_is_refused_by_its_key(
    tmp_path: Path, name: str, content: bytes | None, problem: str
) -> None:
    if content is None:
        tmp_path = tmp_path / "nowhere"
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Misconfiguration, match=problem):
        BrandFiles.of(Brand(logo=tmp_path / name))
