"""axe-core, the accessibility checker: runs in a page of the browser and says what it finds there."""

from playwright.sync_api import Page

from idp_tests.relying_parties.programs import install_packages, need_node

_RUN = "async options => (await axe.run(document, { resultTypes: ['violations'], ...options })).violations"


def axe_findings(page: Page, *, only: str | None = None) -> list[str]:
    """Every violation on the page, or those of one rule, a line per element: the rule, the element, what is wrong."""
    need_node()
    script = install_packages() / "node_modules" / "axe-core" / "axe.min.js"
    page.evaluate(script.read_text(encoding="utf-8"))  # add_script_tag would be stopped by the pages' own policy
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in page.evaluate(_RUN, {"runOnly": [only]} if only else {})
        for node in violation["nodes"]
    ]
