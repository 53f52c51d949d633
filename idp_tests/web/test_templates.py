"""What single pages must show, and the ids that others build on."""

from idp.web.language import Catalogs
from idp_tests.cases import each
from idp_tests.web.document import Document
from idp_tests.web.showcase import ERRORS, OPEN, Page, environment, pages, render

CATALOGS = Catalogs.load()
JINJA = environment()
PAGES = {page.name: page for page in pages()}
HOSTILE = "\"><script>alert(1)</script><a href='javascript:alert(2)' onclick=x>{{ 7*7 }}"


def document(name: str, **changes: object) -> Document:
    page = PAGES[name]
    return Document(render(Page(page.name, page.template, {**page.context, **changes}), "sv", CATALOGS, JINJA))


@each(
    "name, ids",
    [
        ("bankid-computer-qr", {"bankid-start", "bankid-qr", "bankid-open", "bankid-cancel"}),
        ("bankid-phone-open", {"bankid-start", "bankid-qr", "bankid-open", "bankid-cancel"}),
        ("again-computer", {"bankid-start", "bankid-qr", "bankid-open", "bankid-cancel"}),
        ("link", {"customer-number", "last-four", "submit"}),
        ("link-mismatch", {"error-summary"}),
        ("register", {"name", "phone", "email", "submit"}),
        ("register-wrong", {"error-summary"}),
        ("choose", {"submit"}),
        ("consent", {"submit"}),
        ("return_to_app", {"continue"}),
        ("form-post", {"continue"}),
        ("already", {"continue"}),
        ("cancelled", {"continue"}),
        ("logout", {"submit"}),
        ("logged-out", {"continue"}),
        ("error-expired", {"error-code", "continue"}),
    ],
)
def test_the_ids_that_others_build_on_are_there(name: str, ids: set[str]) -> None:
    assert ids <= set(document(name).ids)


def test_the_qr_element_carries_the_frame() -> None:
    assert document("bankid-computer-qr").with_id("bankid-qr")[1]["data-qr"].startswith("bankid.67df3917-")


def test_the_page_draws_the_code_without_script() -> None:
    for name in ("bankid-computer-qr", "bankid-computer-alone-qr"):
        assert '<path d="M4 4h7v1h-7z' in document(name).source


def test_the_page_without_script_loads_none_and_can_be_stopped() -> None:
    alone = document("bankid-computer-alone-qr")
    assert alone.all("script") == []
    assert "http-equiv" not in alone.source, "it reloads by a header"
    assert alone.with_id("bankid-stop")[1]["href"] == "?script=0&stop=1"
    assert "http-equiv" not in document("bankid-computer-stopped").source


def test_a_page_whose_script_does_not_come_leads_to_the_one_without() -> None:
    shown = document("bankid-computer-qr")
    assert '<noscript><meta http-equiv="refresh" content="2; url=?script=0"></noscript>' in shown.source
    assert 'class="hint without-script"' in shown.source
    assert '<a href="?script=0">' in shown.source


@each(
    "name",
    ["bankid-computer-stopped", "bankid-computer-alone-idle", "bankid-computer-failed", "bankid-computer-paused"],
)
def test_a_page_that_waits_for_the_person_does_not_reload(name: str) -> None:
    assert "http-equiv" not in document(name).source


def test_the_link_to_the_app_may_tell_where_it_came_from() -> None:
    tag, link = document("bankid-phone-open").with_id("bankid-open")
    assert (tag, link["href"], link["referrerpolicy"]) == ("a", OPEN, "origin")


@each("name, first, other", [("bankid-computer-idle", "qr", "same_device"), ("bankid-phone-idle", "same_device", "qr")])
def test_both_ways_are_offered_and_the_likely_one_comes_first(name: str, first: str, other: str) -> None:
    launches = [field["value"] for field in document(name).all("input") if field.get("name") == "launch"]
    assert launches == [first, other]


def test_a_failure_offers_the_same_way_again() -> None:
    shown = document("bankid-phone-failed")
    assert "Försök igen" in shown.source
    assert "hidden" not in shown.with_id("bankid-start-form")[1]
    assert [field["value"] for field in shown.all("input") if field.get("name") == "launch"] == ["same_device", "qr"]


