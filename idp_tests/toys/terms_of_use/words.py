"""The toy step's words, as they would stand in the catalogs."""

from collections.abc import Mapping

from idp.core.languages import Language

WORDS: Mapping[Language, Mapping[str, str]] = {
    "sv": {"signin.terms.title": "Villkor för {app}", "signin.terms.accept": "Jag godkänner"},
    "en": {"signin.terms.title": "Terms of use of {app}", "signin.terms.accept": "I accept"},
}
