"""What of an import is never carried out, and what needs the operator's word."""

from idp.core.customer_register.agreement import (
    Blind,
    Harmless,
    Limits,
    NeedsWord,
    NotAll,
    TooManyClosed,
    judge,
    rounded_up,
)
from idp.core.customer_register.cell import Refusal
from idp.core.customer_register.line import RefusedLine
from idp.core.customer_register.plan import ImportOptions, Plan, plan
from idp_tests.cases import each
from idp_tests.core.customer_register.sayings import ACTIVE, CLOSED, ONE, THREE, TWO, said, stored

HERE = [stored(n1001=ACTIVE)]
THREE_HERE = [stored(ONE, n1=ACTIVE), stored(TWO, n2=ACTIVE), stored(THREE, n3=ACTIVE)]
NAMELESS = RefusedLine(3, Refusal.UNCLOSED_QUOTATION)
HARMLESS = plan([said("1001", "2002")], HERE)
MOVES = plan([said("1001", org=TWO)], HERE, ImportOptions(allow_moved=True))
CLOSES_ONE = plan([said("1001", state=CLOSED)], HERE)
CLOSES_TWO = plan([said("1", org=ONE, state=CLOSED), said("2", org=TWO, state=CLOSED)], THREE_HERE)
CLOSES_BOTH = plan([said("1", org=ONE, state=CLOSED), said("2", org=TWO, state=CLOSED)], THREE_HERE[:2])
REFUSES = plan([said("1001"), NAMELESS], HERE)


def limits(*, percent: int = 10, close_missing: bool = False, all_or_nothing: bool = False) -> Limits:
    return Limits(close_at_most_percent=percent, close_missing=close_missing, all_or_nothing=all_or_nothing)


@each(
    "made, lines, numbers, organisations",
    {"moves": (MOVES, 0, 1, 1), "closes": (CLOSES_ONE, 0, 0, 1), "refuses": (REFUSES, 1, 0, 0)},
)
def test_what_takes_something_from_somebody_needs_a_word(
    made: Plan, lines: int, numbers: int, organisations: int
) -> None:
    expected = NeedsWord(refused_lines=lines, moved_numbers=numbers, closed_organisations=organisations)
    assert judge(made, limits()) == expected


def test_what_only_adds_needs_none() -> None:
    assert judge(HARMLESS, limits(percent=0, all_or_nothing=True, close_missing=True)) == Harmless()


def test_all_or_nothing_takes_no_refused_line_and_minds_nothing_else() -> None:
    assert judge(REFUSES, limits(all_or_nothing=True)) == NotAll()
    assert isinstance(judge(MOVES, limits(all_or_nothing=True)), NeedsWord)


def test_more_than_the_allowed_share_is_never_closed() -> None:
    assert judge(CLOSES_TWO, limits(percent=66)) == TooManyClosed(percent_needed=67)
    assert isinstance(judge(CLOSES_TWO, limits(percent=67)), NeedsWord)
    assert isinstance(judge(CLOSES_BOTH, limits(percent=100)), NeedsWord), "as much as is allowed may close"


def test_one_organisation_alone_may_always_close() -> None:
    assert isinstance(judge(CLOSES_ONE, limits(percent=0)), NeedsWord)


def test_nobody_is_closed_as_missing_while_a_line_names_nobody() -> None:
    assert judge(REFUSES, limits(close_missing=True)) == Blind((3,))
    assert isinstance(judge(REFUSES, limits()), NeedsWord)


@each("share, percent", [(0.05, 5), (0.101, 11), (1.0, 100), (0.0, 0)])
def test_a_share_is_rounded_up_so_that_what_is_said_suffices(share: float, percent: int) -> None:
    assert rounded_up(share) == percent
