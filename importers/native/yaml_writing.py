"""An outline as YAML that a person would have written: one line for what is short, a block for what is long."""

import json
import re
from collections.abc import Iterator
from typing import Final

from importers.native.outline import Outline
from importers.native.plain import Bare, Plain, head, sections

_WIDTH: Final = 110
_SAFE: Final = re.compile(r"[^\W_](?:[\w .+/%()<>=-]*[\w.+/%()-])?")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_NUMBER: Final = re.compile(r"[-+]?(?:0x[\da-f_]+|[\d_.,]*\d[\d_.,]*(?:e[-+]?[\d_]*)?|0[ob][\d_]*)", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*")


def write_yaml(whole: Outline) -> bytes:
    """The outline as a native YAML file in UTF-8."""
    lines = ["# Underpin native format, version 1."]
    lines += [f"{key}: {_flow(value)}" for key, value in head(whole).items()]
    for name, items in sections(whole).items():
        lines += ["", f"{name}:"]
        for item in items:
            lines += _item(item, 2)
    return ("\n".join(lines) + "\n").encode()


def _item(item: Plain, indent: int) -> Iterator[str]:
    """One line of a list, in as many lines as it takes."""
    flow = _flow(item)
    if not isinstance(item, dict) or indent + 2 + len(flow) <= _WIDTH:
        yield f"{' ' * indent}- {flow}"
        return
    start = f"{' ' * indent}- "
    for key, value in item.items():
        shown = f"{_scalar(key)}: {_flow(value)}"
        if isinstance(value, list) and indent + 2 + len(shown) > _WIDTH:
            yield f"{start}{_scalar(key)}:"
            for inner in value:
                yield from _item(inner, indent + 4)
        else:
            yield f"{start}{shown}"
        start = " " * (indent + 2)


def _flow(value: Plain) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value)


def _scalar(text: str) -> str:
    """A text as it is where no reader, of YAML 1.1 or 1.2, takes it for anything else; in double quotes otherwise."""
    loose = text.lower() in _WORDS or _NUMBER.fullmatch(text) or _DATE.fullmatch(text)
    bare = _SAFE.fullmatch(text) and (isinstance(text, Bare) or not loose)
    return text if bare else json.dumps(text, ensure_ascii=False)
