"""What must be, written by hand from the facts of the format: decoding, quoting, interpretation.

Where a golden file says what is, a line here says why it is right.
"""

from typing import Any

import pytest
from corridor import event, fields

SYSCALL = (
    "arch=c000003e syscall=%s success=yes exit=0 a0=%s a1=%s a2=%s a3=%s items=0 ppid=1 pid=2 auid=1000 uid=0 gid=0 "
    'euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=1 comm="x" exe="/bin/x" key=(null)'
)


def syscall(kernel: Any, number: object, *arguments: str, **changed: str) -> Any:
    """The interpreted part of a SYSCALL record."""
    body = SYSCALL % (number, *(*arguments, "0", "0", "0", "0")[:4])
    for key, value in changed.items():
        words = [f"{key}={value}" if word.startswith(f"{key}=") else word for word in body.split(" ")]
        body = " ".join(words)
    return fields(kernel, "SYSCALL", body).get("interpreted", {})


# --- hex and quotes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"2F62696E"', "2F62696E"),  # quoted is literal
        ("2F62696E", "/bin"),  # unquoted and even hex is hex
        ("2f62696e", "/bin"),
        ("2F6", "2F6"),  # odd: no hex
        ("2F6G", "2F6G"),
        ("(null)", "(null)"),
        ("?", "?"),
        ('""', ""),
        ("", ""),
        ('"a b"', "a b"),  # user space quotes text with spaces
        ("'a b'", "a b"),
        ("C3A9", "é"),
        ("FF41", "\uefffA"),  # no UTF-8: U+EF00 + byte
        ("EFBE80", "\uff80"),
        ("EEBE80", "\uefee\uefbe\uef80"),  # a real U+EF80 is escaped, so that every escape means a byte
        ("6100", "a\0"),
    ],
)
def test_an_encoded_value_is_hex_only_where_it_is_unquoted_and_even_hex(kernel: Any, written: str, meant: str) -> None:
    assert fields(kernel, "PATH", f"item=0 name={written} inode=1")["fields"]["name"] == meant


@pytest.mark.parametrize(
    "key", ["arch", "inode", "dev", "mode", "pid", "a0", "per", "saddr", "subj", "hostname", "grantors"]
)
def test_a_value_of_a_field_that_is_not_encoded_stays_as_it_is(kernel: Any, key: str) -> None:
    assert fields(kernel, "SYSCALL", f"{key}=6162 x=1")["fields"][key] == "6162"


@pytest.mark.parametrize(
    "key",
    "acct apparmor cgroup cmd comm cwd data device dir exe file grp invalid_context key name new-chardev new-disk "
    "new-fs new-net new-rng ocomm old-chardev old-disk old-fs old-net old-rng path proctitle vm watch operation "
    "denied_mask info profile requested_mask new_group sw root_dir".split(),
)
def test_every_field_of_the_dictionary_that_is_encoded_is_decoded(kernel: Any, key: str) -> None:
    assert fields(kernel, "ANOM_ABEND", f"pid=1 {key}=6162 x=1")["fields"][key] == "ab"


def test_arguments_are_strings_in_execve_and_numbers_in_syscall(kernel: Any) -> None:
    assert fields(kernel, "EXECVE", 'argc=2 a0="3005" a1=3005')["fields"]["argv"] == ["3005", "0\x05"]
    assert fields(kernel, "SYSCALL", "a0=3005")["fields"]["a0"] == "3005"


def test_a_quoted_value_may_hold_spaces_commas_and_key_value_text(kernel: Any) -> None:
    found = fields(kernel, "AVC", 'apparmor="STATUS" info="same as x=1, y=2" error=-13')["fields"]
    assert (found["info"], found["error"]) == ("same as x=1, y=2", "-13")
    assert "x" not in found


