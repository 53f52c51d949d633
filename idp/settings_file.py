"""The settings file: reads TOML into settings, or says everything that is wrong with it at once."""

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from idp.misconfiguration import Mistakes, read_toml
from idp.settings import Settings


class SettingsProblem(Mistakes):
    """The settings cannot be used; each line names the file and the key."""


def load_settings(path: Path) -> Settings:
    """Read and validate a settings file.

    Raises SettingsProblem with every mistake found, each naming the file and the key.
    """
    raw = read_toml(path, SettingsProblem)
    try:
        return Settings.model_validate(raw, context={"base": path.resolve().parent})
    except ValidationError as error:
        lines = dict.fromkeys(line for problem in error.errors() for line in _explain(problem))
        raise SettingsProblem([f"{path}: {line}" for line in lines]) from None


def _explain(problem: Any) -> Iterator[str]:
    # The names of types that were tried stand among the keys; no key has brackets or hyphens.
    where = ".".join(str(part) for part in problem["loc"] if str(part).isidentifier() or isinstance(part, int))
    if problem["type"] == "extra_forbidden":
        known = _known_keys(problem["loc"][:-1])
        close = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
        yield f"{where}: unknown key; {hint}"
    elif problem["type"] == "missing":
        yield f"{where}: is missing"
    elif problem["type"] in {"ip_v4_network", "ip_v6_network"}:
        yield f"{where}: must be a network such as 10.0.0.0/8"
    else:
        for message in str(problem["msg"]).removeprefix("Value error, ").splitlines():
            yield _placed(where, message)


def _placed(where: str, message: str) -> str:
    """A rule about a whole table names its key itself."""
    table = _known_keys(tuple(where.split("."))) if where else ()
    return f"{where}{'.' if message.partition(':')[0] in table else ': '}{message}" if where else message


def key_of(path: Path, table: BaseModel) -> str | None:
    """The key whose value is this path, so that a problem with a file can name it."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, BaseModel):
            inner = key_of(path, value)
            if inner is not None:
                return f"{name}.{inner}"
        elif path in (value if isinstance(value, tuple) else (value,)):
            return name
    return None


def _known_keys(table: tuple[Any, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for name in table:
        annotation = model.model_fields[str(name)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return sorted(model.model_fields)
