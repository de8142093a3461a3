"""What each field of a record holds: (record type, key) -> kind.  Reviewed by hand; both kernels read it.

A kind says how a value is decoded and how it is interpreted:

    encoded      the kernel's untrusted string: quoted it is literal, unquoted and even hex it is hex
                 (audit_log_untrustedstring in kernel/audit.c; libaudit's audit_encode_nv_string)
    key          encoded; several keys are split at 0x01 (AUDIT_KEY_SEPARATOR)
    proctitle    encoded; argument borders are NULs
    uid, gid     a name from the sender's own suffix; 4294967295 and -1 are `unset`
    session      4294967295 is `unset`
    arch         AUDIT_ARCH number in hex;  syscall  a number of that arch
    exit, errno  negative (errno: either sign) -> `ENOENT(No such file or directory)`
    success      1 -> yes, 0 -> no
    mode         octal st_mode -> `file,644`
    short_mode   permission bits -> `0644`;  create_mode  the same if the argument before it has O_CREAT
    cap_bitmap   hex mask -> comma list or `none`;  capability  a number
    sockaddr     hex of the raw struct sockaddr, in the byte order of the sender's arch
    promisc      bit 0x100 -> yes or no
    seccomp      the upper bits of a SECCOMP_RET_* value
    dirfd        AT_FDCWD or a number
    flags:TABLE  bits of tables.FLAGS[TABLE]; number:TABLE  one of tables.NUMBERS[TABLE] (also signals, io_uring)

Facts: audit-documentation's field dictionary (which fields are encoded), audit.h, and what the kernel prints.
A number may be written with 0x (hex) or 0 (octal) in front; arguments a0..a3 are hex without a prefix.
"""

from typing import Final

from stitcher.tables import FAMILIES, IO_URING_OPS, NUMBERS, SIGNALS

_ENCODED: Final = (
    "acct apparmor cgroup cmd comm cwd data denied_mask device dir exe file grp info invalid_context name "
    "new-chardev new-disk new-fs new-net new-rng new_group ocomm old-chardev old-disk old-fs old-net old-rng "
    "operation path profile requested_mask root_dir sw vm watch"
).split()
_UID: Final = "auid uid euid suid fsuid ouid oauid old-auid iuid id inode_uid sauid obj_uid".split()
_GID: Final = "gid egid sgid fsgid ogid igid inode_gid obj_gid new_gid".split()
_CAP_BITMAP: Final = (
    "cap_pi cap_pe cap_pp cap_pa cap_fi cap_fp fp fi old_pp old_pi old_pe old_pa new_pp new_pi new_pe pp pi pe pa"
).split()

#: key -> kind, in records of every type; a key that is not here is plain text
FIELDS: Final[dict[str, str]] = {
    **dict.fromkeys(_ENCODED, "encoded"),
    **dict.fromkeys(_UID, "uid"),
    **dict.fromkeys(_GID, "gid"),
    **dict.fromkeys(_CAP_BITMAP, "cap_bitmap"),
    "arch": "arch",
    "capability": "capability",
    "errno": "errno",
    "exit": "exit",
    "key": "key",
    "mode": "mode",
    "oflag": "flags:open",
    "old-ses": "session",
    "old_prom": "promisc",
    "proctitle": "proctitle",
    "prom": "promisc",
    "res": "success",
    "result": "success",
    "ses": "session",
    "sig": "number:signal",
    "sigev_signo": "number:signal",
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
    (1306, "saddr"): "sockaddr",
    (1312, "mode"): "short_mode",  # MQ_OPEN
    (1323, "flags"): "flags:mmap_flags",
    (1326, "code"): "seccomp",
    (1424, "mode"): "plain",  # LANDLOCK_DOMAIN: enforcing
    (2404, "fp"): "plain",  # CRYPTO_KEY_USER: a fingerprint
}

#: syscall name -> kinds of a0..a3; "" is a number without a better name
ARGUMENTS: Final[dict[str, tuple[str, str, str, str]]] = {
    "open": ("", "flags:open", "create_mode", ""),
    "openat": ("dirfd", "", "flags:open", "create_mode"),
    "open_by_handle_at": ("", "", "flags:open", ""),
    "mq_open": ("", "flags:open", "create_mode", ""),
    "creat": ("", "short_mode", "", ""),
    "chmod": ("", "short_mode", "", ""),
    "fchmod": ("", "short_mode", "", ""),
    "mkdir": ("", "short_mode", "", ""),
    "fchmodat": ("dirfd", "", "short_mode", ""),
    "mkdirat": ("dirfd", "", "short_mode", ""),
    "mknodat": ("dirfd", "", "mode", ""),
    "mknod": ("", "mode", "", ""),
    "unlinkat": ("dirfd", "", "", ""),
    "newfstatat": ("dirfd", "", "", ""),
    "fchownat": ("dirfd", "", "", ""),
    "faccessat": ("dirfd", "", "", ""),
    "faccessat2": ("dirfd", "", "", ""),
    "readlinkat": ("dirfd", "", "", ""),
    "linkat": ("dirfd", "", "dirfd", ""),
    "renameat": ("dirfd", "", "dirfd", ""),
    "renameat2": ("dirfd", "", "dirfd", ""),
    "symlinkat": ("", "dirfd", "", ""),
    "utimensat": ("dirfd", "", "", ""),
    "execveat": ("dirfd", "", "", ""),
    "openat2": ("dirfd", "", "", ""),
    "kill": ("", "number:signal", "", ""),
    "tkill": ("", "number:signal", "", ""),
    "tgkill": ("", "", "number:signal", ""),
    "rt_sigaction": ("number:signal", "", "", ""),
    "mmap": ("", "", "flags:mmap_prot", "flags:mmap_flags"),
    "mprotect": ("", "", "flags:mmap_prot", ""),
    "socket": ("number:family", "", "", ""),
}

#: the tables of kind number:TABLE
ENUMERATIONS: Final[dict[str, dict[int, str]]] = {
    **NUMBERS,
    "signal": {0: "SIG0", **SIGNALS},
    "io_uring": IO_URING_OPS,
    "family": FAMILIES,
}

#: arch -> the family whose own FLAGS table "NAME.family" is taken where there is one
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