def test_where_the_same_would_happen_again_the_other_way_and_a_link_are_offered() -> None:
    shown = document("bankid-phone-strayed")
    launches = [field["value"] for field in shown.all("input") if field.get("name") == "launch"]
    assert launches == ["qr", ""]
    assert "hidden" in shown.with_id("bankid-other-form")[1]
    assert "hidden" not in shown.with_id("bankid-link")[1]
    assert shown.with_id("page-address")[1]["value"] == "https://a.example/go"


def test_a_failure_has_a_code_and_a_number_to_tap() -> None:
    shown = document("bankid-computer-failed")
    assert '<code id="bankid-failure-code" translate="no">K7QM2XPA</code>' in shown.source
    assert "hidden" not in shown.with_id("bankid-failure-facts")[1]
    assert shown.source.count('href="tel:+4620123456"') == 2
    assert "hidden" in document("bankid-computer-qr").with_id("bankid-failure-facts")[1]


def test_a_failure_is_told_in_the_title() -> None:
    assert "<title>Fel: Logga in på MinaSidor – PreZero</title>" in document("bankid-computer-failed").source


def test_a_paused_code_waits_for_the_person() -> None:
    assert "Visa ny QR-kod" in document("bankid-computer-paused").source


def test_bankid_is_not_started_inside_another_app() -> None:
    shown = document("bankid-phone-embedded")
    assert "bankid-start" not in shown.ids
    assert "bankid-open" not in shown.ids
    assert shown.with_id("page-address")[1]["value"] == "https://a.example/go", "a login that any browser may begin"
    assert "page-address" not in document("bankid-phone-embedded-app").ids


def test_another_persons_bankid_is_told() -> None:
    assert "Det här är inte samma BankID" in document("bankid-computer-other-person").source


def test_logging_in_again_is_the_papers_fifth_step_and_waits_for_a_press() -> None:
    shown = document("again-computer")
    assert "Logga in igen med ditt BankID" in shown.source
    assert "Steg 5 av 5" in shown.source
    assert shown.with_id("bankid")[1]["data-auto-start"] == "false"


def test_a_step_has_a_number_only_where_all_of_the_papers_steps_are_taken() -> None:
    assert "Steg 4 av 5" in document("register").source
    assert "av 5" not in document("register-no-customer").source


def test_on_a_phone_the_link_to_the_app_is_the_press() -> None:
    assert document("again-phone").with_id("bankid")[1]["data-auto-start"] == "true"


def test_what_changes_by_itself_is_not_for_translators() -> None:
    for name in ("bankid-qr", "bankid-countdown"):
        assert document("bankid-computer-qr").with_id(name)[1]["translate"] == "no"


def test_that_the_code_is_not_wholly_seen_is_said_above_it() -> None:
    ids = document("bankid-computer-qr").ids
    assert ids.index("bankid-off-screen") < ids.index("bankid-qr")


def test_the_legacy_fields_are_never_saved_by_the_browser() -> None:
    for element_id in ("customer-number", "last-four"):
        field = document("link").with_id(element_id)[1]
        assert (field["type"], field["inputmode"], field["autocomplete"]) == ("text", "numeric", "off")
        assert "maxlength" not in field


def test_contact_fields_say_what_they_are() -> None:
    shown = document("register")
    assert [shown.with_id(name)[1]["autocomplete"] for name in ("name", "phone", "email")] == ["name", "tel", "email"]


def test_an_error_stands_in_the_summary_and_at_its_field() -> None:
    shown = document("register-wrong")
    field = shown.with_id("phone")[1]
    assert field["aria-invalid"] == "true"
    assert field["aria-describedby"] == "phone-hint phone-error"
    assert field["value"] == "12"
    assert '<a href="#phone">Numret ser inte rätt ut. Skriv till exempel 070-123 45 67.</a>' in shown.source
    assert shown.with_id("error-summary")[1]["tabindex"] == "-1"


def test_a_pair_that_does_not_match_marks_both_fields_and_blames_neither() -> None:
    shown = document("link-mismatch")
    assert shown.with_id("customer-number")[1]["aria-invalid"] == "true"
    assert shown.with_id("last-four")[1]["aria-invalid"] == "true"
    assert "Du har 2 försök kvar." in shown.source


def test_the_last_attempt_is_told_in_the_singular() -> None:
    assert "Du har ett försök kvar." in document("link-mismatch-last").source


def test_consent_has_two_buttons_of_one_name() -> None:
    buttons = [button for button in document("consent").all("button") if button.get("name") == "answer"]
    assert [button["value"] for button in buttons] == ["allow", "deny"]


