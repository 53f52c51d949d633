"""Theme: the colours of every page, those of another company in place of ours, and whether people can read them.

The colours that there are stand in `static/idp.css`, in its first two blocks; nothing else names them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from idp.brand import Brand
from idp.misconfiguration import Misconfiguration

STYLE_SHEET: Final = Path(__file__).parent / "static" / "idp.css"

_BLOCK: Final = re.compile(r":root \{(.*?)\}", re.DOTALL)
_COLOUR: Final = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
_TEXT, _SHAPE = 4.5, 3.0
"""Least contrast of text (WCAG 2.2 1.4.3), and of what shows where something is (1.4.11)."""
_STANDS_OUT: Final = (
    *((text, ground, _TEXT) for text in ("ink", "ink-soft") for ground in ("paper", "card", "accent-soft")),
    *(("ink", ground, _TEXT) for ground in ("wrong-soft", "care-soft")),
    *((link, ground, _TEXT) for link in ("accent", "accent-strong") for ground in ("paper", "card", "accent-soft")),
    *(("on-accent", button, _TEXT) for button in ("accent", "accent-strong")),
    *(("wrong", ground, _TEXT) for ground in ("card", "wrong-soft")),
    ("care", "care-soft", _TEXT),
    ("edge", "card", _SHAPE),
    *(("focus", ground, _SHAPE) for ground in ("paper", "card")),
)
"""What is read, or must be seen, on which ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours in force, by name, for light screens and for dark ones."""

    light: Mapping[str, str]
    dark: Mapping[str, str]
    own_light: Mapping[str, str]
    """Those of the company, which its style sheet sets."""
    own_dark: Mapping[str, str]

    @classmethod
    def of(cls, brand: Brand) -> Self:
        """Raises Misconfiguration for a colour that no page has."""
        light, dark = (dict(_COLOUR.findall(block)) for block in _BLOCK.findall(STYLE_SHEET.read_text("utf-8"))[:2])
        for key, own in (("colours", brand.colours), ("dark_colours", brand.dark_colours)):
            unknown = sorted(own.keys() - light.keys())
            if unknown:
                raise Misconfiguration(f"brand.{key}: no colour is called {unknown[0]}; known: {', '.join(light)}")
        return cls(
            light={**light, **brand.colours},
            dark={**dark, **brand.dark_colours},
            own_light=brand.colours,
            own_dark=brand.dark_colours,
        )

    def style_sheet(self) -> str:
        """What stands after ours and sets the company's colours; empty without any.

        A colour for light screens stands after our dark one, which is therefore said again.
        """
        dark = {name: self.dark[name] for name in (*self.own_light, *self.own_dark)}
        if not dark:
            return ""
        return f"{_block(self.own_light)}@media (prefers-color-scheme: dark) {{\n{_block(dark)}}}\n"

    def too_faint(self) -> Iterator[str]:
        """What somebody could not read, one line each."""
        for screen, colours in (("light", self.light), ("dark", self.dark)):
            for front, ground, least in _STANDS_OUT:
                ratio = contrast(colours[front], colours[ground])
                if ratio < least:
                    yield f"{front} on {ground} has {ratio:.2f}:1 on {screen} screens, {least}:1 is needed"


def _block(colours: Mapping[str, str]) -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in colours.items())
    return f":root {{\n{lines}}}\n" if lines else ""


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
