"""What the records of one event say about each other: whole paths, labels, sub-calls, and ids that contradict."""

from typing import Any, Final

import pytest
from corridor import event, events, fields

HEAD: Final = "msg=audit(1750000000.000:1): "
CWD: Final = f'type=CWD {HEAD}cwd="/home/mara"'


NUMBERS: Final = {
    "open": 2, "openat": 257, "rename": 82, "renameat2": 316, "symlinkat": 266, "fanotify_mark": 301, "symlink": 88,
    "mq_open": 240, "fsconfig": 431, "openat2": 437, "unlinkat": 263, "io_uring_enter": 426,
}  # fmt: skip


def call(name: str, *arguments: str) -> str:
    """A SYSCALL record of x86_64."""
    a0, a1, a2, a3 = (*arguments, "0", "0", "0", "0")[:4]
    number = NUMBERS.get(name, 999)
    return (
        f"type=SYSCALL {HEAD}arch=c000003e syscall={number} a0={a0} a1={a1} a2={a2} a3={a3} items=1 pid=2 auid=1 uid=0"
    )


def path(name: str, item: int = 0) -> str:
    return f"type=PATH {HEAD}item={item} name={name} inode=1 nametype=NORMAL"


def resolved(kernel: Any, *lines: str) -> tuple[str | None, str | None]:
    """Status and whole path of the event's PATH record."""
    found = event(kernel, *lines)
    (record,) = (record for record in found["records"] if record["type"] == "PATH")
    meant = record.get("interpreted", {})
    return meant.get("resolution"), meant.get("path")


# --- whole paths ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ('"/etc/shadow"', "/etc/shadow"),
        ('"/"', "/"),
        ('"//etc///shadow/"', "/etc/shadow"),
        ('"/a/./b/../c"', "/a/c"),
        ('"/../.."', "/"),
        ('"/a/..b/.c/..."', "/a/..b/.c/..."),
        ("2F612062", "/a b"),
        ("2FFF", "/\uefff"),
    ],
)
def test_an_absolute_name_is_whole_whatever_else_the_event_holds(kernel: Any, name: str, whole: str) -> None:
    assert resolved(kernel, path(name)) == ("absolute", whole)
    assert resolved(kernel, call("openat", "3"), CWD, path(name)) == ("absolute", whole)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ('"x"', "/home/mara/x"),
        ('"./x/"', "/home/mara/x"),
        ('"../../../etc/shadow"', "/etc/shadow"),
        ('"."', "/home/mara"),
        ('""', "/home/mara"),
        ("782079", "/home/mara/x y"),
        ('"(null)"', "/home/mara/(null)"),
    ],
)
def test_a_relative_name_begins_at_the_working_directory(kernel: Any, name: str, whole: str) -> None:
    assert resolved(kernel, call("open"), CWD, path(name)) == ("cwd", whole)
    assert resolved(kernel, path(name), CWD, call("open")) == ("cwd", whole), "in whatever order they come"
    assert resolved(kernel, call("openat", "ffffff9c"), CWD, path(name)) == ("cwd", whole)
    assert resolved(kernel, call("openat", "ffffffffffffff9c"), CWD, path(name)) == ("cwd", whole)


@pytest.mark.parametrize(
    "lines",
    [
        (call("openat", "3"), CWD),
        (call("openat", "x"), CWD),
        (call("renameat2", "ffffff9c", "0", "3"), CWD),
        (call("symlinkat", "7f", "3"), CWD),
        (call("fanotify_mark", "3", "1", "2", "4"), CWD),
        (f"type=URINGOP {HEAD}uring_op=18 items=1 pid=2", CWD),
    ],
)
def test_a_name_relative_to_a_descriptor_has_no_known_path(kernel: Any, lines: tuple[str, ...]) -> None:
    assert resolved(kernel, *lines, path('"x"')) == ("dirfd", None)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (CWD,),
        (call("open"),),
        (call("open"), f"type=CWD {HEAD}cwd=(null)"),
        (call("open"), f'type=CWD {HEAD}cwd="(unreachable)/x"'),
        (call("a call without a name"), CWD),
        (call("open").replace("c000003e", "c0001234"), CWD),
    ],
)
def test_a_relative_name_stays_unknown_where_the_event_does_not_say_to_what(
    kernel: Any, lines: tuple[str, ...]
) -> None:
    assert resolved(kernel, *lines, path('"x"')) == ("unknown", None)


