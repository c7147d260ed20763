"""What a caller changes in a scenario, as the command's ``--set`` takes it."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any

from ._errors import InputError


def toml(value: Any) -> str:
    """A value as TOML."""
    if hasattr(value, "tolist"):  # numbers and arrays of NumPy, columns of pandas
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else {math.inf: "inf", -math.inf: "-inf"}.get(value, "nan")
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(key), ensure_ascii=False)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    raise InputError(
        f"found a value of type {type(value).__name__}; allowed numbers, texts, truth values, dates, and lists or mappings of them"
    )


def changes(values: Mapping[str, Any] | None) -> list[str]:
    """``{"path.to.key": value}`` as ``["path.to.key=value"]``."""
    if values is None:
        return []
    if not isinstance(values, Mapping):
        raise InputError(f"set: found {type(values).__name__}; allowed a mapping, such as {{'model.review_rate': 0.05}}")
    return [f"{key}={toml(value)}" for key, value in values.items()]


def day(value: datetime.date | str | None) -> str | None:
    """A date as text."""
    if isinstance(value, datetime.datetime):
        value = value.date()
    return value.isoformat() if isinstance(value, datetime.date) else value


def number(name: str, value: Any, least: int, most: int) -> int | None:
    """A whole number, also one of NumPy; ``None`` stays."""
    return None if value is None else needed_number(name, value, least, most)


def needed_number(name: str, value: Any, least: int, most: int) -> int:
    """The same where there must be one."""
    try:
        found = value.__index__()
    except AttributeError:
        found = None
    if found is None or isinstance(value, bool) or not least <= found <= most:
        raise InputError(f"{name}: found {value!r}; allowed a whole number from {least} to {most}")
    return int(found)


def users_of(value: Any) -> int | None:
    """A number of users; 0 stands for ``"full"``."""
    return 0 if isinstance(value, str) and value == "full" else number("users", value, 1, 2**32 - 2)
