"""How counts are said in a sentence."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 file`, `2 files`, `2 entities`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}".replace(",", " ")
