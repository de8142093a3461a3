"""Rules in, functions from the values of an event to its summary out.

Nothing of a rule is looked up by name while events run: fields are places in a tuple, words are in closures.
"""

import re
from collections.abc import Callable
from fnmatch import translate
from typing import Any, Final

from stitcher.summary._computed import COMPUTED
from stitcher.summary._rules import Condition, Meaning, Rule, Words
from stitcher.summary._sources import EMPTY, NOTHING, Fields, Nothing, Source, Tree, Values

Summary = dict[str, object]
Tell = Callable[[Values, Tree], Summary]
Part = Callable[[Values, Tree, Summary], None]
Test = Callable[[Values, Tree], bool]

#: a rule's fields where it names none: of a system call, and of another record, which a system call may be beside
_OUTCOME_OF_CALL: Final = ("URINGOP.success", "SYSCALL.success")
_HOW_OF_CALL: Final = (".exe",)
_PROCESS_OF_CALL: Final = {"name": (".comm",), "pid": (".pid",)}
_SUBJECT_OF_CALL: Final = {"login": (".auid",), "acting": (".euid", ".uid"), "real": (".uid",)}
_OUTCOME: Final = (".msg.res", ".msg.result", ".res", *_OUTCOME_OF_CALL)
_HOW: Final = (".msg.exe", ".exe", "SYSCALL.exe")
_PROCESS: Final = {"name": (".comm", "SYSCALL.comm"), "pid": (".pid", "SYSCALL.pid")}
_ORIGIN: Final = (".msg.addr", ".msg.hostname")
_SUBJECT: Final = {
    "login": (".auid", "SYSCALL.auid"),
    "acting": (".euid", ".uid", "SYSCALL.euid", "SYSCALL.uid"),
    "real": (".uid", "SYSCALL.uid"),
}
_FIXED: Final = ("success", "failure", "unknown")
_EXITS: Final = ("records.URINGOP.value.exit", "records.SYSCALL.value.exit")
_VERSION: Final = "0123456789.-"


