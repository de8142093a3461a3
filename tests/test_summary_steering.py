"""Nothing that a stranger chose stands for a user, looks like words of ours, or wins over what the kernel says."""

import shlex
from typing import Any

import pytest
from corridor import event

from stitcher.kernel import _reference as reference
from stitcher.summary import sentence, summarizer

HEADER = "msg=audit(1700000000.004:1001):"
WHO = f'type=SYSCALL {HEADER} arch=c000003e success=yes exit=3 pid=7 auid=1 uid=1 euid=1 exe="/bin/x"'


def told(*lines: str) -> dict[str, Any]:
    return summarizer().of(event(reference, *lines))


def avc(rest: str) -> str:
    return f"type=AVC {HEADER} avc:  denied  {{ read }} for  {rest}"


def user_avc(text: str) -> str:
    return f"type=USER_AVC {HEADER} pid=1 uid=81 auid=4294967295 ses=4294967295 msg='{text}'"


@pytest.mark.parametrize("name", ["root", "mara", "system", "uid", "somebody", "process"])
@pytest.mark.parametrize(
    "record",
    [
        'AVC avc:  denied  {{ read }} for  pid=5 comm="{}" name="tide" tclass=file permissive=0',
        'NETFILTER_CFG table=quay family=2 entries=1 op=nft_register_table pid=5 comm="{}"',
        'AVC apparmor="DENIED" operation="open" profile="berth" name="/tide" pid=5 comm="{}"',
        'IPE_ACCESS ipe_op=EXECUTE enforcing=1 pid=5 comm="{}" path="/tide" rule="op=EXECUTE action=DENY"',
        'AVC lsm=SMACK fn=smack_inode_permission action=denied object="x" requested=r pid=5 comm="{}" name="tide"',
    ],
)
def test_the_name_of_a_process_never_stands_where_a_user_belongs(record: str, name: str) -> None:
    kind, _, fields = record.format(name).partition(" ")
    found = told(f"type={kind} {HEADER} {fields}")
    assert found["process"] == {"name": name, "pid": "5"}
    assert not found.keys() & {"subject", "how", "script"}
    assert sentence(found).startswith(f"process '{name}' (pid 5) ")


def test_the_name_of_a_process_is_left_out_where_its_program_is_known() -> None:
    assert "process" not in told(avc('pid=7 comm="root" tclass=file'), WHO + " syscall=2")


def test_a_process_is_named_beside_a_user_only_as_what_was_used() -> None:
    found = told(f'type=TTY {HEADER} tty pid=5 uid=0 auid=1 ses=2 major=4 minor=2 comm="root" data=61')
    assert sentence(found).endswith("with process 'root' (pid 5)")


def test_a_program_does_not_stand_where_a_user_belongs() -> None:
    found = told(f'type=USER_LOGIN {HEADER} msg=\'op=login acct="joren" exe="root" res=success\'')
    assert sentence(found) == "somebody logged in account joren with root"


def test_who_sends_a_decision_is_not_who_was_denied() -> None:
    found = told(
        user_avc(
            "avc:  denied  { send_msg } for  spid=900 scontext=a:b:c tcontext=a:b:d tclass=dbus "
            'exe="/usr/bin/dbus-daemon" sauid=81 hostname=?'
        )
    )
    assert found["process"] == {"pid": "900", "label": "a:b:c"}
    assert not found.keys() & {"subject", "how"}
    assert sentence(found) == ("process (pid 900, label a:b:c) was denied access to dbus (permission send_msg)")


def test_the_user_whom_systemd_names_is_who_was_denied() -> None:
    found = told(
        user_avc(
            'avc:  denied  { start } for auid=n/a uid=1000 gid=1000 path="/u/tide.service" scontext=a:b:c '
            'tcontext=a:b:d tclass=service permissive=0 exe="/usr/lib/systemd/systemd" sauid=0 hostname=?'
        )
    )
    assert found["subject"] == {"acting": "1000"}
    assert sentence(found) == (
        "uid 1000 was denied access to service /u/tide.service (permission start) with process (label a:b:c)"
    )


def test_the_process_whom_apparmor_names_on_the_bus_is_who_was_denied() -> None:
    found = told(user_avc('apparmor="DENIED" operation="dbus_signal" path="/q" mask="send" pid=12 label="quay.lens"'))
    assert found["process"] == {"pid": "12", "label": "quay.lens"}
    assert "subject" not in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("received setenforce notice (enforcing=0)", "somebody switched enforcement of policy to 0"),
        ("received policyload notice (seqno=2)", "somebody loaded policy"),
    ],
)
def test_a_notice_is_no_decision(text: str, words: str) -> None:
    assert sentence(told(user_avc(f'avc:  {text}  exe="/usr/bin/dbus-daemon" sauid=81'))) == words