def test_a_key_that_repeats_becomes_a_list_in_the_order_of_writing(kernel: Any) -> None:
    record = fields(kernel, "CONFIG_CHANGE", 'op=a key="k1" uid=0 key="k2" uid=1\x1dUID="root" UID="mara"')
    assert record["fields"]["key"] == ["k1", "k2"]
    assert record["interpreted"] == {"uid": ["root", "mara"]}


def test_several_keys_of_one_rule_are_a_list(kernel: Any) -> None:
    assert syscall(kernel, 59, key="6B310" + "16B32")["key"] == ["k1", "k2"]


def test_words_that_are_no_fields_are_kept(kernel: Any) -> None:
    assert fields(kernel, "MAC_POLICY_LOAD", "policy loaded auid=0 ses=1")["text"] == "policy loaded"
    assert fields(kernel, "KERNEL", "initialized") == {"type": "KERNEL", "fields": {}, "text": "initialized"}


# --- inner messages -----------------------------------------------------------------------------------------------


def test_what_the_sender_writes_does_not_overwrite_what_the_kernel_says(kernel: Any) -> None:
    found = fields(kernel, "USER_LOGIN", "pid=7 uid=1000 auid=1000 ses=3 msg='op=login uid=0 auid=0 pid=1 res=failed'")
    outer, inner = found["fields"], found["fields"]["msg"]
    assert (outer["uid"], outer["auid"], outer["pid"]) == ("1000", "1000", "7")
    assert (inner["uid"], inner["auid"], inner["pid"]) == ("0", "0", "1")


def test_an_inner_message_ends_at_its_last_quote(kernel: Any) -> None:
    found = fields(kernel, "USER_CMD", 'uid=0 msg=\'cmd="it\'s" a=1\' exe="/x" res=success\'\x1dUID="root"')
    assert found["fields"]["msg"]["res"] == "success"
    assert found["interpreted"] == {"uid": "root"}


def test_an_operation_runs_on_to_the_next_key(kernel: Any) -> None:
    inner = fields(kernel, "ADD_USER", "uid=0 msg='op=adding user to group id=1001 res=success'")["fields"]["msg"]
    assert inner == {"op": "adding user to group", "id": "1001", "res": "success"}


def test_names_are_matched_by_position_or_not_at_all(kernel: Any) -> None:
    both = fields(kernel, "USER_START", 'uid=0 auid=5 msg=\'op=x uid=7 res=1\'\x1dUID="root" AUID="mara" UID="joren"')
    assert both["interpreted"] == {"uid": "root", "auid": "mara", "msg": {"uid": "joren", "res": "yes"}}
    fewer = fields(kernel, "USER_START", 'uid=0 auid=5 msg=\'op=x uid=7 res=1\'\x1dUID="root" AUID="mara"')
    assert fewer["interpreted"] == {"auid": "mara", "msg": {"res": "yes"}}
    assert fewer["text"] == 'UID="root"'


def test_a_separator_that_user_space_wrote_begins_no_suffix(kernel: Any) -> None:
    found = fields(kernel, "USER_LOGIN", 'uid=1000 msg=\'op=login acct="x"\x1dUID="root"\'')
    assert "uid" not in found.get("interpreted", {})


@pytest.mark.parametrize("separator", ["\x1d", "#035", " "])
def test_the_separator_may_have_been_escaped_or_turned_into_a_space(kernel: Any, separator: str) -> None:
    found = fields(kernel, "PATH", f'item=0 inode=1 ouid=7 ogid=8{separator}OUID="mara" OGID="dock"')
    assert found["interpreted"] == {"ouid": "mara", "ogid": "dock"}
    assert "text" not in found


def test_a_name_in_hex_is_decoded(kernel: Any) -> None:
    assert fields(kernel, "PATH", "ouid=7\x1dOUID=6E69676874207368696674")["interpreted"] == {"ouid": "night shift"}


# --- access vectors -----------------------------------------------------------------------------------------------


