"""Verdict: what an identification is worth; each method reaches it by a table of its own."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """From the mildest to the strictest; each includes what those before it ask for."""

    ALLOW = "allow"
    WARN = "warn"
    """The person is told of the login by e-mail."""
    STEP_UP = "step_up"
    """It logs in, and links no company without a second proof."""
    REFUSE = "refuse"

    @property
    def strictness(self) -> int:
        return tuple(Verdict).index(self)

    def is_at_least(self, other: "Verdict") -> bool:
        return self.strictness >= other.strictness


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """What counts where several would decide: nothing that is added makes it milder. Raises ValueError for none."""
    return max(verdicts, key=lambda verdict: verdict.strictness)
