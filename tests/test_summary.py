"""What must hold of a summary: which record speaks, about what, who and how; and that every record has its say."""

from typing import Any

import pytest
from corridor import event, events, join, sample, sample_names
from hypothesis import given
from hypothesis import strategies as st

from stitcher.kernel import _reference as reference
from stitcher.summary import summarizer
from stitcher.tables import IO_URING_OPS, RECORD_TYPES, SYSCALLS

HEADER = "msg=audit(1700000000.004:1001):"
CALL = (
    f"type=SYSCALL {HEADER} arch=c000003e syscall=%d success=%s exit=%s a0=%s a1=0 a2=0 a3=0 pid=7 "
    'auid=1000 uid=0 euid=0 comm="cat" exe="/usr/bin/cat"\x1dAUID="mara" UID="root" EUID="root"'
)


def call(number: int, exit_code: int = 0, a0: str = "0") -> str:
    return CALL % (number, "no" if exit_code < 0 else "yes", exit_code, a0)


def path(item: int, name: str, nametype: str) -> str:
    return f'type=PATH {HEADER} item={item} name="{name}" nametype={nametype}'


def told(*lines: str) -> dict[str, Any]:
    """The summary of the event that these lines are."""
    return summarizer().of(event(reference, *lines))


def test_a_summary_says_who_did_what_to_what_with_what_and_how_it_went() -> None:
    found = told(call(257, -13), f'type=CWD {HEADER} cwd="/"', path(0, "/etc/shadow", "NORMAL"))
    assert list(found.items()) == [
        ("category", "file"),
        ("action", "opened-file"),
        ("outcome", "failure"),
        ("error", "EACCES"),
        ("subject", {"login": "mara", "acting": "root"}),
        ("object", {"kind": "file", "name": "/etc/shadow"}),
        ("how", "/usr/bin/cat"),
    ]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([("/d", "PARENT"), ("/d/new", "CREATE")], {"action": "created-file", "name": "/d/new"}),
        ([("/d", "PARENT"), ("/d/old", "NORMAL")], {"action": "opened-file", "name": "/d/old"}),
        ([("/d/not there", "UNKNOWN")], {"action": "opened-file", "name": "/d/not there"}),
        ([("/d", "PARENT")], {"action": "opened-file", "parent": "/d"}),
    ],
)
def test_what_is_opened_is_told_by_the_kinds_of_its_names(names: list[tuple[str, str]], said: dict[str, str]) -> None:
    found = told(call(2), *(path(item, name, kind) for item, (name, kind) in enumerate(names)))
    assert {"action": found["action"], **found["object"]} == {"kind": "file", **said}


def test_a_directory_that_may_be_another_one_is_not_named() -> None:
    """The kernel writes the working directory as PARENT, even if the call looked in the directory of a descriptor."""
    assert told(call(263, -2, "5"), path(0, "/work", "PARENT"))["object"] == {"kind": "file"}
    assert told(call(263, -2, "ffffff9c"), path(0, "/work", "PARENT"))["object"]["parent"] == "/work"


def test_a_rename_has_both_names_and_a_link_too() -> None:
    moved = told(call(82), path(0, "/a", "PARENT"), path(1, "/a/x", "DELETE"), path(2, "/a/y", "CREATE"))
    assert moved["object"] == {"kind": "file", "name": "/a/x", "to": "/a/y"}
    linked = told(call(86), path(0, "/a", "PARENT"), path(1, "/a/x", "NORMAL"), path(2, "/a/y", "CREATE"))
    assert linked["object"] == {"kind": "file", "name": "/a/x", "to": "/a/y"}


def test_names_and_their_kinds_that_do_not_match_are_taken_without_kinds() -> None:
    found = told(call(2), f'type=PATH {HEADER} item=0 name="/a"', path(1, "/b", "PARENT"))
    assert found["object"] == {"kind": "file", "name": "/b"}


def test_a_script_is_named_beside_its_interpreter() -> None:
    run = call(2).replace('comm="cat" exe="/usr/bin/cat"', 'comm="deploy.py" exe="/usr/bin/python3.11"')
    assert {key: told(run)[key] for key in ("how", "script")} == {"how": "/usr/bin/python3.11", "script": "deploy.py"}


