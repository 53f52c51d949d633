from flask import Flask

from idp.assembly.step_order import STEPS
from idp.assembly.web import make_views
from idp_tests.cases import each
from idp_tests.provider import Provider


def test_the_leaflet_is_in_its_order() -> None:
    assert [each.step.name for each in STEPS] == ["bankid", "link", "register", "again", "choose", "consent"]


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
