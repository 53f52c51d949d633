"""Summary: every answer that is true of any column, once and in one order."""

from idp.core.personal_data.classification import Column, Datum, Erasure, Kept, Kind, Seen, Whose, Why
from idp.core.personal_data.inventory import INVENTORY
from idp.core.personal_data.summary import summaries


def a_column(**changes: object) -> Column:
    members = {
        "table": "letters",
        "name": "to",
        "kind": Kind.PLAIN,
        "whose": Whose.PERSON,
        "why": Why.REACH,
        "seen": Seen.NOBODY,
        "kept": Kept.DAY,
        "erasure": Erasure.DELETED,
        "data": (Datum.EMAIL,),
    }
    return Column(**members | changes)  # type: ignore[arg-type]


def test_answers_of_several_columns_stand_together_in_the_order_of_the_words() -> None:
    other = a_column(kind=Kind.ENCRYPTED, why=Why.RECOGNISE, seen=Seen.SUPPORT, kept=Kept.MINUTES, erasure=Erasure.KEPT)
    [email] = summaries([a_column(), other, a_column()])
    assert (email.datum, email.why) == (Datum.EMAIL, (Why.RECOGNISE, Why.REACH))
    assert (email.kept, email.kinds) == ((Kept.MINUTES, Kept.DAY), (Kind.PLAIN, Kind.ENCRYPTED))
    assert email.outlives_erasure


def test_nobody_sees_it_only_where_nobody_does() -> None:
    assert summaries([a_column()])[0].seen == (Seen.NOBODY,)
    assert summaries([a_column(), a_column(seen=Seen.SUPPORT)])[0].seen == (Seen.SUPPORT,)


def test_ids_secrets_and_what_is_about_nobody_are_not_told() -> None:
    for kind in (Kind.NONE, Kind.PSEUDONYM, Kind.SECRET, Kind.SECRET_HASH):
        assert summaries([a_column(kind=kind)]) == ()


def test_every_kind_of_data_that_the_inventory_names_is_told() -> None:
    assert [each.datum for each in summaries(INVENTORY.values())] == list(Datum)