@pytest.mark.parametrize(("comm", "exe"), [("python3", "/usr/bin/python3.11"), ("sh", "/bin/dash"), ("t1", "/bin/cat")])
def test_another_name_of_a_program_is_no_script(comm: str, exe: str) -> None:
    assert "script" not in told(call(2).replace('comm="cat" exe="/usr/bin/cat"', f'comm="{comm}" exe="{exe}"'))


def test_a_program_that_runs_is_the_object_and_its_interpreter_the_how() -> None:
    script = call(59).replace("/usr/bin/cat", "/usr/bin/dash")
    found = told(script, path(0, "/srv/x.sh", "NORMAL"), path(1, "/bin/sh", "NORMAL"))
    assert (found["object"]["name"], found["how"]) == ("/srv/x.sh", "/usr/bin/dash")
    plain = told(call(59), path(0, "/usr/bin/cat", "NORMAL"), path(1, "/lib64/ld.so", "NORMAL"))
    assert "how" not in plain


def test_a_program_that_was_run_by_its_descriptor_is_the_one_that_runs_then() -> None:
    assert told(call(322), f'type=PATH {HEADER} item=0 name="" nametype=NORMAL')["object"]["name"] == "/usr/bin/cat"
    assert "name" not in told(call(322, -13), f'type=PATH {HEADER} item=0 name="" nametype=NORMAL')["object"]


@pytest.mark.parametrize(
    ("ids", "names", "subject"),
    [
        ("auid=1 uid=1 euid=1", "", {"login": "1", "acting": "1"}),
        ("auid=1 uid=2 euid=0", "", {"login": "1", "acting": "0", "real": "2"}),
        ("auid=4294967295 uid=0 euid=0", 'UID="root" EUID="root"', {"login": "unset", "acting": "root"}),
        ("uid=5", "", {"acting": "5"}),
        ("", "", None),
    ],
)
def test_a_login_that_is_unset_is_told_from_one_that_is_not_known(ids: str, names: str, subject: Any) -> None:
    line = f"type=SYSCALL {HEADER} arch=c000003e syscall=2 success=yes exit=3 {ids}" + (f"\x1d{names}" if names else "")
    assert told(line).get("subject") == subject


def test_a_connection_that_nobody_waited_for_did_not_fail() -> None:
    found = told(call(42, -115), f"type=SOCKADDR {HEADER} saddr=020001BBC00002500000000000000000")
    assert (found["action"], found["outcome"]) == ("began-connection-to", "unknown")
    address = {"kind": "socket", "direction": "outbound", "family": "inet", "addr": "192.0.2.80", "port": 443}
    assert found["object"] == address


def test_several_processes_that_were_signalled_are_lists() -> None:
    one = f'type=OBJ_PID {HEADER} opid=12 ouid=0 ocomm="sleep"'
    other = f'type=OBJ_PID {HEADER} opid=13 ouid=0 ocomm="tide"'
    killed = call(62, a0="c").replace("a1=0", "a1=9")
    alone = {"kind": "process", "name": "sleep", "pid": "12", "signal": "SIGKILL"}
    assert told(killed, one)["object"] == alone
    assert told(killed, one, other)["object"] == alone | {"name": ["sleep", "tide"], "pid": ["12", "13"]}


def test_an_access_decision_speaks_before_its_system_call_in_any_order() -> None:
    avc = f'type=AVC {HEADER} avc:  denied  {{ read }} for  pid=7 comm="cat" name="shadow" tclass=file permissive=0'
    lines = [avc, call(257, -13), path(0, "/etc/shadow", "NORMAL")]
    found = told(*lines)
    assert found == told(*reversed(lines))
    assert (found["action"], found["outcome"], found["error"]) == ("denied-access", "failure", "EACCES")
    assert found["object"] == {"kind": "object", "class": "file", "name": "/etc/shadow", "permission": ["read"]}


def test_a_capability_is_not_the_file_that_was_opened_by_it() -> None:
    avc = f'type=AVC {HEADER} avc:  denied  {{ dac_override }} for  pid=7 comm="cat" capability=1 tclass=capability'
    found = told(avc, call(257, -13), path(0, "/etc/shadow", "NORMAL"))
    assert found["object"]["name"] == "dac_override"


