"""What is worked out of several fields of an event, by the name that rules give it.

    <path>             what a call was about: the file that it made or removed, else one that was there, else one that
                       was not; {"parent": …} where only the directory is known
    <first path>  <second path>                      by place; directories on the way do not count
    <created path>  <deleted path>  <existing path>  <unresolved path>         by nametype, the first of them
    <named path>       the name in the record that speaks, in full if it is the end of <path>
    <path types>       the nametypes of all PATH records
    <program>          the first path of an execve, or the program itself where it had no path
    <interpreter>      the program that runs now, if it is another than <program>: of a script, of a symlink
    <socket>           the parts of the socket address
    <socket family>    its family alone
    <written a0>  <written a2>    arguments of a system call as they are written, in hex
    <setting>          a setting of audit: name, from and to; the field in front of old= is what it is now
    <new pid>          a system call's result that is a process
    <new identity>     the account or group that a process becomes: the effective one where the call has several
    <error>            the name of a system call's error

Facts: kernel/auditsc.c of Linux, for the PATH records that a call has and their order.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stitcher.summary._sources import CALLS, Fields, Nothing, Source, Tree, Values, text

#: an operation of io_uring and the system call that submitted it share their PATH records
RING: Final = "records.URINGOP.value.uring_op"
CALL: Final = "records.SYSCALL.value.syscall"
#: ends of the names of system calls that may look in a directory of their choice
_AT: Final = ("at", "at2")
#: where they have its descriptor, if not in a0
_DIRFDS: Final = {"symlinkat": (1,), "renameat": (0, 2), "renameat2": (0, 2), "linkat": (0, 2)}
_RESOLUTIONS: Final = "records.PATH[*].interpreted.resolution"
#: words of `resolution` with which a name has a path
_RESOLVED: Final = ("absolute", "cwd")
#: names that are none; a file may be called `unset` or `?`
_NO_NAME: Final[Nothing] = frozenset((None, "", "(null)"))


def _rows(fields: Fields) -> Callable[[Values], list[tuple[str, Any]]]:
    """nametype and name of each PATH record, in full where that is known."""
    names_at, types_at, full_at = _names(fields)
    read_at = fields.index(_RESOLUTIONS)

    def rows(values: Values) -> list[tuple[str, Any]]:
        names, types, full = values[names_at], values[types_at], values[full_at]
        if not names:
            return []
        if len(full) != len(names):
            full = _in_full(names, full, values[read_at])
        if len(types) != len(names):  # lists leave out what a record does not have
            types = ["NORMAL"] * len(names)
        return list(zip(types, full, strict=True))

    return rows


def _in_full(names: list[Any], full: list[Any], read: list[Any]) -> list[Any]:
    """The names, each in full that could be worked out; `full` has those alone, `read` how each was read."""
    known = [way in _RESOLVED for way in read]
    if not full or len(known) != len(names) or sum(known) != len(full):
        return names
    paths = iter(full)
    return [next(paths) if is_known else name for name, is_known in zip(names, known, strict=True)]


def _names(fields: Fields) -> tuple[int, int, int]:
    return (
        fields.index("records.PATH[*].fields.name"),
        fields.index("records.PATH[*].fields.nametype"),
        fields.index("records.PATH[*].interpreted.path"),
    )


def _path(fields: Fields) -> Source:
    names_at, types_at, full_at = _names(fields)
    ring, call, read_at = fields.index(RING), fields.index(CALL), fields.index(_RESOLUTIONS)
    dirfds = [fields.index(f"records.SYSCALL.interpreted.{key}") for key in ("a0", "a1", "a2")]

    def path(values: Values, _: Tree) -> Any:
        names = values[names_at]
        if not names:
            return None
        count = len(names)
        full = values[full_at]
        names = full if len(full) == count else _in_full(names, full, values[read_at])
        types = values[types_at]
        if len(types) != count:
            return text(names[-1], _NO_NAME)
        if values[ring] is not None and values[call] is not None and count - types.count("PARENT") > 1:
            return None
        found = _chosen(types, names)
        if found is None and (parent := text(names[0], _NO_NAME)) is not None and types[0] == "PARENT":
            # the kernel writes the working directory there, even where the call looked in another one
            name = str(values[call])
            looked = _DIRFDS.get(name, (0,)) if name.endswith(_AT) else ()
            return {"parent": parent} if all(values[dirfds[at]] == "AT_FDCWD" for at in looked) else None
        return found

    return path


def _chosen(types: list[Any], names: list[Any]) -> str | None:
    there: Any = None
    missing: Any = None
    for at in range(len(types) - 1, -1, -1):
        kind = types[at]
        if kind == "CREATE" or kind == "DELETE":
            return text(names[at], _NO_NAME)
        if kind == "NORMAL":
            there = names[at] if there is None else there
        elif kind != "PARENT":
            missing = names[at] if missing is None else missing
    return text(there if there is not None else missing, _NO_NAME)


def _of(kind: str) -> Callable[[Fields], Source]:
    def make(fields: Fields) -> Source:
        rows = _rows(fields)
        return lambda values, _: next((text(name, _NO_NAME) for have, name in rows(values) if have == kind), None)

    return make


def _unresolved(fields: Fields) -> Source:
    """As it is written: what a symlink says is relative to the place where it stands."""
    names_at, types_at, _ = _names(fields)

    def unresolved(values: Values, _: Tree) -> Any:
        names, types = values[names_at], values[types_at]
        if not names or len(names) != len(types):
            return None
        return next((text(name, _NO_NAME) for kind, name in zip(types, names, strict=True) if kind == "UNKNOWN"), None)

    return unresolved


def _nth(position: int) -> Callable[[Fields], Source]:
    def make(fields: Fields) -> Source:
        rows = _rows(fields)

        def nth(values: Values, _: Tree) -> Any:
            names = [name for kind, name in rows(values) if kind != "PARENT"]
            return text(names[position], _NO_NAME) if position < len(names) else None

        return nth

    return make


def _named_path(fields: Fields) -> Source:
    name_of, path_of = fields.source(".name", of_call=False), _path(fields)

    def named_path(values: Values, own: Tree) -> Any:
        name = name_of(values, own)
        path = path_of(values, own) if name is not None else None
        return path if isinstance(path, str) and path.endswith(f"/{name}") else name

    return named_path


def _path_types(fields: Fields) -> Source:
    at = fields.index("records.PATH[*].fields.nametype")
    return lambda values, _: values[at]


def _program(fields: Fields) -> Source:
    names_at, _, full_at = _names(fields)
    read_at = fields.index(_RESOLUTIONS)
    exe_at, success_at = fields.index(f"records.{CALLS}.value.exe"), fields.index("records.SYSCALL.value.success")

    def program(values: Values, _: Tree) -> Any:
        names, full = values[names_at], values[full_at]
        if names:
            found = text((full if len(full) == len(names) else _in_full(names, full, values[read_at]))[0], _NO_NAME)
            if found is not None:
                return found
        return text(values[exe_at]) if values[success_at] == "yes" else None

    return program


def _interpreter(fields: Fields) -> Source:
    program, exe_at = _program(fields), fields.index(f"records.{CALLS}.value.exe")

    def interpreter(values: Values, own: Tree) -> Any:
        exe = text(values[exe_at])
        return None if exe is None or exe == program(values, own) else exe

    return interpreter


def _socket(fields: Fields) -> Source:
    at = fields.index("records.SOCKADDR.interpreted.saddr")

    def socket(values: Values, _: Tree) -> Any:
        parts = values[at]
        return {key: part for key, part in parts.items() if key != "number"} if isinstance(parts, dict) else None

    return socket


def _socket_family(fields: Fields) -> Source:
    socket = _socket(fields)

    def family(values: Values, own: Tree) -> Any:
        parts = socket(values, own)
        return text(parts.get("family")) if parts else None

    return family


def _written(key: str) -> Callable[[Fields], Source]:
    def make(fields: Fields) -> Source:
        at = fields.index(f"records.SYSCALL.fields.{key}")
        return lambda values, _: text(values[at])

    return make


def _setting(_: Fields) -> Source:
    def setting(_: Values, own: Tree) -> Any:
        fields = own.get("fields")
        keys = list(fields) if isinstance(fields, dict) else []
        at = keys.index("old") if "old" in keys else 0
        if not at or not isinstance(fields, dict):
            return None
        parts: Tree = {"name": keys[at - 1].removeprefix("audit_"), "from": fields["old"], "to": fields[keys[at - 1]]}
        return {key: found for key, part in parts.items() if (found := text(part)) is not None}

    return setting


def _new_pid(fields: Fields) -> Source:
    at = fields.index("records.SYSCALL.value.exit")

    def new_pid(values: Values, _: Tree) -> Any:
        result = values[at]
        return result if type(result) is str and result.isdecimal() and result != "0" else None

    return new_pid


def _new_identity(fields: Fields) -> Source:
    ways = [fields.index(f"records.SYSCALL.interpreted.{key}") for key in ("a1", "a0", "a2")]

    def new_identity(values: Values, _: Tree) -> Any:
        found = (text(values[at]) for at in ways)
        return next((name for name in found if name is not None), None)

    return new_identity


def _error(fields: Fields) -> Source:
    at = fields.index("records.SYSCALL.value.exit")

    def error(values: Values, _: Tree) -> Any:
        result = values[at]
        return result.partition("(")[0] if type(result) is str and result.endswith(")") else None

    return error


COMPUTED: Final[Mapping[str, Callable[[Fields], Source]]] = {
    "<path>": _path,
    "<first path>": _nth(0),
    "<second path>": _nth(1),
    "<created path>": _of("CREATE"),
    "<deleted path>": _of("DELETE"),
    "<existing path>": _of("NORMAL"),
    "<unresolved path>": _unresolved,
    "<named path>": _named_path,
    "<path types>": _path_types,
    "<program>": _program,
    "<interpreter>": _interpreter,
    "<socket>": _socket,
    "<socket family>": _socket_family,
    "<written a0>": _written("a0"),
    "<written a2>": _written("a2"),
    "<setting>": _setting,
    "<new pid>": _new_pid,
    "<new identity>": _new_identity,
    "<error>": _error,
}
