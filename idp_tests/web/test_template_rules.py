"""What holds for every page, in every state and both languages: complete, safe and labelled."""

import re
from itertools import product

from idp.core.languages import LANGUAGES, Language
from idp.web.language import Catalogs
from idp_tests.cases import each
from idp_tests.web.document import Document
from idp_tests.web.showcase import STATIC, TEMPLATES, Page, environment, pages, render

CATALOGS = Catalogs.load()
JINJA = environment()
PAGES = {page.name: page for page in pages()}
CASES = {f"{page.name}-{language}": (page, language) for page, language in product(PAGES.values(), LANGUAGES)}

SHOWN: dict[tuple[str, Language], Document] = {}
PARTS = {
    "base.html",
    "parts/form.html",
    "parts/done.html",
    "parts/services.html",
    "parts/still_there.html",
    "parts/take_back.html",
}


def document(page: Page, language: Language) -> Document:
    """A page is rendered once for all rules."""
    known = SHOWN.get((page.name, language))
    if known is None:
        known = SHOWN[page.name, language] = Document(render(page, language, CATALOGS, JINJA))
    return known


@each("page, language", CASES)
def test_a_page_renders_with_nothing_undefined_and_well_nested(page: Page, language: Language) -> None:
    shown = document(page, language)
    assert shown.badly_nested == []
    assert ("html", {"lang": language}) in shown.elements
    assert len(shown.all("h1")) == 1
    assert shown.source.startswith("<!doctype html>")


@each("page, language", CASES)
def test_a_page_has_nothing_inline(page: Page, language: Language) -> None:
    shown = document(page, language)
    assert shown.all("style") == []
    assert all(script.get("src", "").startswith("/static/") for script in shown.all("script"))
    assert [
        name for _, attributes in shown.elements for name in attributes if name == "style" or name.startswith("on")
    ] == []


@each("page, language", CASES)
def test_a_page_loads_only_what_is_ours_and_exists(page: Page, language: Language) -> None:
    shown = document(page, language)
    loaded = [x["src"] for x in shown.all("script")] + [x["href"] for x in shown.all("link")]
    assert loaded
    assert all((STATIC / address.removeprefix("/static/")).is_file() for address in loaded)
    assert shown.all("img") == []


@each("page, language", CASES)
def test_a_page_points_only_at_what_is_on_it(page: Page, language: Language) -> None:
    shown = document(page, language)
    assert len(shown.ids) == len(set(shown.ids))
    for _, attributes in shown.elements:
        pointed = attributes.get("aria-describedby", "").split() + attributes.get("aria-labelledby", "").split()
        pointed += [attributes["for"]] if "for" in attributes else []
        pointed += [attributes["href"][1:]] if attributes.get("href", "").startswith("#") else []
        assert set(pointed) <= set(shown.ids)


@each("page, language", CASES)
def test_every_form_of_ours_carries_the_csrf_token(page: Page, language: Language) -> None:
    forms = re.findall(r"<form\b.*?</form>", document(page, language).source, flags=re.DOTALL)
    ours = [form for form in forms if 'id="form-post"' not in form]
    assert all('name="csrf_token" value="' in form and 'method="post"' in form for form in ours)


@each("page, language", CASES)
def test_every_field_that_is_seen_has_a_label(page: Page, language: Language) -> None:
    shown = document(page, language)
    labelled = {label["for"] for label in shown.all("label") if "for" in label}
    for field in shown.all("input"):
        if field["type"] in {"text", "tel", "email"}:
            assert field["id"] in labelled


@each("page, language", {name: case for name, case in CASES.items() if not name.startswith(("bankid-", "again-"))})
def test_a_page_has_one_obvious_next_step(page: Page, language: Language) -> None:
    shown = Document(re.sub(r"<dialog.*?</dialog>", "", document(page, language).source, flags=re.DOTALL))
    pressed = shown.all("a") + shown.all("button")
    first = [
        one for one in pressed if "button" in (kinds := one.get("class", "").split()) and "button-second" not in kinds
    ]
    assert len(first) == 1
    assert first[0].get("href", "x") or first[0]["id"] == "retry"


def test_every_template_is_in_the_gallery() -> None:
    templates = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    assert templates - PARTS == {page.template for page in PAGES.values()}


def test_every_template_begins_by_naming_its_context() -> None:
    for path in TEMPLATES.rglob("*.html"):
        assert path.read_text(encoding="utf-8").startswith("{#- "), path.name
