"""Writes every page as plain HTML and takes its picture at two widths, light and dark, for a person to look at.

It says what axe finds, and which page scrolls sideways.

By hand: `python -m idp_tests.web.gallery FOLDER` (needs Chromium).
"""

import argparse
import shutil
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from idp.core.languages import LANGUAGES
from idp.web.language import Catalogs
from idp_tests.axe import axe_findings
from idp_tests.web.showcase import STATIC, environment, pages, render

CHROMIUM = "/usr/bin/chromium"


def write(folder: Path) -> list[Path]:
    """Write every page in both languages, with the style sheet and scripts beside it."""
    catalogs, jinja, written = Catalogs.load(), environment(), []
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    for page, language in product(pages(), LANGUAGES):
        path = folder / f"{page.name}.{language}.html"
        path.write_text(render(page, language, catalogs, jinja).replace("/static/", "static/"), encoding="utf-8")
        written.append(path)
    return written


def photograph(browser: Browser, path: Path, width: int, scheme: str) -> Path:
    """Take the whole page's picture; without scripts, since no server answers here."""
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 700 else 800},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(path.as_uri())
    overflow = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    if overflow:
        print(f"{path.name} scrolls sideways at {width} px")
    for finding in axe_findings(page):
        print(f"{path.name} at {width} px, {scheme}: {finding}")
    picture = path.with_name(f"{path.stem}.{width}.{scheme}.png")
    page.screenshot(path=picture, full_page=True)
    context.close()
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="names that begin so")
    parser.add_argument("--widths", type=int, nargs="+", default=[390, 1280])
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    written = [path for path in write(asked.folder) if path.name.startswith(asked.only)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for path, width, scheme in product(written, asked.widths, ("light", "dark")):
            photograph(browser, path, width, scheme)
        browser.close()


if __name__ == "__main__":
    main()
