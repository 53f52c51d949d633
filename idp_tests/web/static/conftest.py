"""Chromium with our pages and scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from idp_tests.patience import PATIENCE
from idp_tests.web.static.stand_in import Provider


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(1000 * PATIENCE)
    opened.add_init_script(
        "Object.defineProperty(document, 'visibilityState', { get: () => window.seen ?? window.seenFirst ?? 'visible' });"
        "window.beSeen = (now) => { window.seen = now; document.dispatchEvent(new Event('visibilitychange')); };"
    )
    yield opened
    opened.close()


@pytest.fixture
def provider(context: BrowserContext) -> Provider:
    return Provider(context)
