"""Export a person: all that is stored, and who asked for it in which case."""

from idp.core.accounts.export_person import ExportPerson, Extract
from idp.core.events import PersonExported
from idp.core.people.person import NoSuchPerson
from idp_tests.builders import NOW, a_person
from idp_tests.recorder import Recorder


def export(ports: Recorder) -> Extract | NoSuchPerson:
    use_case = ExportPerson(people=ports.port("people"), extracts=ports.port("extracts"), audit=ports.port("audit"))
    return use_case("p1", NOW, operator="eva", case_id="C-1")


def test_what_is_stored_is_given_and_noted() -> None:
    tables = {"people": [{"id": "p1"}]}
    ports = Recorder({"people.find": a_person(), "extracts.of": tables})
    assert export(ports) == Extract(person_id="p1", made_at=NOW, tables=tables)
    assert ports.event(PersonExported) == PersonExported(person_id="p1", operator="eva", case_id="C-1")


def test_of_nobody_nothing_is_exported() -> None:
    ports = Recorder()
    assert export(ports) == NoSuchPerson()
    assert ports.names == ["people.find"]