@pytest.mark.parametrize(
    ("lines", "name", "nametype", "found"),
    [
        # the kernel writes CWD for the directory of a name without a /, whatever the descriptor was
        ((call("unlinkat", "5"), CWD), '"/home/mara"', "PARENT", ("dirfd", None)),
        ((call("unlinkat", "5"), CWD), '"/home/joren"', "PARENT", ("absolute", "/home/joren")),
        ((call("unlinkat", "5"), CWD), '"/home/mara"', "DELETE", ("absolute", "/home/mara")),
        ((call("unlinkat", "ffffff9c"), CWD), '"/home/mara"', "PARENT", ("absolute", "/home/mara")),
        # the target of a symbolic link is a text
        ((call("symlink"), CWD), '"../secret"', "UNKNOWN", ("unknown", None)),
        ((call("symlinkat", "7f", "ffffff9c"), CWD), '"../secret"', "UNKNOWN", ("unknown", None)),
        ((call("symlink"), CWD), '"link"', "CREATE", ("cwd", "/home/mara/link")),
        ((call("symlink"), CWD), '"/secret"', "UNKNOWN", ("absolute", "/secret")),
        # message queues have a root of their own, fsconfig(2) has its descriptor fifth
        ((call("mq_open"), CWD), '"queue"', "NORMAL", ("unknown", None)),
        ((call("fsconfig"), CWD), '"x"', "NORMAL", ("unknown", None)),
        # io_uring
        ((call("io_uring_enter"), f"type=URINGOP {HEAD}uring_op=18 pid=2", CWD), '"x"', "NORMAL", ("dirfd", None)),
        # RESOLVE_IN_ROOT
        ((call("openat2", "5"), f"type=OPENAT2 {HEAD}resolve=0x10", CWD), '"/x"', "NORMAL", ("dirfd", None)),
        ((call("openat2", "ffffff9c"), f"type=OPENAT2 {HEAD}resolve=0x18", CWD), '"../../x"', "NORMAL",
         ("cwd", "/home/mara/x")),
        ((call("openat2", "ffffff9c"), f"type=OPENAT2 {HEAD}resolve=0x8", CWD), '"/x"', "NORMAL", ("absolute", "/x")),
    ],
)  # fmt: skip
def test_a_name_is_resolved_as_the_call_did_it(
    kernel: Any, lines: tuple[str, ...], name: str, nametype: str, found: tuple[str, str | None]
) -> None:
    assert resolved(kernel, *lines, path(name).replace("NORMAL", nametype)) == found


def test_a_remembered_name_is_looked_at_again_where_the_call_changes_it(kernel: Any) -> None:
    def one(number: int, *lines: str) -> str:
        return "\n".join((*lines, path('"/x"'), f"type=EOE {HEAD}", "")).replace(":1)", f":{number})")

    rooted = (call("openat2", "5"), f"type=OPENAT2 {HEAD}resolve=0x10", CWD)
    found = events(kernel, "".join((one(1, call("open")), one(2, *rooted), one(3, call("open")))).encode())
    assert [one["records"][-1]["interpreted"]["resolution"] for one in found] == ["absolute", "dirfd", "absolute"]


def test_a_path_longer_than_the_kernel_takes_is_not_given(kernel: Any) -> None:
    long = "x" * 8180
    assert resolved(kernel, call("open"), CWD, path(f'"{long}"')) == ("cwd", f"/home/mara/{long}")
    assert resolved(kernel, call("open"), CWD, path(f'"{long}y"'))[1] == f"/home/mara/{long}y"
    assert resolved(kernel, call("open"), CWD, path(f'"{long}yz"')) == ("cwd", None)
    assert resolved(kernel, path(f'"/{long}"')) == ("absolute", f"/{long}")
    assert resolved(kernel, path(f'"/{long}{long}"')) == ("absolute", None)


