"""The texts: both languages complete, nothing left over, and the leaflet's words kept."""

import re
from pathlib import Path

import pytest

from idp.core.identification.bankid.messages import MESSAGE_KEYS
from idp.core.identification.bankid.screen import Label
from idp.core.languages import Language
from idp.core.oidc.claims.scopes import SCOPES
from idp.core.oidc.claims.table import CLAIMS, consent_items
from idp.core.personal_data.inventory import INVENTORY
from idp.core.personal_data.summary import summaries
from idp.web.language import BrokenCatalogError, Catalogs, UnknownTextError, placeholders
from idp_tests.cases import each
from idp_tests.web.showcase import ERRORS, TEMPLATES, WEB

CATALOGS = Catalogs.load()
KEYS = CATALOGS.texts["sv"].keys()
SPOKEN_BY_THE_CORE = re.compile(r"""["'](field\.[a-z_]+\.[a-z_]+|signin\.[a-z]+\.[a-z_]+)["']""")
WAYS = re.compile(r"""Way\("[a-z-]+", "([a-z_.]+)",""")
FIELD_KEYS = [
    "customer_number.missing",
    "customer_number.malformed",
    "customer_number.length",
    "customer_number.lengths",
    "last_four.missing",
    "last_four.malformed",
    "whole_number.missing",
    "whole_number.malformed",
    "whole_number.needed",
    "pair.mismatch",
    "pair.attempts_left",
    "pair.attempts_left_one",
    "name.missing",
    "name.malformed",
    "phone.missing",
    "phone.malformed",
    "email.missing",
    "email.malformed",
    "customer.missing",
    *(f"code.{key}" for key in ("missing", "malformed", "wrong", "wrong_one_left", "over")),
]


def keys_in_templates() -> set[str]:
    found: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for call in re.finditer(r"\bt\(((?:[^()]|\([^()]*\))*)\)", source):
            found |= set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)*\.[a-z_]*[a-z])["']""", call.group(1)))
    return found


def keys_about_personal_data() -> set[str]:
    made = {f"personal_data.{key}" for key in ("why", "seen", "kept", "form", "period.year", "period.years")}
    for told in summaries(INVENTORY.values()):
        made |= {f"personal_data.datum.{told.datum}"}
        made |= {f"personal_data.why.{why}" for why in told.why} | {f"personal_data.seen.{seen}" for seen in told.seen}
        made |= {f"personal_data.kept.{kept}" for kept in told.kept}
        made |= {f"personal_data.form.{kind.name.lower()}" for kind in told.kinds}
    return made


def keys_made_of_parts() -> set[str]:
    made = {f"error.{name}.{part}" for name in ERRORS for part in ("title", "text")}
    made |= {f"error.developer_{name}" for name in ("code", "description", "detail", "diagnosis")}
    made |= {f"signin.consent.{item}" for item in consent_items(frozenset({*SCOPES, *CLAIMS}))}
    made |= {"signin.consent.email_once_confirmed"}
    made |= set(MESSAGE_KEYS) | set(Label) | {f"field.{key}" for key in FIELD_KEYS}
    made |= {f"account.confirm_email.{state}.{part}" for state in ("ask", "done", "over") for part in ("title", "text")}
    made |= {
        f"account.disown_login.{state}.{part}"
        for state in ("ask", "done", "used", "over")
        for part in ("title", "text")
    }
    frozen = ("ask", "done", "before", "gone", "late")
    made |= {f"account.freeze.{state}.{part}" for state in frozen for part in ("title", "text")}
    made |= {f"time.{unit}{many}" for unit in ("second", "minute", "hour", "day") for many in ("", "s")}
    made |= keys_about_personal_data()
    made |= {"time.today", "time.another_day"}
    made |= {"error.code_instead"}
    made |= {f"signin.approval.{state}.{part}" for state in ("ask", "waiting", "refused") for part in ("title", "text")}
    made |= {f"account.invitation.{state}.title" for state in ("ask", "done", "over")}
    made |= {f"account.invitation.{state}.text" for state in ("done", "over")}
    answers = ("log_in", "ask", "approved", "refused", "not_yours")
    made |= {f"account.approval.{state}.{part}" for state in answers for part in ("title", "text")}
    made |= set(WAYS.findall((WEB / "error_page.py").read_text(encoding="utf-8")))
    return made | {"signin.bankid.intention", "frame.customer_service", "frame.customer_service_phone"}


def test_every_key_in_a_template_has_a_text() -> None:
    assert keys_in_templates() <= KEYS


def test_every_key_made_of_parts_has_a_text() -> None:
    assert keys_made_of_parts() <= KEYS


def test_no_text_is_left_over() -> None:
    assert set(KEYS) == keys_in_templates() | keys_made_of_parts()


def test_every_bankid_outcome_has_a_text() -> None:
    assert set(MESSAGE_KEYS) <= KEYS


def test_every_key_written_in_the_program_has_a_text() -> None:
    written = {
        key for path in WEB.parent.rglob("*.py") for key in SPOKEN_BY_THE_CORE.findall(path.read_text(encoding="utf-8"))
    }
    assert "field.pair.mismatch" in written
    assert written <= KEYS


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    swedish, english = CATALOGS.texts["sv"], CATALOGS.texts["en"]
    assert swedish.keys() == english.keys()
    assert {key for key in KEYS if placeholders(swedish[key]) != placeholders(english[key])} == set()


@each(
    "key, words",
    [
        ("signin.link.title", "Logga in med era gamla inloggningsuppgifter"),
        ("signin.register.title", "Skapa användarkonto"),
        ("signin.register.submit", "Skapa användarkonto"),
        ("signin.again.title", "Logga in igen med ditt BankID"),
    ],
)
def test_the_leaflets_words_are_kept(key: str, words: str) -> None:
    assert CATALOGS.translate("sv", key) == words