def test_a_selinux_decision_gives_result_and_permissions(kernel: Any) -> None:
    found = fields(
        kernel, "AVC", 'avc:  denied  { read write } for  pid=1 comm="a" scontext=u:r:t:s0:c1,c2 tclass=file'
    )
    assert found["fields"]["seresult"] == "denied"
    assert found["fields"]["seperms"] == ["read", "write"]
    assert found["fields"]["scontext"] == "u:r:t:s0:c1,c2"
    assert "text" not in found


def test_a_decision_of_a_user_space_manager_stands_inside(kernel: Any) -> None:
    found = fields(kernel, "USER_AVC", "pid=1 msg='avc:  granted  { a } for msgtype=call  exe=\"/x\" sauid=81'")[
        "fields"
    ]["msg"]
    assert (found["seresult"], found["seperms"], found["sauid"]) == ("granted", ["a"], "81")


# --- EXECVE and PROCTITLE -----------------------------------------------------------------------------------------

HEAD = "type=EXECVE msg=audit(1750000000.000:1): "
END = 'type=PROCTITLE msg=audit(1750000000.000:1): proctitle="x"'


def argv(kernel: Any, *bodies: str) -> tuple[Any, Any]:
    found = event(kernel, *(HEAD + body for body in bodies), END)
    return found["records"][0]["fields"]["argv"], found.get("missing")


def test_pieces_of_an_argument_are_joined_in_the_order_of_their_numbers(kernel: Any) -> None:
    whole = ['argc=3 a0="x" a1_len=6 a1[0]="ab"', 'a1[1]="cd"', 'a1[2]="ef" a2="y"']
    assert argv(kernel, *whole) == (["x", "abcdef", "y"], None)
    assert argv(kernel, whole[2], whole[0], whole[1]) == (["x", "abcdef", "y"], None)


def test_hex_pieces_may_cut_a_character(kernel: Any) -> None:
    assert argv(kernel, "argc=1 a0_len=4 a0[0]=C3", "a0[1]=A9") == (["é"], None)


def test_ten_pieces_are_in_the_order_of_numbers_and_not_of_letters(kernel: Any) -> None:
    pieces = " ".join(f'a0[{at}]="{at:02}"' for at in range(12))
    assert argv(kernel, f"argc=1 a0_len=24 {pieces}") == (["".join(f"{at:02}" for at in range(12))], None)


def test_what_is_missing_of_an_argv_is_said(kernel: Any) -> None:
    assert argv(kernel, 'argc=3 a0="x" a2="z"') == (["x", None, "z"], ["argv 2/3"])
    assert argv(kernel, 'argc=2 a0="x" a1_len=6 a1[0]="ab" a1[2]="ef"') == (["x", "abef"], ["argv[1] 4/6"])


def test_an_empty_argument_is_no_missing_one(kernel: Any) -> None:
    assert argv(kernel, 'argc=3 a0="x" a1="" a2="z"') == (["x", "", "z"], None)


def test_an_index_far_out_makes_no_long_argv(kernel: Any) -> None:
    found, missing = argv(kernel, 'argc=2 a0="x" a4294967295="y"')
    assert found == ["x"]
    assert missing == ["argv 1/2"]


def test_a_proctitle_shows_its_arguments(kernel: Any) -> None:
    found = fields(kernel, "PROCTITLE", "proctitle=" + b"ls\0-l\0\0a b".hex().upper())
    assert found["fields"]["proctitle"] == "ls\0-l\0\0a b"
    assert found["interpreted"] == {"proctitle": "ls -l  a b", "argv": ["ls", "-l", "", "a b"]}


# --- meanings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arch", "number", "name"),
    [
        ("c000003e", "59", "execve"), ("40000003", "11", "execve"), ("c00000b7", "221", "execve"),
        ("40000028", "11", "execve"), ("c0000015", "11", "execve"), ("80000016", "11", "execve"),
        ("c00000f3", "221", "execve"), ("c000003e", str(0x40000000 + 520), "execve"),
    ],
)  # fmt: skip
def test_a_system_call_is_named_by_its_arch(kernel: Any, arch: str, number: str, name: str) -> None:
    assert syscall(kernel, number, arch=arch)["syscall"] == name


