import pytest

from idp.core.oidc.authorize.authorization_request import Prompt
from idp.core.overtaken import Overtaken
from idp.core.signin.interaction import ProvedNumber
from idp.core.signin.journey import Journey
from idp.core.signin.steps.choose_customer import ChooseCustomer, NotTheirs, ReasonToChoose, SelectCustomer, Selected
from idp_tests.builders import NOW, a_client, a_customer, a_journey, a_person, a_request, an_interaction
from idp_tests.cases import each
from idp_tests.recorder import Recorder

JOURNEY = a_journey(person=a_person(links=(a_customer("c1"), a_customer("c2"))), interaction=an_interaction())


def test_one_of_the_persons_own_companies_is_recorded() -> None:
    ports = Recorder()
    select = SelectCustomer(interactions=ports.port("interactions"))
    assert select(JOURNEY, "c2", NOW) == Selected(customer_id="c2")
    assert ports.arguments("interactions.record_customer") == (an_interaction(), "c2", NOW)


@each("chosen", ["", "c3"])
def test_a_company_of_others_is_never_recorded(chosen: str) -> None:
    ports = Recorder()
    assert SelectCustomer(interactions=ports.port("interactions"))(JOURNEY, chosen, NOW) == NotTheirs()
    assert ports.names == []


def test_a_lost_race_is_raised() -> None:
    ports = Recorder({"interactions.record_customer": Overtaken})
    with pytest.raises(Overtaken):
        SelectCustomer(interactions=ports.port("interactions"))(JOURNEY, "c2", NOW)


ONE, TWO = (a_customer("c1"),), (a_customer("c1"), a_customer("c2"))
PROVED_NOW = ProvedNumber(at=NOW, customer_id="c2", number="1")
SELECT = a_request(prompt=frozenset({Prompt.SELECT_ACCOUNT}))


@each(
    "journey, reason",
    {
        "one company": (a_journey(person=a_person(links=ONE)), None),
        "one, and the client wants it chosen": (
            a_journey(person=a_person(links=ONE), request=SELECT),
            ReasonToChoose.SELECT_ACCOUNT,
        ),
        "none": (a_journey(person=a_person(links=()), request=SELECT), None),
        "several": (a_journey(person=a_person(links=TWO)), ReasonToChoose.SEVERAL_CUSTOMERS),
        "several, one remembered": (a_journey(person=a_person(links=TWO), remembered_customer_id="c1"), None),
        "one more since, although one is remembered": (
            a_journey(
                person=a_person(links=TWO), remembered_customer_id="c1", interaction=an_interaction(linked=PROVED_NOW)
            ),
            ReasonToChoose.LINKED_NOW,
        ),
        "one more since, and chosen": (
            a_journey(
                person=a_person(links=TWO), interaction=an_interaction(linked=PROVED_NOW, chosen_customer_id="c2")
            ),
            None,
        ),
        "the first one since": (
            a_journey(person=a_person(links=ONE), interaction=an_interaction(linked=PROVED_NOW)),
            None,
        ),
        "a client that is told of none": (
            a_journey(person=a_person(links=TWO), request=SELECT, client=a_client(select_customer=False)),
            None,
        ),
    },
)
def test_when_a_company_is_asked_for(journey: Journey, reason: ReasonToChoose | None) -> None:
    assert ChooseCustomer().pending(journey) is reason
