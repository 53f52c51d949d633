from flask import Flask

from idp.assembly.step_order import STEPS
from idp.assembly.web import make_views
from idp_tests.cases import each
from idp_tests.provider import Provider

LEAFLET = ["bankid", "link", "register", "again", "choose", "consent"]
MORE_PROOF = ["contact_code", "approval", "invitation"]


def test_the_leaflet_is_in_its_order() -> None:
    steps = [each.step.name for each in STEPS]
    assert [name for name in steps if name not in MORE_PROOF] == LEAFLET


def test_what_a_second_person_needs_comes_between_the_claim_and_the_account() -> None:
    steps = [each.step.name for each in STEPS]
    assert steps[steps.index("link") + 1 : steps.index("register")] == MORE_PROOF


def test_a_person_identifies_before_anything_else_and_once_more_after_registering() -> None:
    assert [step.step.name for step in STEPS if step.step.identifies] == ["bankid", "again"]


@each("name", [step.step.name for step in STEPS])
def test_the_dispatcher_finds_a_page_under_each_steps_name(provider: Provider, name: str) -> None:
    rules = {rule.rule for rule in provider.app.url_map.iter_rules() if rule.methods and "GET" in rule.methods}
    assert f"/signin/<interaction_id>/{name}" in rules


def test_a_step_that_is_not_in_the_list_has_no_page(provider: Provider) -> None:
    app = Flask(__name__)
    for blueprint in make_views(provider.parts, STEPS[:1]).for_people:
        app.register_blueprint(blueprint)
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert "/signin/<interaction_id>/bankid" in rules
    assert "/signin/<interaction_id>/consent" not in rules