def test_what_user_space_says_speaks_even_with_a_system_call() -> None:
    found = told(f"type=SERVICE_START {HEADER} pid=1 uid=0 auid=4294967295 msg='unit=tided res=success'", call(44))
    assert (found["action"], found["object"]["name"]) == ("started-service", "tided")


def test_a_record_that_tells_more_of_a_call_speaks_only_alone() -> None:
    record = f"type=TIME_ADJNTPVAL {HEADER} op=tick old=1 new=2"
    assert told(record)["action"] == "changed-clock"
    assert told(record, call(159))["subject"] == {"login": "mara", "acting": "root"}


def test_the_account_of_an_authentication_is_its_object_not_its_subject() -> None:
    found = told(
        f'type=USER_AUTH {HEADER} pid=7 uid=0 auid=4294967295 msg=\'op=PAM:authentication acct="mara" '
        'exe="/usr/sbin/sshd" hostname=? addr=192.0.2.7 terminal=ssh res=failed\''
    )
    assert found["subject"] == {"login": "unset", "acting": "0"}
    assert (found["object"], found["from"]) == ({"kind": "account", "name": "mara"}, "192.0.2.7")


def test_of_a_word_that_libaudit_writes_the_last_counts() -> None:
    said = 'op=x exe="/bin/forged" res=success exe="/bin/true" res=failed'
    found = told(f"type=USER_AUTH {HEADER} pid=7 uid=0 auid=1 msg='{said}'")
    assert (found["how"], found["outcome"]) == ("/bin/true", "failure")


def test_a_label_is_told_as_it_is_written() -> None:
    label = "staff_u:staff_r:staff_t:s0"
    found = told(f"type=USER_ROLE_CHANGE {HEADER} pid=7 uid=0 auid=1 msg='selected-context={label} res=success'")
    assert found["object"] == {"kind": "role", "name": label}


def test_typed_text_is_in_no_summary() -> None:
    found = told(f'type=TTY {HEADER} tty pid=1 uid=0 auid=1 ses=2 major=4 minor=2 comm="sh" data=736563726574')
    assert "secret" not in str(found)
    assert found["action"] == "typed-text"


def test_an_operation_of_io_uring_is_told_by_the_rule_of_its_system_call() -> None:
    ring = f"type=URINGOP {HEADER} uring_op=36 success=yes exit=0 items=2 uid=5"
    found = told(ring, path(0, "/d", "PARENT"), path(1, "/d/x", "DELETE"))
    assert (found["action"], found["object"]) == ("deleted-file", {"kind": "file", "name": "/d/x"})


def test_names_of_several_operations_of_io_uring_are_nobodys() -> None:
    ring = f"type=URINGOP {HEADER} uring_op=18 success=yes exit=0 items=1 uid=5"
    assert told(ring, call(426), path(0, "/a", "NORMAL"), path(1, "/b", "NORMAL"))["object"] == {"kind": "file"}


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert told(f'type=CWD {HEADER} cwd="/"', path(0, "/a", "NORMAL")) == {}
    assert told(f"type=UNKNOWN[1999] {HEADER} a=b") == {}
    assert summarizer().of({}) == {}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_system_call_has_a_rule_or_the_one_of_all_others(machine: str) -> None:
    named = {name for rule in summarizer().rules.rules if rule.section == "calls" for name in rule.names}
    others = set(SYSCALLS[machine].values()) - named
    assert "*" in named
    for number, name in SYSCALLS[machine].items():
        if name in others:
            arch = {"x86_64": "c000003e", "aarch64": "c00000b7"}[machine]
            found = told(f"type=SYSCALL {HEADER} arch={arch} syscall={number} success=yes exit=0")
            assert (found["category"], found["object"]["name"]) == ("other", name)
    assert others <= NO_DEED