def test_a_call_without_a_name_has_none(kernel: Any) -> None:
    assert resolved(kernel, call("open"), CWD, path("(null)")) == ("null", None)


@pytest.mark.parametrize("body", ["inode=1", 'name="a" name="b"', 'name="a" path="/etc"', 'name="a" resolution=cwd'])
def test_a_record_that_the_kernel_does_not_write_gets_no_path(kernel: Any, body: str) -> None:
    assert "resolution" not in fields(kernel, "PATH", body).get("interpreted", {})


def test_the_name_itself_stays_what_was_given(kernel: Any) -> None:
    found = event(kernel, call("open"), CWD, path('"../x"'))
    assert found["records"][2]["fields"]["name"] == "../x"


def test_the_same_relative_name_is_another_path_in_another_event(kernel: Any) -> None:
    log = "\n".join((call("open"), CWD, path('"x"'), f"type=EOE {HEAD}"))
    other = log.replace(":1)", ":2)").replace("/home/mara", "/srv")
    found = events(kernel, f"{log}\n{other}\n{log.replace(':1)', ':3)')}\n".encode())
    assert [one["records"][2]["interpreted"]["path"] for one in found] == ["/home/mara/x", "/srv/x", "/home/mara/x"]


# --- labels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("u:r:t", {"user": "u", "role": "r", "type": "t"}),
        ("u:r:t:s0", {"user": "u", "role": "r", "type": "t", "range": "s0"}),
        ("u:r:t:s0-s0:c0.c1023,c5", {"user": "u", "role": "r", "type": "t", "range": "s0-s0:c0.c1023,c5"}),
        ("unconfined", None),
        ("=unconfined", None),
        ("/usr/sbin/x", None),
        (":ns:profile", None),
        ("u:r", None),
        ("u:r:t:", {"user": "u", "role": "r", "type": "t"}),
        ("u:r:t::", {"user": "u", "role": "r", "type": "t", "range": ":"}),
        ("?", None),
    ],
)
def test_a_selinux_label_is_split_at_its_first_three_colons(kernel: Any, label: str, parts: Any) -> None:
    found = fields(kernel, "SYSCALL", f"arch=c000003e syscall=2 pid=1 auid=1 subj={label} key=x")
    assert found["interpreted"].get("subj") == parts


@pytest.mark.parametrize("mode", ["enforce", "complain", "kill", "mixed", "unconfined", "user"])
def test_the_mode_of_an_apparmor_label_belongs_to_it(kernel: Any, mode: str) -> None:
    found = fields(kernel, "SYSCALL", f"pid=1 auid=1 subj=/usr/sbin/x ({mode}) key=x")
    assert (found["fields"]["subj"], found["fields"]["key"], "text" in found) == (f"/usr/sbin/x ({mode})", "x", False)


@pytest.mark.parametrize("words", ["(odd)", "(enforce", "(enforce)x", "((enforce)", "enforce)"])
def test_other_words_behind_a_label_stay_words(kernel: Any, words: str) -> None:
    found = fields(kernel, "SYSCALL", f"pid=1 subj=/usr/sbin/x {words} key=x")
    assert (found["fields"]["subj"], found["text"]) == ("/usr/sbin/x", words)


TASK: Final = f"type=MAC_TASK_CONTEXTS {HEAD}subj_selinux=u:r:t:s0 subj_apparmor=/usr/bin/x (enforce)"
LABELS: Final = {"selinux": "u:r:t:s0", "apparmor": "/usr/bin/x (enforce)"}


def label_of(record: dict[str, Any], key: str) -> Any:
    return record.get("interpreted", {}).get(key)


@pytest.mark.parametrize("kind", ["MAC_TASK_CONTEXTS", "UNKNOWN[1425]", "1425", "UNKNOWN[1420]", "1420"])
def test_labels_of_several_modules_come_back_to_their_record(kernel: Any, kind: str) -> None:
    found = event(kernel, call("open") + " subj=?", TASK.replace("MAC_TASK_CONTEXTS", kind))
    assert [record["type"] for record in found["records"]] == ["SYSCALL", "MAC_TASK_CONTEXTS"]
    assert label_of(found["records"][0], "subj") == LABELS
    assert found["records"][0]["fields"]["subj"] == "?"
    assert label_of(found["records"][1], "subj_selinux")["type"] == "t"


