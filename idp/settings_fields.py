"""What settings are made of: tables that know their keys, paths beside the file, patterns, and spans of time with bounds."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

SessionTime = Annotated[timedelta, Field(ge=timedelta(minutes=1), le=timedelta(days=30))]
LoginTime = Annotated[timedelta, Field(ge=timedelta(minutes=5), le=timedelta(days=1))]
LinkTime = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=365))]
ConsentTime = Annotated[timedelta, Field(ge=timedelta(days=1), le=timedelta(days=3650))]


def _usable_pattern(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as problem:
        raise ValueError(f"must be a regular expression: {problem}") from None
    return value


Pattern = Annotated[str, AfterValidator(_usable_pattern)]


class Table(BaseModel):
    """A table of the settings: unknown keys are refused, and a key's docstring is its comment in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, validate_default=True)


def path_beside(value: Path, info: ValidationInfo) -> Path:
    """The path, relative to the settings file."""
    base = (info.context or {}).get("base", Path())
    return value if value.is_absolute() else base / value