def test_no_two_texts_are_the_same_word_for_word_in_both_languages_by_mistake() -> None:
    same = {key for key in KEYS if CATALOGS.texts["sv"][key] == CATALOGS.texts["en"][key]}
    assert same == set()


def test_values_fill_the_placeholders() -> None:
    assert CATALOGS.translate("sv", "signin.bankid.title", app="MinaSidor") == "Logga in på MinaSidor"


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert CATALOGS.translate("en", "signin.bankid.title", app="{organisation}") == "Log in to {organisation}"


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        CATALOGS.translate("sv", "signin.bankid.title")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(UnknownTextError, match=r"signin\.nowhere"):
        CATALOGS.translate("sv", "signin.nowhere")


def test_a_translator_knows_what_it_was_given_for_every_text() -> None:
    t = CATALOGS.translator("sv", organisation="PreZero")
    assert t("signin.bankid.lead") == "Du loggar in hos PreZero med ditt BankID."


def test_a_translator_lets_the_page_decide_over_what_it_always_knows() -> None:
    t = CATALOGS.translator("sv", organisation="PreZero")
    assert t("signin.bankid.lead", organisation="Bolaget") == "Du loggar in hos Bolaget med ditt BankID."


def test_a_value_in_a_page_is_text_and_never_markup() -> None:
    t = CATALOGS.translator("sv", organisation="PreZero")
    assert t("signin.bankid.title", app="<b>&") == "Logga in på &lt;b&gt;&amp;"


def test_support_is_never_named_without_its_number() -> None:
    words: dict[Language, str] = {"sv": "kundservice", "en": "customer service"}
    for language, word in words.items():
        bare = {key for key, text in CATALOGS.texts[language].items() if word in text}
        assert bare == {"frame.call", "frame.customer_service", "frame.customer_service_phone"}


def write(directory: Path, swedish: str, english: str) -> Path:
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (directory / "sv.po").write_text(header + swedish, encoding="utf-8")
    (directory / "en.po").write_text(header + english, encoding="utf-8")
    return directory


def test_a_key_in_one_language_only_is_refused(tmp_path: Path) -> None:
    write(tmp_path, 'msgid "a.b"\nmsgstr "ja"\n\nmsgid "a.c"\nmsgstr "nej"\n', 'msgid "a.b"\nmsgstr "yes"\n')
    with pytest.raises(BrokenCatalogError, match=r"only in one language: a\.c"):
        Catalogs.load(tmp_path)


def test_placeholders_that_differ_are_refused(tmp_path: Path) -> None:
    write(tmp_path, 'msgid "a.b"\nmsgstr "{n} kvar"\n', 'msgid "a.b"\nmsgstr "{m} left"\n')
    with pytest.raises(BrokenCatalogError, match=r"different placeholders: a\.b"):
        Catalogs.load(tmp_path)


def test_an_empty_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path, 'msgid "a.b"\nmsgstr ""\n', 'msgid "a.b"\nmsgstr "yes"\n')
    with pytest.raises(BrokenCatalogError, match="has no text"):
        Catalogs.load(tmp_path)


def test_catalogs_know_their_keys() -> None:
    assert CATALOGS.knows("frame.skip")
    assert not CATALOGS.knows("frame.jump")


def test_a_key_stands_once_in_each_catalog() -> None:
    for language in ("sv", "en"):
        text = (WEB / "translations" / f"{language}.po").read_text(encoding="utf-8")
        keys = re.findall(r'^msgid "(.+)"$', text, flags=re.MULTILINE)
        assert len(keys) == len(set(keys))


OWN = 'msgid "error.blocked.text"\nmsgstr "{}"\n\nmsgid "mail.sign_off"\nmsgstr "x"\n'


def with_own(directory: Path, swedish: str, english: str = OWN.format("Ask us.")) -> Catalogs:
    always = frozenset({"organisation", "customer_service"})
    return CATALOGS.with_own(
        write(directory, swedish, english), always=always, concerns=lambda key: not key.startswith("mail.")
    )


def test_a_companys_own_text_stands_in_place_of_ours_and_the_others_stay(tmp_path: Path) -> None:
    catalogs = with_own(tmp_path, OWN.format("Fråga {organisation}."))
    assert catalogs.translate("sv", "error.blocked.text", organisation="Bolaget") == "Fråga Bolaget."
    assert catalogs.texts["sv"]["error.not_found.title"] == CATALOGS.texts["sv"]["error.not_found.title"]
    assert not catalogs.knows("mail.sign_off")


@each(
    "swedish, problem",
    {
        "a key that we do not have": (
            OWN.format("x") + 'msgid "error.x"\nmsgstr "x"\n',
            "only in one language: error.x",
        ),
        "a placeholder that would stay empty": (
            OWN.format("Hej {first_name}!"),
            "error.blocked.text has no {first_name}",
        ),
        "a brace without its partner": (OWN.format("Hej {"), "a brace stands alone"),
        "no text at all": (OWN.format(""), "has no text"),
        "no catalog": ("blah", "is no catalog"),
    },
)
def test_a_companys_own_text_that_cannot_be_used_is_refused_by_name(tmp_path: Path, swedish: str, problem: str) -> None:
    with pytest.raises(BrokenCatalogError, match=problem):
        with_own(tmp_path, swedish)


def test_a_key_that_no_page_has_is_refused(tmp_path: Path) -> None:
    both = 'msgid "error.x"\nmsgstr "x"\n'
    with pytest.raises(BrokenCatalogError, match=r"no text is called error\.x"):
        with_own(tmp_path, both, both)


def test_a_directory_without_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenCatalogError, match="cannot be read"):
        Catalogs.load(tmp_path)
