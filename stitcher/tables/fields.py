"""What each field of a record holds: (record type, key) -> kind.  Reviewed by hand; both kernels read it.

A kind says how a value is decoded and how it is interpreted:

    plain        text that means what it says
    encoded      the kernel's untrusted string: quoted it is literal, unquoted and even hex it is hex
                 (audit_log_untrustedstring in kernel/audit.c; libaudit's audit_encode_nv_string)
    key          encoded; several keys are split at 0x01 (AUDIT_KEY_SEPARATOR)
    proctitle    encoded; argument borders are NULs
    keystrokes   encoded; control keys are named
    uid, gid     a name from the sender's own suffix; 4294967295 and -1 are `unset`
    session      4294967295 is `unset`
    arch         AUDIT_ARCH number in hex;  syscall  a number of that arch
    exit, errno  negative (errno: either sign) -> `ENOENT(No such file or directory)`
    success      1 -> yes, 0 -> no
    mode         octal st_mode -> `file,644`
    short_mode   permission bits -> `0644`, `suid,0755`
    cap_bitmap   hex mask -> comma list or `none`;  capability  a number
    context      a label user:role:type[:range] in parts; other labels mean nothing
    sockaddr     hex of the raw struct sockaddr, in the byte order of the sender's arch
    promisc      bit 0x100 -> yes or no
    perm         AUDIT_PERM_* bits -> `read,write,exec,attr` in this order; 0 is all four
    personality  hex: number:personality of the low byte, then the names of flags:personality
    hex          a number in hex, with or without 0x -> decimal
    seccomp      the upper bits of a SECCOMP_RET_* value
    argument:N   a0..a3 of a system call: ARGUMENTS and ARCH_ARGUMENTS of tables.arguments say what it is
    flags:TABLE  bits of tables.FLAGS[TABLE]; a row of 0 bits names the number 0
    number:TABLE  one of ENUMERATIONS[TABLE]

Flags and numbers of a table TABLE.x86, TABLE.arm or TABLE.ppc replace those of TABLE on these machines.  Arguments are
cut to their low 32 bits; they may also be

    ""           a number without a better name
    dirfd        AT_FDCWD, else nothing
    create_mode  short_mode, if the argument before it has O_CREAT
    account, group  an id: `unset`, `root` or `unknown(1001)`
    decimal      a signed decimal: process ids, counts
    socket_type  number:socket_type of the low 8 bits
    clone        flags:clone of all but the low byte, then the low byte as a signal
    ipc_flags    flags:ipc of the bits above 0o777, then the mode: `IPC_CREAT|0600`
    sched        number:sched without bit 0x40000000, which is `|SCHED_RESET_ON_FORK`
    choice:NAME  CHOICES[NAME]: another argument decides which of these kinds it is

Facts: audit-documentation's field dictionary (which fields are encoded), audit.h, and what the kernel prints.
A number may be written with 0x (hex) or 0 (octal) in front; arguments a0..a3 are hex without a prefix.
"""

from typing import Final

from stitcher.tables import CAPABILITIES, FAMILIES, IO_URING_OPS, NUMBERS, SIGNALS
from stitcher.tables.arguments import ARCH_ARGUMENTS, ARGUMENTS, CHOICES

__all__ = [
    "ARCH_ARGUMENTS",
    "ARCH_FAMILY",
    "ARGUMENTS",
    "CHOICES",
    "ENUMERATIONS",
    "FIELDS",
    "KERNEL_KEYS",
    "NAMES_ELSEWHERE",
    "OVERRIDES",
    "RESOLVE_IN_ROOT",
    "SUB_CALLS",
    "TEXT_NAMES",
]

_ENCODED: Final = (
    "acct apparmor cgroup cmd comm cwd denied_mask device dir exe file grp info invalid_context name "
    "new-chardev new-disk new-fs new-net new-rng new_group ocomm old-chardev old-disk old-fs old-net old-rng "
    "operation path profile requested_mask root_dir srawcon sw trawcon vm watch"
).split()
_UID: Final = "auid uid euid suid fsuid ouid oauid old-auid iuid id inode_uid sauid obj_uid".split()
_GID: Final = "gid egid sgid fsgid ogid igid inode_gid obj_gid new_gid".split()
_CAP_BITMAP: Final = (
    "cap_pi cap_pe cap_pp cap_pa cap_fi cap_fp fp fi old_pp old_pi old_pe old_pa new_pp new_pi new_pe pp pi pe pa"
).split()
#: labels of SELinux: audit.h's own, libvirt's vm-ctx and img-ctx, pam_selinux's and newrole's, the kernel's of
#: SELINUX_ERR; of the several LSMs in 1425 and 1426 only SELinux has such
_CONTEXT: Final = (
    "subj obj scontext tcontext vm-ctx img-ctx default-context selected-context old-context new-context oldcontext "
    "newcontext taskcontext sec_obj subj_selinux obj_selinux"
).split()

