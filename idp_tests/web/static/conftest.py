"""Chromium with our pages and scripts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from idp_tests.web.static.stand_in import Provider

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"Chromium is not at {CHROMIUM}; name it in the variable CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(10_000)
    opened.add_init_script(
        "Object.defineProperty(document, 'visibilityState', { get: () => window.seen ?? window.seenFirst ?? 'visible' });"
        "window.beSeen = (now) => { window.seen = now; document.dispatchEvent(new Event('visibilitychange')); };"
    )
    yield opened
    opened.close()


@pytest.fixture
def provider(context: BrowserContext) -> Provider:
    return Provider(context)
