"""What is worked out of several fields of an event, by the name that rules give it.

    <path>             what a call was about: the file that it made or removed, else one that was there, else one that
                       was not; {"parent": …} where only the directory is known
    <first path>  <second path>                      by place; directories on the way do not count
    <created path>  <deleted path>  <existing path>  <unresolved path>         by nametype, the last of them
    <named path>       the name in the record that speaks, in full if it is the end of <path>
    <path types>       the nametypes of all PATH records
    <program>          the first path of an execve, or the program itself where it had no path
    <interpreter>      the program that runs now, if it is another than <program>: of a script, of a symlink
    <socket>           the parts of the socket address
    <new pid>          a system call's result that is a process
    <new identity>     the account or group that a process becomes: the effective one where the call has several
    <error>            the name of a system call's error

Facts: kernel/auditsc.c of Linux, for the PATH records that a call has and their order.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from stitcher.summary._sources import CALLS, Fields, Source, Tree, Values, text

#: an operation of io_uring and the system call that submitted it share their PATH records
RING: Final = "records.URINGOP.value.uring_op"
CALL: Final = "records.SYSCALL.value.syscall"
#: ends of the names of system calls that may look in a directory of their choice
_AT: Final = ("at", "at2")


def _rows(fields: Fields) -> Callable[[Values], list[tuple[str, Any]]]:
    """nametype and name of each PATH record, in full where the kernel could work them all out."""
    names_at, types_at, full_at = _names(fields)

    def rows(values: Values) -> list[tuple[str, Any]]:
        names, types, full = values[names_at], values[types_at], values[full_at]
        if not names:
            return []
        if len(types) != len(names):  # lists leave out what a record does not have
            types = ["NORMAL"] * len(names)
        return list(zip(types, full if len(full) == len(names) else names, strict=True))

    return rows


def _names(fields: Fields) -> tuple[int, int, int]:
    return (
        fields.index("records.PATH[*].fields.name"),
        fields.index("records.PATH[*].fields.nametype"),
        fields.index("records.PATH[*].interpreted.path"),
    )


def _path(fields: Fields) -> Source:
    names_at, types_at, full_at = _names(fields)
    ring, call = fields.index(RING), fields.index(CALL)
    dirfds = [fields.index(f"records.SYSCALL.interpreted.{key}") for key in ("a0", "a1")]

    def path(values: Values, _: Tree) -> Any:
        names = values[names_at]
        if not names:
            return None
        count = len(names)
        full = values[full_at]
        if len(full) == count:
            names = full
        types = values[types_at]
        if len(types) != count:
            return text(names[-1])
        if values[ring] is not None and values[call] is not None and count - types.count("PARENT") > 1:
            return None
        found = _chosen(types, names)
        if found is None and (parent := text(names[-1])) is not None and types[-1] == "PARENT":
            # the kernel writes the working directory there, even where the call looked in another one
            elsewhere = str(values[call]).endswith(_AT) and all(values[at] != "AT_FDCWD" for at in dirfds)
            return None if elsewhere else {"parent": parent}
        return found

    return path


def _chosen(types: list[Any], names: list[Any]) -> str | None:
    there: Any = None
    missing: Any = None
    for at in range(len(types) - 1, -1, -1):
        kind = types[at]
        if kind == "CREATE" or kind == "DELETE":
            return text(names[at])
        if kind == "NORMAL":
            there = names[at] if there is None else there
        elif kind != "PARENT":
            missing = names[at] if missing is None else missing
    return text(there if there is not None else missing)


def _of(kind: str) -> Callable[[Fields], Source]:
    def make(fields: Fields) -> Source:
        rows = _rows(fields)
        return lambda values, _: next((text(name) for have, name in reversed(rows(values)) if have == kind), None)

    return make


def _nth(position: int) -> Callable[[Fields], Source]:
    def make(fields: Fields) -> Source:
        rows = _rows(fields)

        def nth(values: Values, _: Tree) -> Any:
            names = [name for kind, name in rows(values) if kind != "PARENT"]
            return text(names[position]) if position < len(names) else None

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
    exe_at, success_at = fields.index(f"records.{CALLS}.value.exe"), fields.index("records.SYSCALL.value.success")

    def program(values: Values, _: Tree) -> Any:
        names, full = values[names_at], values[full_at]
        if names:
            found = text(full[0] if len(full) == len(names) else names[0])
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
    "<unresolved path>": _of("UNKNOWN"),
    "<named path>": _named_path,
    "<path types>": _path_types,
    "<program>": _program,
    "<interpreter>": _interpreter,
    "<socket>": _socket,
    "<new pid>": _new_pid,
    "<new identity>": _new_identity,
    "<error>": _error,
}