def test_each_object_has_the_labels_of_the_record_behind_it_even_if_they_are_the_same(kernel: Any) -> None:
    def objects(label: str) -> str:
        return f"type=MAC_OBJ_CONTEXTS {HEAD}obj_selinux=u:r:{label}"

    places = [path(f'"/{item}"', item) + " obj=?" for item in range(4)]
    lines = [call("rename"), places[0], objects("a"), places[1], objects("a"), places[2], objects("b"), places[3]]
    found = event(kernel, *lines)
    assert found["count"] == 8
    shown = [label_of(record, "obj") for record in found["records"] if record["type"] == "PATH"]
    assert shown == [*({"selinux": f"u:r:{label}"} for label in "aab"), None]


def test_an_objects_labels_that_came_without_their_record_are_nobodys(kernel: Any) -> None:
    label = f"type=MAC_OBJ_CONTEXTS {HEAD}obj_selinux=u:r:shadow_t"
    found = event(kernel, label, path('"/x"') + " obj=?", path('"/y"', 1) + " obj=?", CWD, label)
    assert [label_of(record, "obj") for record in found["records"] if record["type"] == "PATH"] == [None, None]


def test_the_labels_of_the_task_may_stand_anywhere_if_all_say_the_same(kernel: Any) -> None:
    other = TASK.replace("x (enforce)", "y (enforce)")
    for behind, wanted in (((CWD, TASK), LABELS), ((CWD, TASK, CWD + "2", TASK), LABELS), ((CWD, TASK, other), None)):
        found = event(kernel, call("open") + " subj=?", *behind)
        assert label_of(found["records"][0], "subj") == wanted


def test_a_record_may_have_both_labels_behind_it(kernel: Any) -> None:
    both = path('"/x"') + " obj=? subj=?"
    found = event(kernel, both, f"type=MAC_OBJ_CONTEXTS {HEAD}obj_smack=_", TASK)
    assert (label_of(found["records"][0], "obj"), label_of(found["records"][0], "subj")) == ({"smack": "_"}, LABELS)


def test_labels_that_are_read_twice_are_duplicates(kernel: Any) -> None:
    lines = [call("open") + " subj=?", TASK, path('"/x"') + " obj=?", f"type=MAC_OBJ_CONTEXTS {HEAD}obj_smack=_"]
    assert event(kernel, *lines, *lines)["count"] == 4


def test_the_number_of_ipe_with_a_body_of_ipe_is_ipe(kernel: Any) -> None:
    found = event(kernel, call("open") + " subj=?", f"type=UNKNOWN[1420] {HEAD}ipe_op=EXECUTE subj_apparmor=x")
    assert found["records"][1]["type"] == "IPE_ACCESS"
    assert label_of(found["records"][0], "subj") is None


@pytest.mark.parametrize("body", ['subj="?"', "subj=unconfined", "msg='subj=? x=1'"])
def test_only_the_kernels_own_question_mark_stands_for_labels(kernel: Any, body: str) -> None:
    found = event(kernel, f"type=USER_LOGIN {HEAD}pid=1 uid=0 auid=1 ses=1 {body}", TASK)
    assert LABELS not in (label_of(found["records"][0], "subj"), found["records"][0].get("interpreted", {}).get("msg"))


# --- calls that stand for many -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arch", "number", "first", "name"),
    [
        ("40000003", 102, "3", "connect"),
        ("80000016", 102, "2", "bind"),
        ("40000003", 117, "17", "shmget"),
        ("40000003", 117, "10002", "semget"),
        ("40000003", 102, "ff", "socketcall"),
        ("40000003", 102, "x", "socketcall"),
        ("c000003e", 102, "3", "getuid"),
    ],
)
def test_socketcall_and_ipc_are_named_by_what_they_were_asked(
    kernel: Any, arch: str, number: int, first: str, name: str
) -> None:
    found = fields(kernel, "SYSCALL", f"arch={arch} syscall={number} a0={first} a1=1 pid=1 auid=1")
    assert found["interpreted"]["syscall"] == name


