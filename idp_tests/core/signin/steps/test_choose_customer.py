import pytest

from idp.core.overtaken import Overtaken
from idp.core.signin.steps.choose_customer import NotTheirs, SelectCustomer, Selected
from idp_tests.builders import NOW, a_customer, a_journey, a_person, an_interaction
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
