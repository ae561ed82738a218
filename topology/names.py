"""What can be a key or a name, of things, sources and scopes, and what a reason may hold."""

import re
from typing import Final

from topology.errors import Issue

LONGEST_NAME: Final = 200
"""Characters of a key or name; every store holds that many."""
LONGEST_TEXT: Final = 30_000
"""Characters of a free text: what a cell of a workbook can hold, less a little."""
LONGEST_REASON: Final = 2_000
"""Characters of a reason."""
UNNAMED_GROUP: Final = re.compile(r"g\d+|soft")
"""What a sheet writes where a group has no name; so no group can be called that."""
_CONTROLS: Final = "\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
_CONTROL: Final = re.compile(f"[{_CONTROLS}]")
_UNSHOWN: Final = re.compile(f"[\t\n{_CONTROLS}]")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._+-]*")
_KEY: Final = re.compile(rf"[a-z0-9][a-z0-9._+-]*(?::(?!\s)[^\t\n{_CONTROLS}]+(?<!\s))?")
_LETTERS: Final = "use small letters, digits and . _ + -"


def is_native_id(text: str) -> bool:
    """Whether a text can be the id of something that no importer of another format brought."""
    return _ID.fullmatch(text) is not None and len(text) <= LONGEST_NAME


def is_key(text: str) -> bool:
    """Whether a text can be a key: a native id, or what any other source calls it with `source:` in front."""
    return len(text) <= LONGEST_NAME and _KEY.fullmatch(text) is not None


def has_control(text: str, *, one_line: bool = False) -> bool:
    """Whether a text holds a character that cannot be shown; in one line tabs and ends of lines cannot either."""
    return (_UNSHOWN if one_line else _CONTROL).search(text) is not None


def shown(text: str) -> str:
    """A name that somebody else gave, such as a file's: one short line, with `?` for what cannot be shown."""
    return _UNSHOWN.sub("?", text)[:LONGEST_NAME]


def key_issue(text: str, path: tuple[str, ...] = ()) -> Issue | None:
    """What is wrong with a key."""
    if is_key(text):
        return None
    if len(text) > LONGEST_NAME:
        message = f'"{shown(text)[:40]}..." has {len(text)} characters; a key has at most {LONGEST_NAME}'
        return Issue("UP-KEY-LONG", message, path, "shorten it")
    hint = f"{_LETTERS}; source:id for another source's"
    return Issue("UP-KEY", f'"{shown(text)[:80]}" cannot be a key', path, hint)


def id_issue(text: str, path: tuple[str, ...] = ()) -> Issue | None:
    """What is wrong with a key that a person gives to something new."""
    if is_native_id(text) or not is_key(text):
        return key_issue(text, path)
    message = f'"{shown(text)[:80]}" cannot be the id of something new'
    return Issue("UP-ID", message, path, f"{_LETTERS}; a colon stands in keys of other sources")


def source_issue(text: str, path: tuple[str, ...] = ()) -> Issue | None:
    """What is wrong with the name of a source."""
    if is_native_id(text):
        return None
    hint = f"{_LETTERS}, at most {LONGEST_NAME} characters"
    return Issue("UP-SOURCE", f'"{shown(text)[:80]}" cannot be a source', path, hint)


def scope_issue(text: str, path: tuple[str, ...] = ()) -> Issue | None:
    """What is wrong with the name of a scope; the empty one is the whole source."""
    if text == text.strip() and len(text) <= LONGEST_NAME and not has_control(text, one_line=True):
        return None
    hint = f"write one line of at most {LONGEST_NAME} characters, with no space at its ends"
    return Issue("UP-SCOPE", f'"{shown(text)[:80]}" cannot be a scope', path, hint)


def reason_issue(text: str, path: tuple[str, ...] = ()) -> Issue | None:
    """What is wrong with the reason of a change."""
    if not text.strip():
        return Issue("UP-REASON", "a change needs a reason", path, "say why, in a few words")
    if len(text) > LONGEST_REASON:
        message = f"the reason has {len(text)} characters; at most {LONGEST_REASON} are kept"
        return Issue("UP-REASON", message, path, "shorten it")
    return text_issue(text, path)


def text_issue(text: str, path: tuple[str, ...] = ()) -> Issue | None:
    """What is wrong with a free text."""
    if has_control(text):
        return Issue("UP-TEXT", "the text holds a control character", path, "leave it out")
    if len(text) > LONGEST_TEXT:
        return Issue("UP-TEXT", f"the text has more than {LONGEST_TEXT} characters", path, "shorten it, or link to it")
    return None
