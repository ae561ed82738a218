"""What a file says before anybody knows what it means: texts, lists and tables that remember where they stand.

Every value stays the text that was written, so that `99.90` keeps its digits and `NO` stays a country. YAML and sheets
both come to this form; only `importers/native` gives it a meaning.
"""

from itertools import islice
from typing import Final, Self

from topology.errors import Place

Spot = int | Place
"""A line and column of the file in one number (a million nodes pass through here), or the place of a cell."""
_COLUMN_BITS: Final = 24


class Text(str):
    """A scalar as written."""

    __slots__ = ("spot",)
    spot: Spot

    def __new__(cls, value: str, spot: Spot) -> Self:
        """Make `value` remember that it stands at `spot`."""
        text = super().__new__(cls, value)
        text.spot = spot
        return text


class Items(list["Node"]):
    """A list; it stands where it begins."""

    __slots__ = ("spot",)

    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.spot = spot


class Table(dict[str, "Node"]):
    """A mapping whose keys are texts too. `flawed` tells that not all of it could be understood."""

    __slots__ = ("_spots", "flawed", "spot")

    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.spot = spot
        self.flawed = False
        self._spots: dict[str, Spot] = {}

    def key_spot(self, key: str) -> Spot:
        """Where `key` stands; the table's own spot where it does not.

        Cost: a look at each key once, however often it is asked. Keys are only ever added.
        """
        for known in islice(self, len(self._spots), None):
            self._spots[known] = known.spot if isinstance(known, Text) else self.spot
        return self._spots.get(key, self.spot)


Node = Text | Items | Table | None
"""None stands for a value that was left empty."""


def spot_at(line: int, column: int) -> Spot:
    """The spot of a line and a column, both counted from 1."""
    return line << _COLUMN_BITS | min(column, (1 << _COLUMN_BITS) - 1)


def place_of(spot: Spot, file: str) -> Place:
    """The place that a spot names in `file`."""
    if isinstance(spot, Place):
        return spot
    return Place(file, spot >> _COLUMN_BITS, spot & ((1 << _COLUMN_BITS) - 1))
