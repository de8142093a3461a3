"""Headers in, the flag and number tables of system call arguments out (FLAGS and NUMBERS)."""

from typing import Final

import reviewed
from headers import Headers

Numbers = dict[int, str]
Flags = tuple[tuple[int, str], ...]

FCNTL: Final = ("any/asm-generic/fcntl.h", "any/linux/fcntl.h")

#: word of the headers -> the word that users of audit know
WORDS: Final = {
    "FASYNC": "O_ASYNC",  # open(2), fcntl(2) and auparse
    "SCHED_NORMAL": "SCHED_OTHER",  # POSIX, sched_setscheduler(2) and auparse
    "icmpv6": "ipv6-icmp",  # the protocol numbers' registry, and so /etc/protocols
    "unspec": "unspecified",  # auparse, for protocol families of netfilter
    "user-notif": "user-notify",  # auparse
    "fs": "filesystem",  # auparse and auditctl, for filter lists
    "uring_exit": "io_uring",  # auparse and auditctl, for filter lists
}

OPEN: Final = r"O_(?!ACCMODE|RDONLY)\w+|FASYNC"
FCNTL_CMD: Final = r"F_(?!RDLCK|WRLCK|UNLCK|EXLCK|SHLCK|OWNER_|SEAL_|LINUX_)\w+"
AT: Final = r"AT_(?!FDCWD)(?:SYMLINK|NO_AUTOMOUNT|EMPTY_PATH|RECURSIVE|STATX_(?:FORCE|DONT)|EXECVE_CHECK)\w*"
MMAP: Final = r"MAP_(?!TYPE|FILE|HUGE_|RENAME)\w+"
MOUNT: Final = r"MS_(?!VERBOSE|RMT_MASK|MGC_|SYNC$|ASYNC|INVALIDATE)\w+"
PTRACE: Final = r"PTRACE_(?!EVENT|O_|SYSCALL_INFO|PEEKSIGINFO_SHARED)\w+"
LISTS: Final = r"AUDIT_FILTER_(?!TYPE|PREPEND)(\w+)"
SECCOMP: Final = r"SECCOMP_RET_(?!KILL$|ACTION|DATA)(\w+)"


def flags(headers: Headers) -> dict[str, Flags]:
    """Bit masks.  A name with a suffix (.x86 .arm .ppc) is what differs there from the plain name."""
    tables = {**_open(headers), **_memory(headers), **_files(headers), **_processes(headers)}
    return {name: _ordered(table) for name, table in sorted(tables.items())}


def numbers(headers: Headers) -> dict[str, Numbers]:
    """Enumerations.  A name with a suffix (.x86) is what differs there from the plain name."""
    tables = {**_file_numbers(headers), **_process_numbers(headers), **_socket_numbers(headers), **_words(headers)}
    return dict(sorted(tables.items()))


def _open(headers: Headers) -> dict[str, Numbers]:
    return {
        "open": _spelled(headers.read(*FCNTL).select(OPEN)),
        "open.arm": _spelled(headers.read("arm/asm/fcntl.h", *FCNTL).select(OPEN)),
        "open.ppc": _spelled(headers.read("powerpc/asm/fcntl.h", *FCNTL).select(OPEN)),
    }


def _memory(headers: Headers) -> dict[str, Numbers]:
    common, linux = "any/asm-generic/mman-common.h", "any/linux/mman.h"
    generic = headers.read("any/asm-generic/mman.h", common, linux)
    x86 = headers.read("x86/asm/mman.h", "any/asm-generic/mman.h", common, linux)
    arm = headers.read("aarch64/asm/mman.h", "any/asm-generic/mman.h", common, linux)
    ppc = headers.read("powerpc/asm/mman.h", common, linux)
    prot = r"PROT_(?!NONE)\w+"
    return {
        "mmap_flags": generic.select(MMAP),
        "mmap_flags.ppc": ppc.select(MMAP),
        "mmap_flags.x86": x86.select(MMAP),
        "mmap_prot": generic.select(prot),
        "mmap_prot.arm": arm.select(prot),
        "mmap_prot.ppc": ppc.select(prot),
    }


def _files(headers: Headers) -> dict[str, Numbers]:
    fcntl = headers.read(*FCNTL)
    return {
        "access": reviewed.ACCESS,
        "at_flags": fcntl.select(AT),
        "faccessat_flags": fcntl.select("AT_EACCESS|AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH"),
        "mount": headers.read("any/linux/mount.h").select(MOUNT),
        "rename": headers.read("any/linux/fs.h").select(r"RENAME_\w+"),
        "resolve": headers.read("any/linux/openat2.h").select(r"RESOLVE_\w+"),
        "umount": reviewed.UMOUNT,
        "unlinkat_flags": fcntl.select("AT_REMOVEDIR"),
        "xattr": headers.read("any/linux/xattr.h").select("XATTR_(?:CREATE|REPLACE)"),
    }