@pytest.mark.parametrize(
    "lines",
    [
        [avc("pid=5 tclass=tcp_socket dest=443 permissive=1")],
        [avc("pid=5 tclass=tcp_socket dest=443 permissive=1"), WHO + " syscall=42"],
        [user_avc("avc:  denied  { start } for uid=5 tclass=tcp_socket dest=443 permissive=1 scontext=a:b:c")],
        [f'type=IPE_ACCESS {HEADER} ipe_op=EXECUTE enforcing=0 pid=5 path="/tide" rule="op=EXECUTE action=DENY"'],
    ],
)
def test_what_was_only_logged_is_not_told_as_denied(lines: list[str]) -> None:
    found = told(*lines)
    assert (found["action"], found["outcome"]) == ("would-deny-access", "success")
    assert " would have been denied access to " in sentence(found)


@pytest.mark.parametrize(
    ("rule", "enforcing", "action", "outcome"),
    [("DENY", "1", "denied-access", "failure"), ("ALLOW", "1", "granted-access", "success")],
)
def test_a_decision_of_ipe_is_the_action_of_its_rule(rule: str, enforcing: str, action: str, outcome: str) -> None:
    record = f'type=IPE_ACCESS {HEADER} ipe_op=EXECUTE enforcing={enforcing} path="/t" rule="op=EXECUTE action={rule}"'
    assert (told(record)["action"], told(record)["outcome"]) == (action, outcome)


@pytest.mark.parametrize("blank", "\u3164\u115f\u1160\uffa0\u2800")
def test_letters_that_draw_nothing_cannot_forge_words(blank: str) -> None:
    name = f"/tmp/x{blank}with{blank}/usr/bin/sshd"
    shown = f"$'/tmp/x\\u{ord(blank):04x}with\\u{ord(blank):04x}/usr/bin/sshd'"
    found = told(WHO + " syscall=2", f"type=PATH {HEADER} item=0 name={name.encode().hex()} nametype=NORMAL")
    assert sentence(found) == f"uid 1 opened file {shown} with /bin/x"
    account = f"mara{blank}as{blank}root".encode().hex()
    login = told(f"type=USER_LOGIN {HEADER} pid=1 uid=0 auid=1 msg='op=login acct={account} res=success'")
    assert sentence(login).endswith(f"account $'mara\\u{ord(blank):04x}as\\u{ord(blank):04x}root'")


@pytest.mark.parametrize("letter", "\u05d0\u0627\u0661\u07c0\ufe0f\u0338")
def test_letters_that_move_what_is_around_them_are_escaped(letter: str) -> None:
    found = told(WHO + " syscall=2", f"type=PATH {HEADER} item=0 name={letter.encode().hex()} nametype=NORMAL")
    assert f" $'\\u{ord(letter):04x}' " in sentence(found)


def test_a_class_that_somebody_claims_is_no_words_of_ours() -> None:
    forged = "dbus-and-root-was-granted-access-to-file"
    found = told(user_avc(f"avc:  denied  {{ x }} for  spid=9 scontext=a:b:c tclass={forged}"))
    assert f"was denied access to '{forged}' " in sentence(found)


def test_of_a_key_of_the_kernel_that_is_there_twice_the_first_counts() -> None:
    found = told(f"{WHO} syscall=2 auid=0 uid=0 euid=0 exe=/bin/forged success=no")
    assert (found["subject"], found["how"], found["outcome"]) == ({"login": "1", "acting": "1"}, "/bin/x", "success")


def test_what_libaudit_writes_behind_the_words_of_its_caller_counts() -> None:
    forged = "hostname=x addr=evil exe=/bin/forged res=failed"
    real = 'exe="/usr/sbin/sshd" hostname=quay addr=192.0.2.7 terminal=ssh res=success'
    found = told(f"type=USER_LOGIN {HEADER} pid=1 uid=0 auid=1 msg='op={forged} acct=\"joren\" {real}'")
    assert (found["from"], found["how"], found["outcome"]) == ("192.0.2.7", "/usr/sbin/sshd", "success")


def test_an_account_behind_the_real_one_does_not_count() -> None:
    said = 'op=login acct="joren" res=success acct="mara"'
    found = told(f"type=USER_LOGIN {HEADER} pid=1 uid=0 auid=1 msg='{said}'")
    assert found["object"]["name"] == "joren"


def test_all_keys_of_a_rule_are_told() -> None:
    line = f"type=CONFIG_CHANGE {HEADER} auid=1 op=add_rule key={b'tide'.hex()}01{b'quay'.hex()} list=4 res=1"
    assert told(line)["object"]["name"] == ["tide", "quay"]


@pytest.mark.parametrize("long", ["a b" * 40, "\x1b" * 90, "a" * 90, ["a b" * 20, "c d" * 20], "'" * 90])
def test_a_value_that_is_cut_keeps_its_quotes_closed(long: Any) -> None:
    found = sentence({"action": "opened-file", "object": {"kind": "file", "mode": long}})
    assert found.endswith("…)")
    assert shlex.split(found)  # which does not take a quote that is open
    assert len(found) < 200


def test_a_comma_in_one_of_several_values_is_told_from_the_comma_between_them() -> None:
    several, one = (
        {"action": "opened-file", "object": {"kind": "file", "name": name}} for name in (["a", "b"], ["a,b"])
    )
    assert sentence(several) != sentence(one)
