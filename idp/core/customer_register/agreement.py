"""Agreement: what of a plan is never carried out, and what needs the operator's word first."""

from dataclasses import dataclass

from idp.core.customer_register.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an import may do at most."""

    close_at_most_percent: int
    """Of the active organisations; one alone may always close."""
    close_missing: bool
    """Whether customers that the file does not have are closed."""
    all_or_nothing: bool
    """Whether one refused line is one too many."""


@dataclass(frozen=True, slots=True)
class Blind:
    """Refused lines name nobody, so that the customers they are about look as if they were missing."""

    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TooManyClosed:
    """The file is cut off, or of another register, or the operator has to say a higher limit."""

    percent_needed: int
    """The lowest limit that would do."""


@dataclass(frozen=True, slots=True)
class NotAll:
    """Lines were refused, and the operator wants all or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsWord:
    """It takes something from somebody, or leaves something out; each counted, 0 for what does not happen."""

    refused_lines: int
    moved_numbers: int
    closed_organisations: int


@dataclass(frozen=True, slots=True)
class Harmless:
    """It only adds and changes facts."""


def judge(plan: Plan, limits: Limits) -> Blind | TooManyClosed | NotAll | NeedsWord | Harmless:
    """A file that is cut off, or of another register, must not shut everybody out."""
    if limits.close_missing and plan.blind_lines:
        return Blind(plan.blind_lines)
    if len(plan.closing) > 1 and plan.closing_share * 100 > limits.close_at_most_percent:
        return TooManyClosed(rounded_up(plan.closing_share))
    if plan.refused and limits.all_or_nothing:
        return NotAll()
    if plan.refused or plan.moved or plan.closing:
        return NeedsWord(
            refused_lines=len(plan.refused), moved_numbers=len(plan.moved), closed_organisations=len(plan.closing)
        )
    return Harmless()


def rounded_up(share: float) -> int:
    """A share as whole percent, so that a limit of that height suffices."""
    return -int(-share * 100 // 1)