def test_a_number_without_a_name_has_no_meaning(kernel: Any) -> None:
    assert "syscall" not in syscall(kernel, 99999)
    assert "syscall" not in syscall(kernel, 59, arch="deadbeef")


@pytest.mark.parametrize(
    ("number", "arguments", "place", "meaning"),
    [
        (257, ("ffffff9c", "7f", "80000"), "a2", "O_RDONLY|O_CLOEXEC"),
        (257, ("ffffff9c", "7f", "0"), "a2", "O_RDONLY"),
        (257, ("ffffff9c", "7f", "241", "1b6"), "a2", "O_WRONLY|O_CREAT|O_TRUNC"),
        (257, ("ffffff9c", "7f", "241", "1b6"), "a3", "0666"),
        (257, ("ffffff9c", "7f", "0", "1b6"), "a3", None),  # no O_CREAT: whatever is in the register
        (257, ("ffffffffffffff9c",), "a0", "AT_FDCWD"),
        (257, ("5",), "a0", None),
        (2, ("7f", "2"), "a1", "O_RDWR"),
        (90, ("7f", "9ed"), "a1", "suid,0755"),
        (268, ("ffffff9c", "7f", "1ff"), "a2", "0777"),
        (62, ("2a", "9"), "a1", "SIGKILL"),
        (9, ("0", "1000", "3", "22"), "a2", "PROT_READ|PROT_WRITE"),
        (9, ("0", "1000", "3", "22"), "a3", "MAP_PRIVATE|MAP_ANONYMOUS"),
    ],
)
def test_an_argument_is_named_by_its_system_call(
    kernel: Any, number: int, arguments: tuple[str, ...], place: str, meaning: str | None
) -> None:
    assert syscall(kernel, number, *arguments).get(place) == meaning


def test_open_flags_differ_on_arm(kernel: Any) -> None:
    assert syscall(kernel, 257, "5", "7f", "10000")["a2"] == "O_RDONLY|O_DIRECTORY"
    assert syscall(kernel, 56, "5", "7f", "4000", arch="c00000b7")["a2"] == "O_RDONLY|O_DIRECTORY"


@pytest.mark.parametrize(
    ("record_type", "written", "meaning"),
    [
        ("SYSCALL", "exit=-2", {"exit": "ENOENT(No such file or directory)"}),
        ("SYSCALL", "exit=-13", {"exit": "EACCES(Permission denied)"}),
        ("SYSCALL", "exit=3", None),
        ("SYSCALL", "exit=-9999", None),
        ("SYSCALL", "auid=4294967295", {"auid": "unset"}),
        ("SYSCALL", "auid=-1", {"auid": "unset"}),
        ("SYSCALL", "ses=4294967295", {"ses": "unset"}),
        ("SYSCALL", "pid=4294967295", None),
        ("PATH", "mode=0100644", {"mode": "file,644"}),
        ("PATH", "mode=0104755", {"mode": "file,suid,755"}),
        ("PATH", "mode=041777", {"mode": "dir,sticky,777"}),
        ("PATH", "mode=020620", {"mode": "character,620"}),
        ("PATH", "mode=0140755", {"mode": "socket,755"}),
        ("PATH", "cap_fp=0000000000002000", {"cap_fp": "net_raw"}),
        ("PATH", "cap_fp=0", {"cap_fp": "none"}),
        ("BPRM_FCAPS", "pp=0000000000200001", {"pp": "chown,sys_admin"}),
        ("LOGIN", "res=1", {"res": "yes"}),
        ("LOGIN", "res=0", {"res": "no"}),
        ("USER_LOGIN", "res=success", None),
        ("ANOM_ABEND", "sig=11", {"sig": "SIGSEGV"}),
        ("ANOM_ABEND", "sig=64000", None),
        ("ANOM_PROMISCUOUS", "prom=256 old_prom=0", {"prom": "yes", "old_prom": "no"}),
        ("SECCOMP", "code=0x80000000", {"code": "kill-process"}),
        ("SECCOMP", "code=0x50002", {"code": "errno"}),
        ("URINGOP", "uring_op=18", {"uring_op": "openat"}),
        ("MQ_OPEN", "mode=0640", {"mode": "0640"}),
        ("LANDLOCK_DOMAIN", "mode=enforcing", None),
        ("AVC", "capability=21", {"capability": "sys_admin"}),
    ],
)
def test_a_value_means_what_the_headers_of_the_kernel_say(
    kernel: Any, record_type: str, written: str, meaning: Any
) -> None:
    assert fields(kernel, record_type, written).get("interpreted") == meaning