class Compiler:
    """Makes functions of rules; `fields` holds what they read."""

    def __init__(self, words: Words) -> None:
        self.fields = Fields(COMPUTED)
        self._outcomes = words.outcomes
        self._interpreters = frozenset(words.interpreters)

    def tell(self, rule: Rule) -> Tell:
        """What a rule says; raises ValueError for a field that does not exist."""
        of_call = rule.section == "calls"
        tell = self._meaning(rule.meaning, of_call)
        if not rule.when:
            return tell
        tests = [(self._both(one, of_call), self._meaning(one.meaning, of_call)) for one in rule.when]

        def choose(values: Values, own: Tree) -> Summary:
            for test, other in tests:
                if test(values, own):
                    return other(values, own)
            return tell(values, own)

        return choose

    def _both(self, condition: Condition, of_call: bool) -> Test:
        one = self._test(condition.words, of_call)
        if not condition.also:
            return one
        also = self._test(condition.also, of_call)
        return lambda values, own: one(values, own) and also(values, own)

    def _test(self, fields: dict[str, tuple[str, ...]], of_call: bool) -> Test:
        tests = [(self.fields.source(way, of_call), _match(words)) for way, words in fields.items()]

        def test(values: Values, own: Tree) -> bool:
            for source, match in tests:
                found = source(values, own)
                if found is not None and match(found):
                    return True
            return False

        return test

    def _meaning(self, meaning: Meaning, of_call: bool) -> Tell:
        category, action, kind, direction = meaning.category, meaning.action, meaning.kind, meaning.direction
        result = self._result(meaning, of_call)
        subject = self._subject(meaning, of_call)
        parts = [(key, self._first(ways, of_call)) for key, ways in meaning.object.items()]
        origin = self.fields.first_of(meaning.origin or (() if of_call else _ORIGIN), of_call)
        how, process = self._how(meaning, of_call), self._process(meaning, of_call)
        always = bool(meaning.process)

        def tell(values: Values, own: Tree) -> Summary:
            summary: Summary = {"category": category, "action": action}
            result(values, own, summary)
            subject(values, own, summary)
            thing: dict[str, Any] = {"kind": kind}
            if direction:
                thing["direction"] = direction
            for key, source in parts:
                found = source(values, own)
                if found is not None:
                    if type(found) is dict:
                        thing.update(found)
                    else:
                        thing[key] = found
            summary["object"] = thing
            if origin is not None and (place := origin(values, own)) is not None:
                summary["from"] = place
            if how is not None:
                how(values, own, summary)
            if process is not None and (always or "how" not in summary):
                process(values, own, summary)
            return summary

        return tell

    def _first(self, ways: tuple[str, ...], of_call: bool, nothing: Nothing = NOTHING) -> Source:
        return self.fields.first_of(ways, of_call, nothing) or (lambda _values, _own: None)

    def _result(self, meaning: Meaning, of_call: bool) -> Part:
        """How it went, and with what error."""
        ways = meaning.outcome or (_OUTCOME_OF_CALL if of_call else _OUTCOME)
        if ways[0] in _FIXED:
            return lambda _values, _own, summary: summary.__setitem__("outcome", ways[0])
        source, outcomes = self._first(ways, of_call), self._outcomes
        of_ring, of_syscall = (self.fields.index(path) for path in _EXITS)

        def result(values: Values, own: Tree, summary: Summary) -> None:
            word = source(values, own)
            outcome = outcomes.get(word)
            if outcome is None:
                outcome = outcomes.get(word.lower(), "unknown") if type(word) is str else "unknown"
            summary["outcome"] = outcome
            if outcome == "failure":
                code = values[of_ring] or values[of_syscall]
                if type(code) is str and code.endswith(")"):
                    summary["error"] = code.partition("(")[0]

        return result

    def _subject(self, meaning: Meaning, of_call: bool) -> Part:
        """Who: the login, who acts, and the real user where that is a third."""
        ways = (_SUBJECT_OF_CALL if of_call else _SUBJECT) | meaning.subject
        login_of = self._first(ways["login"], of_call, EMPTY)
        acting_of, real_of = (self._first(ways[key], of_call) for key in ("acting", "real"))

        def subject(values: Values, own: Tree, summary: Summary) -> None:
            login, acting, real = login_of(values, own), acting_of(values, own), real_of(values, own)
            if acting is None:
                if login is not None:
                    summary["subject"] = {"login": login}
                return
            who = {"acting": acting} if login is None else {"login": login, "acting": acting}
            if real is not None and real != acting and real != login:
                who["real"] = real
            summary["subject"] = who

        return subject

    def _how(self, meaning: Meaning, of_call: bool) -> Part | None:
        """With what program, and with which script where that is an interpreter."""
        ways = meaning.how or (_HOW_OF_CALL if of_call else _HOW)
        if ways == ("nothing",):
            return None
        source, comm = self._first(ways, of_call), self._first((".comm", "SYSCALL.comm"), of_call)
        scripted = "<interpreter>" not in ways

        def how(values: Values, own: Tree, summary: Summary) -> None:
            program = source(values, own)
            if program is None:
                return
            summary["how"] = program
            name = comm(values, own) if scripted else None
            if name is not None and not program.endswith(name):
                script = self._script(program, name)
                if script is not None:
                    summary["script"] = script

        return how

    def _process(self, meaning: Meaning, of_call: bool) -> Part | None:
        """Which process, where no program is known: it can call itself as it likes."""
        if meaning.how and not meaning.process:
            return None
        ways = meaning.process or (_PROCESS_OF_CALL if of_call else _PROCESS)
        parts = [(key, self._first(fields, of_call)) for key, fields in ways.items()]
        needed = "" if meaning.process else "name"

        def process(values: Values, own: Tree, summary: Summary) -> None:
            found = {key: value for key, source in parts if (value := source(values, own)) is not None}
            if found and (not needed or needed in found):
                summary["process"] = found

        return process

    def _script(self, program: str, name: str) -> str | None:
        """The name of a process that runs somebody's interpreter, if that is not the interpreter's own."""
        own = program.rpartition("/")[2]
        if own.startswith(name) or own.rstrip(_VERSION) not in self._interpreters:
            return None
        return None if name.rstrip(_VERSION) in self._interpreters else name


def _match(words: tuple[str, ...]) -> Callable[[Any], bool]:
    """Is a value one of the words, or has it one among its own?  A word with a * is a pattern for the whole value."""
    plain = tuple(word for word in words if "*" not in word)
    pattern = re.compile("|".join(translate(word) for word in words if "*" in word) or "(?!)")

    def has(found: Any) -> bool:
        if type(found) is not str:
            return isinstance(found, list) and any(map(has, found))
        for word in plain:  # noqa: SIM110 - three times as fast as any()
            if word in found and (word == found or word in found.replace(",", "|").split("|")):
                return True
        return False

    if len(plain) == len(words):
        return has
    return lambda found: has(found) or (type(found) is str and pattern.match(found) is not None)