#: what says little about anybody: questions, waiting, signals and timers of a process itself, calls of the past
NO_DEED = set(
    """
    afs_syscall alarm cachestat capget clock_getres clock_gettime clock_nanosleep create_module epoll_create
    epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 fadvise64
    futex futex_requeue futex_wait futex_waitv futex_wake get_mempolicy get_robust_list get_thread_area getcpu getcwd
    getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid getpmsg getppid getpriority getrandom getresgid
    getresuid getrlimit getrusage getsid gettid gettimeofday getuid io_cancel io_destroy io_getevents io_pgetevents
    io_setup io_submit ioprio_get listns lookup_dcookie lseek lsm_get_self_attr lsm_list_modules membarrier nanosleep
    nfsservctl pause poll ppoll pselect6 putpmsg restart_syscall rseq rseq_slice_yield rt_sigaction rt_sigpending
    rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max sched_get_priority_min
    sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_yield security select
    set_robust_list set_tid_address setitimer sigaltstack signalfd signalfd4 sysinfo time timer_create timer_delete
    timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tuxcall uname
    uprobe uretprobe uselib vserver _sysctl
    """.split()
)


def test_every_record_type_has_a_rule_or_is_said_to_have_none() -> None:
    rules = summarizer().rules
    named = {name for rule in rules.rules if rule.section != "calls" for name in rule.names}
    assert named | rules.auxiliary == set(RECORD_TYPES.values())
    alone = {name for rule in rules.rules if rule.section == "alone" for name in rule.names}
    assert named & rules.auxiliary == alone


def test_every_word_of_the_rules_is_used() -> None:
    rules = summarizer().rules
    said = [one for rule in rules.rules for one in (rule.meaning, *(condition.meaning for condition in rule.when))]
    assert {meaning.category for meaning in said} == set(rules.words.categories)
    assert {meaning.kind for meaning in said} == set(rules.words.kinds)
    assert {meaning.says.split()[0] for meaning in said} >= set(rules.words.verbs)


def test_operations_of_io_uring_that_are_no_system_calls_have_rules() -> None:
    named = {name for rule in summarizer().rules.rules if rule.section == "calls" for name in rule.names}
    plain = {name for table in SYSCALLS.values() for name in table.values()}
    without = set(IO_URING_OPS.values()) - plain - named
    assert {name.rpartition("_")[2] for name in without} <= {
        "add", "remove", "timeout", "cancel", "update", "fadvise", "buffers", "ring", "install", "wait", "nop",
        "nop128",
    }  # fmt: skip


@pytest.mark.parametrize("name", sample_names())
def test_values_of_paths_and_whole_trees_give_the_same_summary(kernel: Any, name: str) -> None:
    groups = join(kernel, [sample(name)]).groups
    answer = summarizer().answer
    found = [answer(*values) for values in kernel.render(groups, summarizer().reads).values]
    assert found == [summarizer().of(tree) for tree in events(kernel, sample(name))]


def test_each_path_is_read_once() -> None:
    assert len(set(summarizer().reads)) == len(summarizer().reads)


_KEYS = st.sampled_from(
    "syscall success exit a0 auid uid exe comm name nametype saddr res op acct msg seperms data uring_op ocomm".split()
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab?|,()'\x1b", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.dictionaries(_KEYS, _VALUES, max_size=6) | _VALUES
_TREES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["SYSCALL", "PATH", "AVC", "USER_AUTH", "URINGOP", "SOCKADDR", "OBJ_PID", "TTY"])},
        optional={"fields": _FIELDS, "interpreted": _FIELDS, "text": _VALUES},
    )
    | _VALUES,
    max_size=5,
)


@given(st.fixed_dictionaries({}, optional={"records": _TREES | _VALUES}))
def test_any_shape_of_event_has_a_summary(tree: dict[str, Any]) -> None:
    found = summarizer().of(tree)
    assert not found or list(found)[:3] == ["category", "action", "outcome"]


@given(st.lists(st.binary(max_size=60), max_size=3), st.sampled_from(["SYSCALL", "AVC", "PATH", "USER_LOGIN", "TTY"]))
def test_any_bytes_in_records_have_a_summary(bodies: list[bytes], name: str) -> None:
    lines = [f"type={name} {HEADER} ".encode() + body.replace(b"\n", b" ") for body in bodies]
    for group in join(reference, [b"\n".join([call(2).encode(), *lines])]).groups:
        (values,) = reference.render([group], summarizer().reads).values
        assert summarizer().answer(*values)["outcome"]