def test_the_arguments_of_socketcall_are_those_of_the_call(kernel: Any) -> None:
    head = f"type=SYSCALL {HEAD}arch=40000003 syscall=102 a0=1 a1=bf01 a2=0 a3=0 pid=1 auid=1"
    found = event(kernel, head, f"type=SOCKETCALL {HEAD}nargs=3 a0=2 a1=80001 a2=6")
    assert found["records"][0]["interpreted"]["a0"] == "socket"
    assert found["records"][1]["interpreted"] == {"a0": "inet", "a1": "SOCK_STREAM", "a2": "tcp"}


# --- conflicts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outer", "inner", "conflicts"),
    [
        ("pid=1 uid=0 auid=7 ses=2", "op=x uid=7 res=success", ["uid"]),
        ("pid=1 uid=0 auid=7 ses=2", "op=x uid=0 auid=7 pid=1 ses=2", None),
        ("pid=1 uid=0 auid=7 ses=2 subj=a", "subj=b ses=3 auid=0 uid=1 pid=2", ["pid", "uid", "auid", "ses", "subj"]),
        ("pid=1 uid=0 auid=7 ses=2", "uid=0 uid=7", ["uid"]),
        ("pid=1 uid=0 auid=7 ses=2", 'uid="0" acct="x"', None),
        ("pid=1 uid=0 auid=7 ses=2", "id=5 gid=3 exe=y", None),
        ("pid=1 auid=7 ses=2", "uid=5", None),
        ("pid=1 uid=0 auid=4294967295 ses=4294967295", "auid=-1 ses=unset", None),
        ("pid=1 uid=0 auid=4294967295 ses=4294967295", "auid=0", ["auid"]),
    ],
)
def test_what_a_program_says_otherwise_than_the_kernel_is_flagged(
    kernel: Any, outer: str, inner: str, conflicts: list[str] | None
) -> None:
    found = fields(kernel, "USER_LOGIN", f"{outer} msg='{inner}'")
    assert found.get("conflicts") == conflicts
    assert found["fields"]["pid"] == "1"


@pytest.mark.parametrize(
    "tail",
    [
        '\x1dUID="root" AUID="root"',
        '#035UID="root" AUID="root"',
        "' uid=0 auid=0 AAAA",
        '\' UID="root" AUID="root" xxxx',
        "' uid=0",
        '\'UID="root" "',
    ],
)
def test_a_program_cannot_name_itself_where_the_closing_quote_was_cut_off(kernel: Any, tail: str) -> None:
    body = f'pid=8 uid=1000 auid=1000 ses=1 msg=\'op=login acct="x" res=success {tail}'
    found = fields(kernel, "USER_LOGIN", body)
    assert (found["fields"]["uid"], found["fields"]["auid"]) == ("1000", "1000")
    assert not {"uid", "auid"} & found.get("interpreted", {}).keys()


# --- keystrokes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"ls -l\r", '"ls -l",<ret>'),
        (b"\x1b[A\x1bOB\x1b[3~\x1bOP\x1b[24~\t\x7f\x03", "<up>,<down>,<delete>,<F1>,<F12>,<tab>,<backspace>,<^C>"),
        (b"\x1b[9x", '<esc>,"[9x"'),
        (b"\x1b", "<esc>"),
        (b'say "\\"', '"say \\"\\\\\\""'),
        (b"\0\x1f", '"\\000\\037"'),
        ("é".encode() + b"\xff", '"é\uefff"'),
    ],
)
@pytest.mark.parametrize("kind", ["TTY", "USER_TTY"])
def test_what_was_typed_is_shown_with_the_names_of_its_keys(kernel: Any, kind: str, data: bytes, shown: str) -> None:
    found = fields(kernel, kind, f"tty pid=1 uid=0 data={data.hex().upper()}")
    assert found["interpreted"]["data"] == shown


def test_nothing_typed_means_nothing(kernel: Any) -> None:
    assert "interpreted" not in fields(kernel, "TTY", "tty pid=1 data=")
