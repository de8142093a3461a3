"""The files of normalizers/summary*.yaml in, checked rules out; a ConfigError names every fault with its line.

summary.yaml has the words, every summary-*.yaml beside it has rules.  docs/summary.md explains a rule.
"""

import re
from typing import Any, Final, NamedTuple

from stitcher.summary._files import Faults, Folder, Place, read_file
from stitcher.tables import IO_URING_OPS, RECORD_TYPES, SYSCALLS

#: rules of system calls, of records that speak before one, of records that speak where there is none
SECTIONS: Final = ("calls", "records", "alone")
#: first words of what a sentence says that stay as they are where it failed: "was denied"
UNBENT: Final = ("was", "had", "would", "met", "reported", "crashed")
DIRECTIONS: Final = ("inbound", "outbound", "local")

_HEAD: Final = ("kind", "id", "description")
_WORDS: Final = ("categories", "kinds", "verbs", "interpreters", "outcomes")
_VARIANT: Final = ("category", "action", "says", "outcome", "subject", "object", "from", "how", "process")
_RULE: Final = {"calls": ("calls", *_VARIANT, "when")} | dict.fromkeys(
    ("records", "alone"), ("types", "known_by", *_VARIANT, "when")
)
#: what a rule of calls may name; "*" is the rule of those that no other names
_CALLS: Final = frozenset(name for table in SYSCALLS.values() for name in table.values()) | {
    *IO_URING_OPS.values(),
    "*",
}
_TYPES: Final = frozenset(RECORD_TYPES.values())
_ACTION: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
_NAME: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")

#: names of fields, of which the first that is known counts
Ways = tuple[str, ...]


class Words(NamedTuple):
    """What summary.yaml has."""

    categories: tuple[str, ...]
    kinds: tuple[str, ...]
    verbs: dict[str, str]
    interpreters: tuple[str, ...]
    outcomes: dict[str, str]


class Meaning(NamedTuple):
    """What a rule says of an event; an empty `says` is made from the action."""

    category: str
    action: str
    says: str
    kind: str
    direction: str
    object: dict[str, Ways]
    #: names of fields, or one of success, failure and unknown
    outcome: Ways
    subject: dict[str, Ways]
    origin: Ways
    how: Ways
    process: dict[str, Ways]


class Condition(NamedTuple):
    """A rule means something else where a field of `words` has one of its words, and one of `also` too."""

    words: dict[str, tuple[str, ...]]
    also: dict[str, tuple[str, ...]]
    meaning: Meaning


class Rule(NamedTuple):
    """One rule of a section; `names` are its system calls or record types; it is one if it has one of `known_by`."""

    place: Place
    section: str
    names: tuple[str, ...]
    known_by: Ways
    meaning: Meaning
    when: tuple[Condition, ...]


class Rules(NamedTuple):
    """Everything that the files say."""

    words: Words
    rules: tuple[Rule, ...]
    auxiliary: frozenset[str]


def read_rules(folder: Folder, faults: Faults) -> Rules:
    """The rules of a folder; what is wrong with them is added to `faults`."""
    words = _words(folder / "summary.yaml", faults)
    reader = _Reader(words)
    for name in sorted(child.name for child in folder.iterdir()):
        if name.startswith("summary-") and name.endswith(".yaml"):
            reader.read(folder / name, faults)
    return Rules(words, tuple(reader.rules), frozenset(reader.auxiliary))


def _words(path: Folder, faults: Faults) -> Words:
    values, place = read_file(path, faults, "summary")
    _expect(place, values, (*_HEAD, *_WORDS), required=_WORDS)
    verbs = values.get("verbs")
    if not isinstance(verbs, dict) or not all(isinstance(word, str) for word in verbs.values()):
        place.fault("verbs", "expected verbs, each with what follows 'failed to'")
        verbs = {}
    outcomes: dict[str, str] = {}
    given = values.get("outcomes")
    for outcome, found in given.items() if isinstance(given, dict) else ():
        if outcome not in ("success", "failure"):
            place.unknown("outcomes", "outcome", outcome, ["success", "failure"])
        outcomes |= dict.fromkeys(_texts(place, "outcomes", found), str(outcome))
    lists = (_texts(place, key, values.get(key)) for key in ("categories", "kinds", "interpreters"))
    categories, kinds, interpreters = lists
    return Words(categories, kinds, verbs, interpreters, outcomes)