def test_the_names_of_the_sender_come_before_the_tables(kernel: Any) -> None:
    body = 'arch=c000003e syscall=59 uid=0\x1dARCH=x86_64 SYSCALL=execve UID="toor"'
    assert fields(kernel, "SYSCALL", body)["interpreted"] == {"arch": "x86_64", "syscall": "execve", "uid": "toor"}


@pytest.mark.parametrize(
    ("saddr", "parts"),
    [
        ("020001BBC0000250" + "00" * 8, {"family": "inet", "addr": "192.0.2.80", "port": 443}),
        ("02000016", {"family": "inet", "port": 22}),
        ("0200", {"family": "inet"}),
        ("0000" + "00" * 14, {"family": "unspecified", "number": 0}),
        ("0100", {"family": "local"}),
        ("01002F7275", {"family": "local", "path": "/ru"}),
        ("01002F7275000041", {"family": "local", "path": "/ru"}),
        ("010000746964650063", {"family": "local", "abstract": "tide\0c"}),
        ("10000000170E000021000000", {"family": "netlink", "number": 16, "pid": 3607, "groups": 33}),
        (
            "0A000401" + "00000000" + "FE8000000000000001C203FFFE445566" + "02000000",
            {"family": "inet6", "addr": "fe80::1c2:3ff:fe44:5566", "port": 1025, "scope": 2},
        ),
    ],
)
def test_a_socket_address_is_read_by_its_family(kernel: Any, saddr: str, parts: dict[str, Any]) -> None:
    assert fields(kernel, "SOCKADDR", f"saddr={saddr}")["interpreted"]["saddr"] == parts


def test_a_socket_address_is_in_the_byte_order_of_its_sender(kernel: Any) -> None:
    head = "msg=audit(1750000000.000:1):"
    big = f"type=SYSCALL {head} arch=80000016 syscall=361 a0=3", f"type=SOCKADDR {head} saddr=0010000000001E6100000001"
    found = event(kernel, *big, END)["records"][1]["interpreted"]["saddr"]
    assert found == {"family": "netlink", "number": 16, "pid": 7777, "groups": 1}


def test_bytes_that_are_no_address_have_no_meaning(kernel: Any) -> None:
    assert "interpreted" not in fields(kernel, "SOCKADDR", "saddr=02")
    assert "interpreted" not in fields(kernel, "SOCKADDR", "saddr=")


# --- types --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("BPF", "BPF"),
        ("UNKNOWN[1334]", "BPF"),
        ("1334", "BPF"),
        ("UNKNOWN[1999]", "UNKNOWN[1999]"),
        ("BRAND_NEW", "BRAND_NEW"),
        ("1999", "1999"),
    ],
)
def test_a_type_is_resolved_by_its_number_and_never_made_up(kernel: Any, written: str, name: str) -> None:
    assert fields(kernel, written, "a=1")["type"] == name