#: key -> kind, in records of every type; a key that is not here is plain text
FIELDS: Final[dict[str, str]] = {
    **dict.fromkeys(_ENCODED, "encoded"),
    **dict.fromkeys(_UID, "uid"),
    **dict.fromkeys(_GID, "gid"),
    **dict.fromkeys(_CAP_BITMAP, "cap_bitmap"),
    **dict.fromkeys(_CONTEXT, "context"),
    "action": "number:xt_audit",
    "arch": "arch",
    "capability": "capability",
    "data": "keystrokes",
    "errno": "errno",
    "exit": "exit",
    "family": "number:nfproto",
    "fan_info": "hex",
    "fan_type": "number:fan_type",
    "hook": "number:netfilter_hook",
    "icmptype": "number:icmp_type",
    "ioctlcmd": "number:ioctl",
    "key": "key",
    "list": "number:audit_list",
    "macproto": "number:ethertype",
    "mode": "mode",
    "nl-mcgrp": "number:netlink_group",
    "obj_trust": "number:trust",
    "oflag": "flags:open",
    "old-ses": "session",
    "old_prom": "promisc",
    "oses": "session",
    "per": "personality",
    "perm": "perm",
    "perm_mask": "perm",
    "proctitle": "proctitle",
    "prom": "promisc",
    "proto": "number:ip_protocol",
    "res": "success",
    "resolve": "flags:resolve",
    "resp": "number:fanotify_response",
    "result": "success",
    "ses": "session",
    "sig": "number:signal",
    "sigev_signo": "number:signal",
    "subj_trust": "number:trust",
    "syscall": "syscall",
    "uring_op": "number:io_uring",
}

#: (record type, key) -> kind where a type has its own meaning for a key
OVERRIDES: Final[dict[tuple[int, str], str]] = {
    (1116, "id"): "gid",  # ADD_GROUP
    (1117, "id"): "gid",  # DEL_GROUP
    (1132, "id"): "gid",  # GRP_MGMT
    (1300, "a0"): "argument:0",
    (1300, "a1"): "argument:1",
    (1300, "a2"): "argument:2",
    (1300, "a3"): "argument:3",
    (1304, "a0"): "argument:0",  # SOCKETCALL: of what SYSCALL's a0 asked for
    (1304, "a1"): "argument:1",
    (1304, "a2"): "argument:2",
    (1304, "a3"): "argument:3",
    (1306, "saddr"): "sockaddr",
    (1312, "mode"): "short_mode",  # MQ_OPEN
    (1323, "flags"): "flags:mmap_flags",
    (1326, "code"): "seccomp",
    (1424, "mode"): "plain",  # LANDLOCK_DOMAIN: enforcing
    (2404, "fp"): "plain",  # CRYPTO_KEY_USER: a fingerprint
}

#: what the kernel itself says of the sender in front of msg='…' (audit_log_common_recv_msg in kernel/audit.c)
KERNEL_KEYS: Final = ("pid", "uid", "auid", "ses", "subj")

#: calls that stand for many: the table of what their a0 asks for, and the bits of a0 that say it
SUB_CALLS: Final = {"socketcall": ("socketcall", 0xFFFFFFFF), "ipc": ("ipc", 0xFFFF)}

#: calls whose names begin in no directory that a record tells: the root of the message queues, a descriptor in a4
NAMES_ELSEWHERE: Final = frozenset(("mq_open", "mq_unlink", "fsconfig"))
#: calls that take a name of nametype UNKNOWN for a text: the target of a symbolic link
TEXT_NAMES: Final = frozenset(("symlink", "symlinkat"))
#: bit of resolve= (openat2.h): the directory is the root for this one name
RESOLVE_IN_ROOT: Final = 0x10

#: the tables of kind number:TABLE
ENUMERATIONS: Final[dict[str, dict[int, str]]] = {
    **NUMBERS,
    "capability": CAPABILITIES,
    "exit_status": {0: "EXIT_SUCCESS", 1: "EXIT_FAILURE", **{status: str(status) for status in range(2, 256)}},
    "family": FAMILIES,
    "io_uring": IO_URING_OPS,
    "packet_big": {(number & 0xFF) << 8 | number >> 8: name for number, name in NUMBERS["packet"].items()},
    "signal": {0: "SIG0", **SIGNALS},
}

#: arch -> the family whose own table "NAME.family" of FLAGS or ENUMERATIONS is taken where there is one
ARCH_FAMILY: Final[dict[str, str]] = {
    "aarch64": "arm",
    "arm": "arm",
    "armeb": "arm",
    "i386": "x86",
    "ppc": "ppc",
    "ppc64": "ppc",
    "ppc64le": "ppc",
    "x86_64": "x86",
}
