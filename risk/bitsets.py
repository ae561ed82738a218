"""Sets of small numbers as the ones of an integer: one operation works on thousands of them at once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import Final

_FEW: Final = 128
"""Ones that are taken away one by one in less time than a number takes to be written in digits, however long it is."""


def bits(number: int) -> list[int]:
    """The positions of the ones, ascending.

    Cost: of few ones, an operation on what is left for each, highest first so that ever less is left; of many, one pass
    over the digits.
    """
    found: list[int] = []
    if number.bit_count() <= _FEW:
        while number:
            place = number.bit_length() - 1
            found.append(place)
            number ^= 1 << place
        found.reverse()
        return found
    text = bin(number)
    last = len(text) - 1
    place = text.rfind("1")
    while place >= 0:
        found.append(last - place)
        place = text.rfind("1", 0, place)
    return found


def tallied(sets: Iterable[int]) -> list[int]:
    """In how many sets each bit stands: the binary digits of all the numbers, from the lowest, each a bitset.

    Cost: about two operations for a set.
    """
    digits: list[int] = []
    for one in sets:
        carry = one
        for place, digit in enumerate(digits):
            if not carry:
                break
            digits[place], carry = digit ^ carry, digit & carry
        if carry:
            digits.append(carry)
    return digits


def outweighing(sets: Collection[tuple[int, int]], spare: int) -> int:
    """The bits that stand in sets of a joint weight of more than `spare`.

    Formula: one counter for every bit, all of them kept in binary digits of which each is a bitset, and started so that
    `spare + 1` makes it overflow.
    Cost: about two operations for a set, whatever `spare` is; one where all sets must hold a bit.
    """
    total = 0
    for _, weight in sets:
        total += weight
    if total == spare + 1:
        return reduce(and_, [one for one, _ in sets])
    size = spare.bit_length()
    digits = [0] * size
    if start := (1 << size) - spare - 1:
        anywhere = reduce(or_, [one for one, _ in sets], 0)
        digits = [anywhere if start >> place & 1 else 0 for place in range(size)]
    found = 0
    for one, weight in sets:
        for place in (0,) if weight == 1 else bits(weight):
            carry = one
            for digit in range(place, size):
                digits[digit], carry = digits[digit] ^ carry, digits[digit] & carry
                if not carry:
                    break
            found |= carry
    return found


_PLANES = tuple(bytes(ord("0") + (byte >> place & 1) for byte in range(256)) for place in range(8))
"""For each place in a byte: the digit there, of every byte."""


def transposed(rows: Sequence[int], width: int) -> Iterator[int]:
    """For each of the first `width` bits the rows that hold it: bit 0 is the first row.

    Cost: one bit of work for each row and bit, thousands at a time: the rows as bytes, byte by byte down all rows, and
    of each of its eight places a number written in binary digits.
    """
    size = (width + 7) // 8
    table = b"".join(row.to_bytes(size, "little") for row in reversed(rows))
    for column in range(size if rows else 0):
        bytes_down = table[column::size]
        for place in range(min(8, width - 8 * column)):
            yield int(bytes_down.translate(_PLANES[place]), 2)