@each(
    "name, ways",
    [
        ("cancelled-over", {"continue", "back-to-app"}),
        ("cancelled-over-back", {"back-to-app"}),
        ("cancelled-over-nowhere", {"services"}),
    ],
)
def test_a_cancelled_login_promises_only_the_ways_that_it_offers(name: str, ways: set[str]) -> None:
    shown = document(name)
    assert set(shown.ids) & {"continue", "back-to-app", "submit", "services"} == ways
    assert ("Du kan försöka igen" in shown.source) == ("continue" in ways)


def test_form_post_carries_every_parameter() -> None:
    shown = document("form-post", fields=[("code", "abc"), ("state", "x y")])
    fields = [(field["name"], field["value"]) for field in shown.all("input")]
    assert fields == [("code", "abc"), ("state", "x y")]
    assert shown.with_id("form-post")[1]["action"] == "https://minasidor.example/cb"


def test_form_post_escapes_hostile_values() -> None:
    shown = document("form-post", fields=[("state", HOSTILE), (HOSTILE, "x")], app=HOSTILE)
    assert [(field["name"], field["value"]) for field in shown.all("input")] == [("state", HOSTILE), (HOSTILE, "x")]
    assert [script.get("src") for script in shown.all("script")] == ["/static/form_post.js"]
    assert "49" not in shown.source


@each(
    "name, changes",
    [
        ("link", {"first_name": HOSTILE, "values": {"customer_number": HOSTILE, "last_four": HOSTILE}}),
        ("register", {"values": {"name": HOSTILE, "phone": HOSTILE, "email": HOSTILE}}),
        ("consent", {"app": HOSTILE}),
        ("return_to_app", {"app": HOSTILE}),
        ("logout", {"apps": [HOSTILE], "hidden": {HOSTILE: HOSTILE}}),
        ("logged-out", {"frames": [HOSTILE]}),
        ("error-developer", {"detail": {"error": HOSTILE, "description": HOSTILE}, "error_code": HOSTILE}),
        (
            "bankid-computer-qr",
            {
                "app": HOSTILE,
                "status": {"state": HOSTILE, "launch": HOSTILE, "message": HOSTILE, "qr": HOSTILE, "release": ""},
            },
        ),
    ],
)
def test_what_comes_from_outside_is_only_ever_text(name: str, changes: dict[str, object]) -> None:
    before, after = document(name), document(name, **changes)
    assert after.all("script") == before.all("script")
    assert after.badly_nested == []
    assert [x for _, attributes in after.elements for x in attributes if x.startswith("on")] == []
    assert all(not link.get("href", "").startswith("javascript") for link in after.all("a"))


@each("key", sorted(ERRORS))
def test_an_error_tells_its_code_and_when(key: str) -> None:
    source = document(f"error-{key}").source
    assert '<code id="error-code">K7QM2XPA</code>' in source
    assert "2025-05-05 14:03" in source
    assert "<title>Fel: " in source


def test_details_for_developers_are_shown_only_when_given() -> None:
    assert "error-detail" in document("error-developer").ids
    assert "error-detail" not in document("error-bad_request").ids


def test_log_out_names_every_service() -> None:
    assert "även från MinaSidor och MittPreZero." in document("logout").source
    assert "även från MinaSidor." in document("logout-one").source
    assert "även från" not in document("logout-none").source


def test_logged_out_tells_front_channel_clients() -> None:
    shown = document("logged-out")
    assert [frame["src"] for frame in shown.all("iframe")] == ["https://minasidor.example/front"]


def test_the_page_moves_on_by_itself_only_when_told() -> None:
    assert "data-go" not in document("logged-out").with_id("continue")[1]
    assert document("logged-out", auto_continue=True).with_id("continue")[1]["data-go"] == "1"


def test_a_link_that_is_not_configured_is_left_out() -> None:
    page = PAGES["logout"]
    jinja, t = environment(), CATALOGS.translator("sv", organisation="PreZero")
    bare = type(
        "Bare",
        (),
        {"__getattr__": lambda _, name: {"language": "sv", "static": "/static", "organisation": "PreZero"}.get(name)},
    )()
    shown = Document(jinja.get_template(page.template).render(frame=bare, t=t, **page.context))
    assert shown.badly_nested == []
    assert [link["href"] for link in shown.all("a")] == ["#main"]
