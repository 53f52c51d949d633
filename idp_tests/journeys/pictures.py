"""Pictures of the pages as journeys pass them, for a person to look at: `pytest idp_tests/journeys --pictures DIR`."""

from pathlib import Path

from playwright.sync_api import Page

WIDTHS = {390: 844, 1280: 900}


class Camera:
    """Takes pictures into a folder, or does nothing without one."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def take(self, page: Page, name: str) -> None:
        """Four pictures of the page: two widths, light and dark; then the page is as it was."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                page.screenshot(path=self.folder / f"{name}.{width}.{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)
