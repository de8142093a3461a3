"""The model of a normalizer in, the tree that reads lines out: all is compiled once."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from stitcher import config
from stitcher.config import Faults, Read
from stitcher.config._conversions import chain, zone_of
from stitcher.config._faults import quote
from stitcher.config._model import Loc
from stitcher.config.normalizer import RAW, Extra, Normalizer, Rule
from stitcher.core import mapping as core
from stitcher.core import normalizer as runtime
from stitcher.core.conditions import compile_condition
from stitcher.core.sources import RAW as LINE
from stitcher.errors import ConfigError

#: rules in one another
MAX_DEPTH: Final = 16
#: rules of one tree; a normalizer that is named twice counts twice
MAX_RULES: Final = 1024

#: id -> the normalizer of that id, and its document; None if there is none
Find = Callable[[str], Read | None]


def build(read: Read, find: Find, faults: Faults) -> runtime.Normalizer | None:
    """The tree of a normalizer; None if something is wrong, which is then in `faults`."""
    before = len(faults.found)
    builder = _Builder(find, faults)
    model = _normalizer(read)
    if model.parse is None:
        faults.add(read.document, ("parse",), "the field is missing; a main rule parses lines")
    rule = builder.file(read, ())
    return runtime.Normalizer(rule, model.keep_raw, model.keep_extra) if len(faults.found) == before else None


def load(path: Path | Traversable, find: Find | None = None) -> tuple[Read, runtime.Normalizer]:
    """A file's normalizer and its tree; raises FaultyConfigError.

    Others that it names are sought in the same file, and beside it as `ID.yaml`.
    """
    faults = Faults()
    read = [one for one in config.read_into(path, faults) if isinstance(one.model, Normalizer)]
    if not read and not faults.found:
        raise ConfigError(f"{path}: no normalizer in it; one begins with 'kind: normalizer'")
    inside = {one.model.id: one for one in read}
    outside = find or beside(path, faults)
    made = build(read[0], lambda name: inside.get(name) or outside(name), faults) if read else None
    faults.end()
    if made is None:
        raise ConfigError(f"{path}: no normalizer in it")
    return read[0], made


def beside(path: Path | Traversable, faults: Faults) -> Find:
    """Finds `ID.yaml` in the folder of a file."""
    folder = path.parent if isinstance(path, Path) else None

    def find(name: str) -> Read | None:
        file = folder / f"{name}.yaml" if folder else None
        if file is None or not file.is_file() or file.parent != folder:
            return None
        return next((one for one in config.read_into(file, faults) if one.model.id == name), None)

    return find


def _normalizer(read: Read) -> Normalizer:
    assert isinstance(read.model, Normalizer)
    return read.model


class _Builder:
    """Builds one tree."""

    def __init__(self, find: Find, faults: Faults) -> None:
        self._find = find
        self._faults = faults
        self._rules = 0

    def file(self, read: Read, way: tuple[str, ...], depth: int = 0) -> runtime.Rule:
        """The main rule of a file; `way` has the ids of the files that led here."""
        model = _normalizer(read)
        return _File(self, read, (*way, model.id)).rule(model, (), model.id, None, depth)

    def other(self, name: str, of: "_File", loc: Loc, depth: int) -> runtime.Rule | None:
        """The main rule of the normalizer that is named there."""
        if name in of.way:
            circle = " → ".join([*of.way[of.way.index(name) :], name])
            of.add(loc, f"normalizers that name one another in a circle never end: {circle}")
            return None
        read = self._find(name)
        if read is None or not isinstance(read.model, Normalizer):
            what = "no normalizer" if read is None else f"a {read.model.kind}, and no normalizer,"
            of.add(loc, f"{what} has the id {quote(name)}")
            return None
        return self.file(read, of.way, depth)

    def count(self) -> int:
        """How many rules there are with this one."""
        self._rules += 1
        return self._rules

    def fault(self, read: Read, loc: Loc, message: str) -> None:
        """Something that is wrong in a file."""
        self._faults.add(read.document, loc, message)


class _File:
    """One file on the way down."""

    def __init__(self, builder: _Builder, read: Read, way: tuple[str, ...]) -> None:
        self.way = way
        self._builder = builder
        self._read = read
        self._tables: Mapping[str, core.Table] = _normalizer(read).dictionaries

    def add(self, loc: Loc, message: str) -> None:
        """Something that is wrong there."""
        self._builder.fault(self._read, loc, message)

    def rule(self, model: Rule, loc: Loc, name: str, home: tzinfo | None, depth: int) -> runtime.Rule:
        """A rule with all that is below it; `home` is the zone of the rule above."""
        if model.timezone:
            home = zone_of(model.timezone)
        branches: list[runtime.Branch] = []
        if depth >= MAX_DEPTH:
            self.add(loc, f"rules go {MAX_DEPTH} levels down at most")
        elif self._builder.count() > MAX_RULES:
            self.add(loc, f"a tree has {MAX_RULES} rules at most")
        else:
            for at, extra in enumerate(model.extra):
                branch = self._branch(extra, (*loc, "extra", at), f"{name}.extra.{at}", home, depth + 1)
                branches += [branch] if branch else []
        return runtime.Rule(
            name,
            model.parse.build() if model.parse else None,
            core.Mapped([mapped.writer(target, home, self._tables) for target, mapped in model.map.items()]),
            tuple(branches),
            frozenset(source for mapped in model.map.values() for source in mapped.sources()),
        )

    def _branch(self, extra: Extra, loc: Loc, name: str, home: tzinfo | None, depth: int) -> runtime.Branch | None:
        if isinstance(extra.normalizer, Rule):
            rule: runtime.Rule | None = self.rule(extra.normalizer, (*loc, "normalizer"), name, home, depth)
        else:
            rule = self._builder.other(extra.normalizer, self, (*loc, "normalizer"), depth)
        holds = self._condition(extra, loc)
        if rule is None or holds is None:
            return None
        if rule.parse is not None and extra.pass_ is None:
            self.add((*loc, "normalizer"), f"{quote(rule.name)} parses, so say what: 'pass: raw' or 'pass: FIELD'")
        if rule.parse is None and extra.pass_ is not None:
            self.add((*loc, "pass"), f"{quote(rule.name)} has no 'parse' to read it with")
        passed = None
        if extra.pass_ is not None:
            passed = core.from_sources([LINE if extra.pass_ == RAW else extra.pass_])
        return runtime.Branch(self._prepare(extra, home), holds, passed, rule)

    def _prepare(self, extra: Extra, home: tzinfo | None) -> Callable[..., dict[str, object]] | None:
        converts = {name: convert for name, steps in extra.convert.items() if (convert := chain(steps, home))}
        return core.prepared(converts) if converts else None

    def _condition(self, extra: Extra, loc: Loc) -> core.Test | None:
        if extra.when is None:
            return lambda _fields, _event, _line: True
        names: list[str] = []

        def index(name: str) -> int:
            if name not in names:
                names.append(name)
            return names.index(name)

        try:
            holds = compile_condition(extra.when.tree(), index, self._tables)
            return core.condition(holds, names)
        except (ConfigError, ValueError) as cause:
            self.add((*loc, "when"), str(cause))
        return None
