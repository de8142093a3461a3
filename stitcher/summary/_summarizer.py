"""The values of an event's fields in, its summary out; which rule speaks is one look into a table."""

from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any, Final

from stitcher.kernel._paths import compile_path
from stitcher.resources import shipped
from stitcher.summary._compile import Compiler, Summary, Tell
from stitcher.summary._computed import CALL, RING
from stitcher.summary._files import Faults, Folder
from stitcher.summary._rules import UNBENT, Rule, Rules, read_rules
from stitcher.summary._sources import Tree, Values, text

#: how many summaries the rule of a system call keeps before it begins anew
_KEPT: Final = 1024
#: the name of the rule for system calls that no other is about
OTHER: Final = "*"


class Summarizer:
    """Answers what an event is about; made of the rules of a folder, which is read once."""

    #: the paths that the rules look at, each once
    reads: tuple[str, ...]
    #: the summary from the values of `reads`; {} where there is nothing to say
    answer: Callable[..., Summary]
    #: the place among `reads` of the records that may speak for an event
    records: int
    #: by path the system calls whose rules look at it, if no rule of a record does
    of_calls: dict[str, frozenset[str]]

    def __init__(self, folder: Folder) -> None:
        """Raises ConfigError with every fault of the files."""
        faults = Faults()
        self.rules = read_rules(folder, faults)
        compiler = Compiler(self.rules.words)
        for path in (CALL, RING):  # the first two values
            compiler.fields.index(path)
        self._records = _Records(self.rules, compiler)
        of_records = compiler.fields.asked.copy()
        self._calls, of_calls = _calls(self.rules, compiler)
        faults.end()
        self._said = _phrases(self.rules)
        types = "|".join(self._records.types) or "EOE"  # which is in no event
        self.records = records = compiler.fields.index(f"records.{types}[*]")
        self.reads = tuple(compiler.fields.paths)
        self.of_calls = {self.reads[at]: frozenset(calls) for at, calls in of_calls.items() if at not in of_records}
        self._readers = [compile_path(path) for path in self.reads]
        summary = self._summary
        self.answer = lambda *values: summary(values, values[records])[0]

    def of(self, event: Tree) -> Summary:
        """The summary of an event as a tree, of whatever shape."""
        found = event.get("records")
        records = [tree for tree in found if isinstance(tree, dict)] if isinstance(found, list) else []
        clean = {"records": [tree for tree in records if isinstance(tree.get("type"), str)]}
        return self.answer(*[reader(clean) for reader in self._readers])

    def phrase(self, action: str, failed: bool) -> str:
        """What a sentence says of an action: "opened file", "failed to open file"; "" for one that no rule has."""
        return self._said.get(action, ("", ""))[failed]

    def speak(self, values: Values) -> tuple[Summary, Tree]:
        """The summary, and the record it is about ({} for a system call); more values may follow those of `reads`."""
        return self._summary(values, values[self.records])

    def _summary(self, values: Values, records: list[Tree]) -> tuple[Summary, Tree]:
        """`records` are those that may speak for the event."""
        call = values[1] or values[0]
        if records:
            tell, own = self._records.speaker(records, call is not None)
            if tell is not None:
                return tell(values, own), own
        if call is None:
            return {}, _NO_RECORD
        tell_call = self._calls.get(call if type(call) is str else text(call) or "") or self._calls[OTHER]
        return tell_call(values, _NO_RECORD), _NO_RECORD


_NO_RECORD: Final[Tree] = {}


class _Records:
    """Rules by record type."""

    def __init__(self, rules: Rules, compiler: Compiler) -> None:
        #: type -> (rank, has to have one of these, tell); what speaks only alone ranks last
        self._rules: dict[str, list[tuple[int, tuple[str, ...], Tell]]] = {}
        ordered = sorted(
            (rule for rule in rules.rules if rule.section != "calls"), key=lambda rule: rule.section == "alone"
        )
        self._before_calls = sum(rule.section == "records" for rule in ordered)
        self._all = len(ordered)
        for rank, rule in enumerate(ordered):
            tell = _told(compiler, rule)
            known_by = tuple(way.removeprefix(".") for way in rule.known_by)
            for name in rule.names:
                self._rules.setdefault(name, []).append((rank, known_by, tell))
        self.types = tuple(self._rules)

    def speaker(self, records: list[Tree], has_call: bool) -> tuple[Tell | None, Tree]:
        """The rule that stands first, and the record that it is about."""
        best = self._before_calls if has_call else self._all
        found: tuple[Tell | None, Tree] = (None, _NO_RECORD)
        for tree in records:
            for rank, known_by, tell in self._rules[tree["type"]]:
                if rank < best and (not known_by or _has_one(tree, known_by)):
                    best, found = rank, (tell, tree)
        return found


def _has_one(tree: Tree, keys: tuple[str, ...]) -> bool:
    fields = tree.get("fields")
    return isinstance(fields, dict) and any(key in fields for key in keys)


@cache
def summarizer() -> Summarizer:
    """The shipped rules, read at the first call."""
    return Summarizer(shipped("normalizers"))


def _calls(rules: Rules, compiler: Compiler) -> tuple[dict[str, Tell], dict[int, set[str]]]:
    """Rules by system call, and by the places of the values who looks at them."""
    found: dict[str, Tell] = {OTHER: lambda _values, _own: {}}
    asked: dict[int, set[str]] = {}
    for rule in rules.rules:
        if rule.section == "calls":
            compiler.fields.asked.clear()
            tell = _told(compiler, rule)
            found |= dict.fromkeys(rule.names, _remembering(tell, sorted(compiler.fields.asked)))
            for at in compiler.fields.asked:
                asked.setdefault(at, set()).update(rule.names)
    return found, asked


def _remembering(tell: Tell, places: list[int]) -> Tell:
    """The same rule, which tells once what a log says again; its summaries are not to be changed."""
    pick = itemgetter(*places)
    kept: dict[Any, Summary] = {}

    def remembered(values: Values, own: Tree) -> Summary:
        key = pick(values)
        try:
            found = kept.get(key)
        except TypeError:  # lists of names
            key = tuple([tuple(one) if type(one) is list else one for one in key])
            try:
                found = kept.get(key)
            except TypeError:  # an object: a socket address
                return tell(values, own)
        if found is None:
            if len(kept) >= _KEPT:
                kept.clear()
            found = kept[key] = tell(values, own)
        return found

    return remembered


def _told(compiler: Compiler, rule: Rule) -> Tell:
    try:
        return compiler.tell(rule)
    except ValueError as cause:
        message = str(cause)
        rule.place.fault("", message, message.partition("'")[2].partition("'")[0])
        return lambda _values, _own: {}


def _phrases(rules: Rules) -> dict[str, tuple[str, str]]:
    """For each action what is said where it was done, and where it failed."""
    found: dict[str, tuple[str, str]] = {}
    for rule in rules.rules:
        for meaning in (rule.meaning, *(condition.meaning for condition in rule.when)):
            verb, _, rest = meaning.says.partition(" ")
            bent = f"failed to {rules.words.verbs.get(verb, verb)} {rest}".rstrip()
            found[meaning.action] = (meaning.says, meaning.says if verb in UNBENT else bent)
    return found
