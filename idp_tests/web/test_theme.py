import pytest

from idp.brand import Brand
from idp.misconfiguration import Misconfiguration
from idp.web.theme import Theme, contrast
from idp_tests.cases import each


@each(
    "one, other, ratio",
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#777777", 4.48),
    ],
)
def test_contrast_is_measured_as_wcag_says(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


def test_the_products_own_colours_can_be_read() -> None:
    theme = Theme.of(Brand())
    assert theme.light.keys() == theme.dark.keys()
    assert list(theme.too_faint()) == []
    assert theme.style_sheet() == ""


def test_a_companys_colours_stand_in_place_of_the_products() -> None:
    theme = Theme.of(Brand(colours={"accent": "#7a1f5c"}, dark_colours={"accent": "#f0a8d8"}))
    assert (theme.light["accent"], theme.dark["accent"]) == ("#7a1f5c", "#f0a8d8")
    assert theme.style_sheet() == (
        ":root {\n  --accent: #7a1f5c;\n}\n@media (prefers-color-scheme: dark) {\n:root {\n  --accent: #f0a8d8;\n}\n}\n"
    )


def test_a_light_colour_does_not_reach_dark_screens() -> None:
    sheet = Theme.of(Brand(colours={"accent": "#7a1f5c"})).style_sheet()
    assert "@media (prefers-color-scheme: dark) {\n:root {\n  --accent: #6fd3c7;\n}" in sheet


def test_a_colour_that_is_too_faint_is_named_with_its_ground_and_its_contrast() -> None:
    faint = list(Theme.of(Brand(colours={"ink": "#999999"})).too_faint())
    assert "ink on card has 2.85:1 on light screens, 4.5:1 is needed" in faint


def test_a_colour_that_no_page_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(Misconfiguration, match=r"brand\.dark_colours: no colour is called akcent; known: .*accent"):
        Theme.of(Brand(dark_colours={"akcent": "#000000"}))
