"""The values of a field and of a condition in, whether an operator holds out; nothing raises, whatever the values are.

A value is text, a number, true or false, a list of these, or something else, for which no operator holds.  None, an
empty text and an empty list are missing.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from operator import ge, gt, le, lt
from typing import Final

from stitcher.core.regexps import compile_pattern
from stitcher.errors import ConfigError

Number = int | float
Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

#: texts that are numbers where they are compared with a number; longer ones are none
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}")
#: the longest text of an address: IPv4 inside of IPv6, and the name of an interface
_LONGEST_ADDRESS: Final = 64
#: addresses whose answer is remembered, for each condition
_REMEMBERED: Final = 4096
#: how far down a category is looked for
_TI_LEVELS: Final = 4
#: bits of a number
BITS: Final = 64


def is_missing(value: object) -> bool:
    """True for what no operator but the negated ones holds for."""
    return value is None or value == "" or (isinstance(value, list | tuple | dict) and not value)


def number_of(value: object) -> Number | None:
    """The number that a value is, or that its text says in decimal digits."""
    if isinstance(value, str):
        if not _DECIMAL.fullmatch(value):
            return None
        return float(value) if "." in value else int(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def text_of(value: object) -> str | None:
    """The text that a single value is written as; None where it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        try:
            return str(value)
        except ValueError:  # a number of thousands of digits
            return None
    return None


def singles(value: object) -> Iterable[object]:
    """The elements of a list; a single value as it is."""
    return value if isinstance(value, list | tuple) else (value,)


def texts(value: object) -> Iterator[str]:
    """The texts of a value or of the elements of a list; an empty text is none."""
    for one in singles(value):
        if text := text_of(one):
            yield text


class Equals:
    """Is a value one of these?  As numbers where one side is a number and the other says one, else as texts."""

    __slots__ = ("exact", "numbers", "texts", "told")

    def __init__(self, values: Iterable[object], fold: bool) -> None:
        every = list(values)
        self.exact = not fold
        self.texts = {text.casefold() if fold else text for text in texts(every)}
        self.numbers = {one for one in every if isinstance(one, int | float) and not isinstance(one, bool)}
        #: the numbers that texts say: for values that are numbers
        self.told = {number for one in every if (number := number_of(one)) is not None} - self.numbers

    def text(self, text: str) -> bool:
        """For a text that is not empty."""
        if (text if self.exact else text.casefold()) in self.texts:
            return True
        return bool(self.numbers) and number_of(text) in self.numbers

    def value(self, left: object) -> bool:
        """For any value."""
        for one in singles(left):
            if isinstance(one, str):
                if one and self.text(one):
                    return True
            elif isinstance(one, bool):
                if text_of(one) in self.texts:
                    return True
            elif isinstance(one, int | float) and (one in self.numbers or one in self.told):
                return True
        return False


class Ordered:
    """Is a value less, or more, than one of these?  Only numbers are; of all of these the farthest decides."""

    __slots__ = ("_holds", "_limit")

    def __init__(self, op: str, values: Iterable[object]) -> None:
        numbers = [number for one in values if (number := number_of(one)) is not None and number == number]
        self._holds: Callable[[Number, Number], bool] = _ORDER[op]
        self._limit: Number | None = None
        if numbers:
            self._limit = max(numbers) if op in ("<", "<=") else min(numbers)

    def value(self, left: object) -> bool:
        """For any value."""
        if self._limit is None:
            return False
        holds, limit = self._holds, self._limit
        return any((number := number_of(one)) is not None and holds(number, limit) for one in singles(left))

    text = value


class Bits:
    """Has a whole number one of these bits?  Bit 0 is the last one of its binary form."""

    __slots__ = ("_mask",)

    def __init__(self, values: Iterable[object]) -> None:
        self._mask = 0
        for one in values:
            number = number_of(one)
            if isinstance(number, int) and 0 <= number < BITS:
                self._mask |= 1 << number

    def value(self, left: object) -> bool:
        """For any value."""
        return any(self._has(one) for one in singles(left))

    text = value

    def _has(self, value: object) -> bool:
        if isinstance(value, str) and not _WHOLE.fullmatch(value):
            return False
        number = number_of(value)
        if isinstance(number, float):
            number = int(number) if number.is_integer() else None
        return number is not None and number & self._mask != 0