class _Reader:
    """Reads the files of rules, one after the other."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.rules: list[Rule] = []
        self.auxiliary: set[str] = set()
        self._calls: set[str] = set()
        self._says: dict[str, str] = {}

    def read(self, path: Folder, faults: Faults) -> None:
        values, place = read_file(path, faults, "summary")
        _expect(place, values, (*_HEAD, "auxiliary", *SECTIONS))
        for name in _texts(place, "auxiliary", values.get("auxiliary", [])):
            if name not in _TYPES:
                place.unknown("auxiliary", "record type", name, list(_TYPES))
            self.auxiliary.add(name)
        for section in SECTIONS:
            found = values.get(section, [])
            if not isinstance(found, list):
                place.fault(section, "expected a list of rules")
                continue
            for index, tree in enumerate(found):
                self._rule(place.rule(section, index), section, tree)

    def _rule(self, place: Place, section: str, tree: Any) -> None:
        if not isinstance(tree, dict):
            place.fault("", "expected a mapping")
            return
        key = _RULE[section][0]
        _expect(place, tree, _RULE[section], required=(key, "category", "action", "object"))
        names = _texts(place, key, tree.get(key))
        known, what = (_CALLS, "system call") if section == "calls" else (_TYPES, "record type")
        for name in names:
            if name not in known:
                place.unknown(key, what, name, list(known))
            elif section == "calls" and name in self._calls:
                place.fault(key, f"'{name}' has a rule already; a system call can have one", name)
            elif section == "calls":
                self._calls.add(name)
        base = self._meaning(place, tree, None)
        when = tuple(self._conditions(place, tree.get("when", []), base))
        known_by = () if section == "calls" else _ways(place, "known_by", tree.get("known_by", ()))
        self.rules.append(Rule(place, section, names, known_by, base, when))

    def _conditions(self, place: Place, given: Any, base: Meaning) -> list[Condition]:
        if not isinstance(given, list):
            place.fault("when", "expected a list")
            return []
        found: list[Condition] = []
        for tree in given:
            also = tree.get("and", {}) if isinstance(tree, dict) else None
            if not isinstance(also, dict) or not isinstance(tree.get("if"), dict):
                place.fault(
                    "when", "expected 'if' with fields and their words, perhaps 'and', and what is different then"
                )
                continue
            _expect(place, tree, ("if", "and", *_VARIANT))
            words = {field: _texts(place, "when", words) for field, words in tree["if"].items()}
            more = {field: _texts(place, "when", words) for field, words in also.items()}
            found.append(Condition(words, more, self._meaning(place, tree, base)))
        return found

    def _meaning(self, place: Place, tree: dict[str, Any], base: Meaning | None) -> Meaning:
        """What a rule or a condition says; what a condition leaves out is as in its rule."""
        category = tree.get("category", base and base.category)
        action = tree.get("action", base and base.action)
        if category not in self._words.categories:
            place.unknown("category", "category", category, list(self._words.categories))
        says = self._said(place, tree, str(action), base)
        kind, direction, parts = base[3:6] if base and "object" not in tree else self._object(place, tree.get("object"))
        before = base or Meaning("", "", "", "", "", {}, (), {}, (), (), {})
        subject = _parts(place, "subject", tree.get("subject", before.subject), ("login", "acting", "real"))
        process = _parts(place, "process", tree.get("process", before.process), ("name", "pid", "label"))
        return Meaning(
            str(category),
            str(action),
            says,
            kind,
            direction,
            parts,
            _ways(place, "outcome", tree.get("outcome", before.outcome)),
            subject,
            _ways(place, "from", tree.get("from", before.origin)),
            _ways(place, "how", tree.get("how", before.how)),
            process,
        )

    def _said(self, place: Place, tree: dict[str, Any], action: str, base: Meaning | None) -> str:
        """The words of a sentence; the same action says the same everywhere."""
        if not _ACTION.fullmatch(action):
            place.fault("action", f"'{action}': expected small words with - between them, a verb first", action)
        says = tree.get("says", base.says if base and "action" not in tree else action.replace("-", " "))
        verb = str(says).partition(" ")[0]
        if verb not in self._words.verbs and verb not in UNBENT:
            place.unknown("says" if "says" in tree else "action", "verb", verb, [*self._words.verbs, *UNBENT])
        if self._says.setdefault(action, str(says)) != says:
            place.fault("says", f"'{action}' says '{self._says[action]}' elsewhere; use one of them", action)
        return str(says)

    def _object(self, place: Place, tree: Any) -> tuple[str, str, dict[str, Ways]]:
        if not isinstance(tree, dict):
            place.fault("object", "expected a mapping with kind")
            return "", "", {}
        kind, direction = tree.get("kind"), tree.get("direction", "")
        if kind not in self._words.kinds:
            place.unknown("object", "kind", kind, list(self._words.kinds))
        if direction not in ("", *DIRECTIONS):
            place.unknown("object", "direction", direction, list(DIRECTIONS))
        for key in tree:
            if not _NAME.fullmatch(key):
                place.fault("object", f"'{key}': expected small letters and _", key)
        ways = {key: _ways(place, "object", way) for key, way in tree.items() if key not in ("kind", "direction")}
        return str(kind), str(direction), ways


def _expect(place: Place, values: dict[str, Any], known: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
    for key in values:
        if key not in known:
            place.unknown(key, "field", key, list(known))
    for key in required:
        if key not in values:
            place.fault(key, "the field is missing")


def _parts(place: Place, key: str, value: Any, known: tuple[str, ...]) -> dict[str, Ways]:
    if not isinstance(value, dict):
        place.fault(key, "expected a mapping")
        return {}
    _expect(place, value, known)
    return {part: _ways(place, key, ways) for part, ways in value.items()}


def _texts(place: Place, key: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    place.fault(key, f"expected a list of text, found {value!r}; numbers need quotes")
    return ()


def _ways(place: Place, key: str, value: Any) -> Ways:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else _texts(place, key, value)