def _processes(headers: Headers) -> dict[str, Numbers]:
    return {
        "clone": headers.read("any/linux/sched.h").select(r"CLONE_(?!ARGS_)\w+"),
        "msg": reviewed.MSG,
        "personality": headers.read("any/linux/personality.h").select(r"(?!PER_|_)\w+"),
        "socket": reviewed.SOCKET_FLAGS,
    }


def _file_numbers(headers: Headers) -> dict[str, Numbers]:
    fcntl = headers.read(*FCNTL)
    return {
        "dirfd": fcntl.select("AT_FDCWD"),
        "epoll_op": headers.read("any/linux/eventpoll.h").select(r"EPOLL_CTL_\w+"),
        "fcntl_cmd": fcntl.select(FCNTL_CMD),
        "fsconfig_cmd": headers.read("any/linux/mount.h").select(r"FSCONFIG_\w+"),
        "seek": headers.read("any/linux/fs.h").select(r"SEEK_(?!MAX)\w+"),
    }


def _process_numbers(headers: Headers) -> dict[str, Numbers]:
    ptrace = ("any/linux/ptrace.h", "x86/asm/ptrace-abi.h")
    prctl = headers.read("any/linux/prctl.h", indented=False)
    return {
        "bpf_cmd": headers.enum("any/linux/bpf.h", "bpf_cmd").select(r"BPF_(?!COMMON_ATTRS)\w+"),
        "clock": headers.read("any/linux/time.h").select(r"CLOCK_(?!AUX_LAST)\w+"),
        "personality": headers.read("any/linux/personality.h").select(r"PER_(?!MASK|CLEAR_ON_SETID)\w+"),
        "prctl": prctl.select(r"PR_(?!CFI_)\w+"),
        "ptrace": headers.read(*ptrace[:1]).select(PTRACE),
        "ptrace.x86": headers.read(*ptrace).select(PTRACE),
        "rlimit": headers.read("any/asm-generic/resource.h").select(r"RLIMIT_\w+"),
        "sched": _spelled(headers.read("any/linux/sched.h").select(r"SCHED_(?!FLAG_|GETATTR_|RESET_)\w+")),
    }


def _socket_numbers(headers: Headers) -> dict[str, Numbers]:
    protocols = headers.read("any/linux/in.h", "any/linux/in6.h").select(r"IPPROTO_(?!MAX)(\w+)")
    families = headers.read("any/linux/netfilter.h").select(r"NFPROTO_(?!NUMPROTO)(\w+)")
    return {
        "ip_protocol": _spelled(_lower(protocols)),
        "nfproto": _spelled(_lower(families)),
        "socket_type": reviewed.SOCKET_TYPES,
        "socketcall": _lower(headers.read("any/linux/net.h").select(r"SYS_(\w+)")),
    }


def _words(headers: Headers) -> dict[str, Numbers]:
    """Tables whose words are audit's own, not the headers'."""
    seccomp = _lower(headers.read("any/linux/seccomp.h").select(SECCOMP))
    return {
        "audit_list": _spelled(_lower(headers.read("any/linux/audit.h").select(LISTS))),
        "fanotify_response": _lower(headers.read("any/linux/fanotify.h").select("FAN_(ALLOW|DENY)")),
        "ipc": _lower(headers.read("any/linux/ipc.h").select(r"((?:SEM|MSG|SHM)[A-Z]+)")),
        "seccomp_action": _spelled({number: name.replace("_", "-") for number, name in seccomp.items()}),
    }


def _lower(table: Numbers) -> Numbers:
    return {number: name.lower() for number, name in table.items()}


def _spelled(table: Numbers) -> Numbers:
    return {number: WORDS.get(name, name) for number, name in table.items()}


def _ordered(table: Numbers) -> Flags:
    """By value, but a name of several bits stands before every name of fewer of them.

    Of the parts of a composite none has a lower lowest bit, and the one with the same lowest bit has
    fewer bits; so sorting by the lowest bit, then by most bits, is enough.
    """
    return tuple(sorted(table.items(), key=lambda flag: (flag[0] & -flag[0], -flag[0].bit_count(), flag[0])))
