"""Recorder: ports that answer what a test says and keep the order in which a use case called them.

For use cases, whose rule is the order: compare, then act. What a statement does is shown with the statement itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from idp.core.audit_log import Event

_E = TypeVar("_E", bound=Event)


@dataclass
class Recorder:
    """`answers` by "port.method": a value, an exception to raise, or a function of the arguments."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def port(self, name: str) -> Any:
        """Any port; a method without an answer gives None."""
        return _Port(self, name)

    def function(self, name: str) -> Callable[..., Any]:
        """A port that is one callable."""

        def call(*arguments: Any, **named: Any) -> Any:
            return self.answer(name, arguments, named)

        return call

    def answer(self, name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        self.calls.append((name, arguments, named))
        answer = self.answers.get(name)
        if isinstance(answer, Exception) or (isinstance(answer, type) and issubclass(answer, Exception)):
            raise answer
        return answer(*arguments, **named) if callable(answer) else answer

    @property
    def names(self) -> list[str]:
        """What was called, in order; events of the audit log by their own names."""
        return [f"audit {arguments[0].name}" if name == "audit.record" else name for name, arguments, _ in self.calls]

    def arguments(self, name: str) -> tuple[Any, ...]:
        """Of the only call of that name."""
        [found] = [arguments for called, arguments, _ in self.calls if called == name]
        return found

    def event(self, kind: type[_E]) -> _E:
        """The only event of that kind that the audit log was told."""
        [found] = [
            arguments[0]
            for name, arguments, _ in self.calls
            if name == "audit.record" and isinstance(arguments[0], kind)
        ]
        return found


class _Port:
    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder, self._name = recorder, name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return self._recorder.function(f"{self._name}.{method}")