class Subnets:
    """Is an address in one of these networks?"""

    __slots__ = ("_networks", "_short")

    def __init__(self, values: Iterable[object], remember: bool) -> None:
        """`remember` the answers: not for networks that are asked once."""
        self._networks = [network for one in values if (network := _network(one)) is not None]
        self._short: Callable[[str], bool] = lru_cache(_REMEMBERED)(self._test) if remember else self._test

    def text(self, text: str) -> bool:
        """For a text; one that is too long for an address is not remembered either."""
        return len(text) <= _LONGEST_ADDRESS and self._short(text)

    def value(self, left: object) -> bool:
        """For any value; a number is no address."""
        return any(isinstance(one, str) and self.text(one) for one in singles(left))

    def _test(self, text: str) -> bool:
        return any(
            address.version == network.version and address in network
            for address in _addresses(text)
            for network in self._networks
        )


class Table:
    """Is a text a key of one of these dictionaries?"""

    __slots__ = ("_tables",)

    def __init__(self, tables: list[Container[str]]) -> None:
        self._tables = tables

    def text(self, text: str) -> bool:
        """For a text that is not empty."""
        return any(text in table for table in self._tables)

    def value(self, left: object) -> bool:
        """For any value."""
        return any(self.text(text) for text in texts(left))


class Detected:
    """Has threat intelligence an entry, or one of these categories?"""

    __slots__ = ("_names",)

    def __init__(self, values: Iterable[object]) -> None:
        self._names = frozenset(texts(list(values)))

    def value(self, left: object) -> bool:
        """For what enrichment put into the field."""
        return _has_category(left, self._names) if self._names else not is_missing(left)

    text = value


class Texts:
    """Does a test hold for a text?"""

    __slots__ = ("text",)

    def __init__(self, text: Callable[[str], bool]) -> None:
        self.text = text

    def value(self, left: object) -> bool:
        """For any value."""
        return any(self.text(text) for text in texts(left))


def contains(words: Iterable[str], fold: bool) -> Callable[[str], bool]:
    """A test of texts: does one of the words stand in it?"""
    wanted = _words(words, fold)
    if len(wanted) != 1:
        return lambda text: any(word in _folded(text, fold) for word in wanted)
    word = wanted[0]
    if fold:
        return lambda text: word in text.casefold()
    return lambda text: word in text


def starts_with(words: Iterable[str], fold: bool) -> Callable[[str], bool]:
    """A test of texts: does it begin with one of the words?"""
    wanted = _words(words, fold)
    if fold:
        return lambda text: text.casefold().startswith(wanted)
    return lambda text: text.startswith(wanted)


def ends_with(words: Iterable[str], fold: bool) -> Callable[[str], bool]:
    """A test of texts: does it end with one of the words?"""
    wanted = _words(words, fold)
    if fold:
        return lambda text: text.casefold().endswith(wanted)
    return lambda text: text.endswith(wanted)


def matches(patterns: Iterable[str], fold: bool) -> Callable[[str], bool]:
    """A test of texts: is one of the patterns found in it?  Raises ConfigError where one is none."""
    searches = [compile_pattern(pattern, fold).search for pattern in patterns]
    if len(searches) == 1:
        search = searches[0]
        return lambda text: search(text) is not None
    return lambda text: any(search(text) is not None for search in searches)


def check_network(text: str) -> None:
    """Raises ConfigError where it is no network, or where bits behind its prefix are set."""
    try:
        ip_network(text)
    except ValueError as cause:
        try:
            meant = ip_network(text, strict=False)
        except ValueError:
            raise ConfigError(f"expected a network such as 10.0.0.0/8 or fd00::/8, found {text[:60]!r}") from cause
        raise ConfigError(f"{text!r} has bits behind its prefix; write '{meant}'") from cause


def _words(words: Iterable[str], fold: bool) -> tuple[str, ...]:
    return tuple(word.casefold() if fold else word for word in words)


def _folded(text: str, fold: bool) -> str:
    return text.casefold() if fold else text


def _network(value: object) -> Network | None:
    if isinstance(value, str) and len(value) <= _LONGEST_ADDRESS:
        try:
            return ip_network(value, strict=False)
        except ValueError:
            return None
    return None


def _addresses(text: str) -> tuple[Address, ...]:
    """The address of a text; also the IPv4 address inside of an IPv6 one."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ()
    inside = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (address, inside) if inside else (address,)


def _has_category(value: object, names: frozenset[str]) -> bool:
    """Is one of the names a key, or what `category` says, of entries or of what is in them, four levels down?"""
    level: list[object] = [value]
    for _ in range(_TI_LEVELS):
        level = [inner for one in level for inner in singles(one)]
        mappings = [one for one in level if isinstance(one, dict)]
        for one in mappings:
            told = (text for key in one if str(key).lower() == "category" for text in texts(one[key]))
            if not names.isdisjoint(map(str, one)) or not names.isdisjoint(told):
                return True
        level = [inner for one in mappings for inner in one.values()]
    return False


_ORDER: Final[dict[str, Callable[[Number, Number], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
