"""Headers in, the flag and number tables of fields and system call arguments out (FLAGS and NUMBERS).

Most tables are one row of FLAG_ROWS or NUMBER_ROWS: where they stand and which names are theirs.
"""

from typing import Final

import ioctls
import reviewed
import sockets
from headers import Headers

Numbers = dict[int, str]
Flags = tuple[tuple[int, str], ...]

FCNTL: Final = ("any/asm-generic/fcntl.h", "any/linux/fcntl.h")
MMAN: Final = ("any/asm-generic/mman-common.h", "any/linux/mman.h")
MOUNT: Final = ("any/linux/mount.h", *FCNTL)
PRCTL: Final = ("any/linux/prctl.h",)

#: a system call passes 64 bits, but tables hold the low 32
LIMIT: Final = 1 << 32

#: word of the headers -> the word that users of audit know
WORDS: Final = {
    "FASYNC": "O_ASYNC",  # open(2), fcntl(2) and auparse
    "SCHED_NORMAL": "SCHED_OTHER",  # POSIX, sched_setscheduler(2) and auparse
    "PTRACE_PEEKUSR": "PTRACE_PEEKUSER",  # ptrace(2), the C library and auparse
    "PTRACE_POKEUSR": "PTRACE_POKEUSER",
    "unspec": "unspecified",  # auparse, for protocol families of netfilter
    "user-notif": "user-notify",  # auparse
    "fs": "filesystem",  # auparse and auditctl, for filter lists
    "uring_exit": "io_uring",  # auparse and auditctl, for filter lists
}

OPEN: Final = r"O_(?!ACCMODE|RDONLY)\w+|FASYNC"
PIPE: Final = "O_(?:CLOEXEC|DIRECT|NONBLOCK|NOTIFICATION_PIPE)"
FCNTL_CMD: Final = r"F_(?!RDLCK|WRLCK|UNLCK|EXLCK|SHLCK|OWNER_|SEAL_|LINUX_)\w+"
AT: Final = r"AT_(?!FDCWD)(?:SYMLINK|NO_AUTOMOUNT|EMPTY_PATH|RECURSIVE|STATX_(?:FORCE|DONT)|EXECVE_CHECK)\w*"
MMAP: Final = r"MAP_(?!TYPE|HUGE_|RENAME)\w+"
PROT: Final = r"PROT_\w+"
OPEN_TREE: Final = r"OPEN_TREE_\w+|AT_(?:EMPTY_PATH|NO_AUTOMOUNT|RECURSIVE|SYMLINK_NOFOLLOW)"
PTRACE: Final = r"PTRACE_(?!EVENT|O_|SYSCALL_INFO|PEEKSIGINFO_SHARED)\w+"
LISTS: Final = r"AUDIT_FILTER_(?!TYPE|PREPEND)(\w+)"
SECCOMP: Final = r"SECCOMP_RET_(?!KILL$|ACTION|DATA)(\w+)"
NETLINK: Final = (
    r"NETLINK_(?:ROUTE|UNUSED|USERSOCK|FIREWALL|SOCK_DIAG|NFLOG|XFRM|SELINUX|ISCSI|AUDIT|FIB_LOOKUP|CONNECTOR"
    r"|NETFILTER|IP6_FW|DNRTMSG|KOBJECT_UEVENT|GENERIC|SCSITRANSPORT|ECRYPTFS|RDMA|CRYPTO|SMC)"
)
FANOTIFY_MASK: Final = (
    r"FAN_(?:ACCESS|MODIFY|ATTRIB|CLOSE_\w+|OPEN\w*|MOVED_\w+|CREATE|DELETE\w*|MOVE_SELF|Q_OVERFLOW"
    r"|FS_ERROR|ACCESS_PERM|PRE_ACCESS|MNT_\w+|EVENT_ON_CHILD|RENAME|ONDIR)"
)

#: table of bit masks -> the headers to read, the names to take
FLAG_ROWS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "at_flags": (FCNTL, AT),
    "clone": (("any/linux/sched.h",), r"CLONE_(?!ARGS_)\w+"),
    "cloexec": (FCNTL, "O_CLOEXEC"),
    "close_range": (("any/linux/close_range.h",), r"CLOSE_RANGE_\w+"),
    "epoll_create": (("any/linux/eventpoll.h", *FCNTL), "EPOLL_CLOEXEC"),
    "eventfd": (("any/linux/eventfd.h", *FCNTL), r"EFD_\w+"),
    "faccessat_flags": (FCNTL, "AT_EACCESS|AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH"),
    "fallocate": (("any/linux/falloc.h",), r"FALLOC_FL_(?!ALLOCATE)\w+"),
    "fanotify_init": (
        ("any/linux/fanotify.h",),
        r"FAN_(?:CLOEXEC|NONBLOCK|CLASS_(?!NOTIF)\w+|UNLIMITED_\w+|ENABLE_AUDIT|REPORT_(?!DFID)\w+)",
    ),
    "fanotify_mark": (("any/linux/fanotify.h",), r"FAN_MARK_(?!INODE|IGNORE_SURV)\w+"),
    "fanotify_mask": (("any/linux/fanotify.h",), FANOTIFY_MASK),
    "fd_flags": (FCNTL, "FD_CLOEXEC"),
    "flock": (FCNTL, r"LOCK_(?!RW)\w+"),
    "fsmount": (MOUNT, r"FSMOUNT_\w+"),
    "fsopen": (MOUNT, r"FSOPEN_\w+"),
    "fspick": (MOUNT, r"FSPICK_\w+"),
    "getrandom": (("any/linux/random.h",), r"GRND_\w+"),
    "inotify_init": (("any/linux/inotify.h", *FCNTL), "IN_CLOEXEC|IN_NONBLOCK"),
    "inotify_mask": (("any/linux/inotify.h",), r"IN_(?!CLOEXEC|NONBLOCK|ALL_EVENTS|CLOSE$|MOVE$)\w+"),
    "io_uring_enter": (("any/linux/io_uring.h",), r"IORING_ENTER_\w+"),
    "ipc": (("any/linux/ipc.h", "any/linux/shm.h"), "IPC_CREAT|IPC_EXCL|SHM_HUGETLB|SHM_NORESERVE"),
    "kexec": (("any/linux/kexec.h",), r"KEXEC_(?!FILE_|ARCH_MASK|ARCH_DEFAULT|SEGMENT_)\w+"),
    "landlock_create": (("any/linux/landlock.h",), r"LANDLOCK_CREATE_RULESET_\w+"),
    "landlock_restrict": (("any/linux/landlock.h",), r"LANDLOCK_RESTRICT_SELF_\w+"),
    "mdwe": (PRCTL, r"PR_MDWE_\w+"),
    "memfd": (("any/linux/memfd.h",), r"MFD_(?!HUGE_)\w+"),
    "mlock": (MMAN, "MLOCK_ONFAULT"),
    "mlockall": (("any/asm-generic/mman.h",), r"MCL_\w+"),
    "mlockall.ppc": (("powerpc/asm/mman.h",), r"MCL_\w+"),
    "mmap_flags": (("any/asm-generic/mman.h", *MMAN), MMAP),
    "mmap_flags.ppc": (("powerpc/asm/mman.h", *MMAN), MMAP),
    "mmap_flags.x86": (("x86/asm/mman.h", "any/asm-generic/mman.h", *MMAN), MMAP),
    "mmap_prot": (("any/asm-generic/mman.h", *MMAN), PROT),
    "mmap_prot.arm": (("aarch64/asm/mman.h", "any/asm-generic/mman.h", *MMAN), PROT),
    "mmap_prot.ppc": (("powerpc/asm/mman.h", *MMAN), PROT),
    "module": (("any/linux/module.h",), r"MODULE_INIT_\w+"),
    "mount": (MOUNT, r"MS_(?!VERBOSE|RMT_MASK|MGC_MSK|SYNC$|ASYNC|INVALIDATE)\w+"),
    "mount_attr": (MOUNT, r"MOUNT_ATTR_(?!_|RELATIME|SIZE_)\w+"),
    "mremap": (MMAN, r"MREMAP_\w+"),
    "msync": (MMAN, "MS_(?:ASYNC|INVALIDATE|SYNC)"),
    "notify": (FCNTL, r"DN_\w+"),
    "open": (FCNTL, OPEN),
    "open.arm": (("arm/asm/fcntl.h", *FCNTL), OPEN),
    "open.ppc": (("powerpc/asm/fcntl.h", *FCNTL), OPEN),
    "open_tree": (MOUNT, OPEN_TREE),
    "personality": (("any/linux/personality.h",), r"(?!PER_|_)\w+"),
    "pidfd_open": (("any/linux/pidfd.h", *FCNTL), "PIDFD_NONBLOCK|PIDFD_THREAD"),
    "pidfd_signal": (("any/linux/pidfd.h",), r"PIDFD_SIGNAL_\w+"),
    "pipe": (("any/linux/watch_queue.h", *FCNTL), PIPE),
    "pipe.arm": (("any/linux/watch_queue.h", "arm/asm/fcntl.h", *FCNTL), PIPE),
    "pipe.ppc": (("any/linux/watch_queue.h", "powerpc/asm/fcntl.h", *FCNTL), PIPE),
    "pkey": (MMAN, r"PKEY_DISABLE_\w+"),
    "ptrace_options": (("any/linux/ptrace.h",), r"PTRACE_O_(?!MASK)\w+"),
    "resolve": (("any/linux/openat2.h",), r"RESOLVE_\w+"),
    "seals": (FCNTL, r"F_SEAL_\w+"),
    "seccomp_flags": (("any/linux/seccomp.h",), r"SECCOMP_FILTER_FLAG_\w+"),
    "shmat": (("any/linux/shm.h",), "SHM_(?:RDONLY|RND|REMAP|EXEC)"),
    "signalfd": (("any/linux/signalfd.h", *FCNTL), r"SFD_\w+"),
    "statx": (("any/linux/stat.h",), r"STATX_(?!ATTR_|_RESERVED|ALL)\w+"),
    "sync_file_range": (("any/linux/fs.h",), r"SYNC_FILE_RANGE_(?!WRITE_AND)\w+"),
    "timer": (("any/linux/time.h",), "TIMER_ABSTIME"),
    "timerfd": (("any/linux/timerfd.h", *FCNTL), "TFD_CLOEXEC|TFD_NONBLOCK"),
    "timerfd_settime": (("any/linux/timerfd.h",), r"TFD_TIMER_\w+"),
    "unlinkat_flags": (FCNTL, "AT_REMOVEDIR"),
    "userfaultfd": (("any/linux/userfaultfd.h", *FCNTL), "UFFD_USER_MODE_ONLY|O_CLOEXEC|O_NONBLOCK"),
    "wait": (("any/linux/wait.h",), r"(?:__)?W[A-Z]+"),
}

#: table of numbers -> the headers to read, the names to take
NUMBER_ROWS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "arch_prctl": (("x86/asm/prctl.h",), r"ARCH_(?!XCOMP_|SHSTK_SHSTK|SHSTK_WRSS)\w+"),
    "cap_ambient": (PRCTL, r"PR_CAP_AMBIENT_\w+"),
    "clock": (("any/linux/time.h",), r"CLOCK_(?!AUX_LAST)\w+"),
    "epoll_op": (("any/linux/eventpoll.h",), r"EPOLL_CTL_\w+"),
    "fcntl_cmd": (FCNTL, FCNTL_CMD),
    "fsconfig_cmd": (MOUNT, r"FSCONFIG_\w+"),
    "ioprio_who": (("any/linux/ioprio.h",), r"IOPRIO_WHO_\w+"),
    "itimer": (("any/linux/time.h",), r"ITIMER_\w+"),
    "kcmp": (("any/linux/kcmp.h",), r"KCMP_(?!TYPES)\w+"),
    "keyctl": (("any/linux/keyctl.h",), r"KEYCTL_(?!SUPPORTS_|MOVE_|CAPS\d)\w+"),
    "keyring": (("any/linux/keyctl.h",), r"KEY_SPEC_\w+"),
    "landlock_rule": (("any/linux/landlock.h",), r"LANDLOCK_RULE_\w+"),
    "lease": (FCNTL, "F_(?:RDLCK|WRLCK|UNLCK)"),
    "lsm_attr": (("any/linux/lsm.h",), r"LSM_ATTR_(?!UNDEF)\w+"),
    "madvise": (MMAN, r"MADV_\w+"),
    "mce_kill": (PRCTL, "PR_MCE_KILL_(?:CLEAR|SET)"),
    "membarrier": (("any/linux/membarrier.h",), r"MEMBARRIER_CMD_(?!FLAG_)\w+"),
    "mempolicy": (("any/linux/mempolicy.h",), r"MPOL_(?!F_|MF_|MAX|MODE_|USER_)\w+"),
    "netlink": (("any/linux/netlink.h",), NETLINK),
    "priority": (("any/linux/resource.h",), "PRIO_(?:PROCESS|PGRP|USER)"),
    "ptrace": (("any/linux/ptrace.h",), PTRACE),
    "ptrace.arm": (("any/linux/ptrace.h", "arm/asm/ptrace.h", "aarch64/asm/ptrace.h"), PTRACE),
    "ptrace.ppc": (("any/linux/ptrace.h", "powerpc/asm/ptrace.h"), PTRACE),
    "ptrace.x86": (("any/linux/ptrace.h", "x86/asm/ptrace-abi.h"), PTRACE),
    "reboot_cmd": (("any/linux/reboot.h",), r"LINUX_REBOOT_CMD_\w+"),
    "reboot_magic": (("any/linux/reboot.h",), r"LINUX_REBOOT_MAGIC\w+"),
    "rlimit": (("any/asm-generic/resource.h",), r"RLIMIT_\w+"),
    "rusage": (("any/linux/resource.h",), "RUSAGE_(?:SELF|CHILDREN|THREAD)"),
    "sched": (("any/linux/sched.h",), r"SCHED_(?!FLAG_|GETATTR_|RESET_)\w+"),
    "sched_core": (PRCTL, "PR_SCHED_CORE_(?:GET|CREATE|SHARE_TO|SHARE_FROM)"),
    "seccomp_mode": (("any/linux/seccomp.h",), r"SECCOMP_MODE_\w+"),
    "seccomp_op": (("any/linux/seccomp.h",), r"SECCOMP_(?:SET_MODE|GET)_\w+"),
    "seek": (("any/linux/fs.h",), r"SEEK_(?!MAX)\w+"),
    "set_mm": (PRCTL, r"PR_SET_MM_\w+"),
    "sigprocmask": (("any/asm-generic/signal-defs.h",), "SIG_(?:BLOCK|UNBLOCK|SETMASK)"),
    "speculation": (PRCTL, "PR_SPEC_(?:STORE_BYPASS|INDIRECT_BRANCH|L1D_FLUSH)"),
    "speculation_control": (PRCTL, r"PR_SPEC_(?:ENABLE|DISABLE|FORCE_DISABLE|DISABLE_NOEXEC)"),
    "tsc": (PRCTL, r"PR_TSC_\w+"),
    "vma": (PRCTL, r"PR_SET_VMA_\w+"),
    "waitid": (("any/linux/wait.h",), r"P_\w+"),
    "xt_audit": (("any/linux/netfilter/xt_AUDIT.h",), r"XT_AUDIT_TYPE_(?!MAX)(\w+)"),
}


def flags(headers: Headers) -> dict[str, Flags]:
    """Bit masks.  A name with a suffix (.x86 .arm .ppc) is what differs there from the plain name."""
    tables = {name: headers.read(*paths).select(pattern) for name, (paths, pattern) in FLAG_ROWS.items()}
    secure = headers.read("any/linux/securebits.h").select(r"SECURE_(?!ALL_)(\w+)")
    tables |= {"securebits": {1 << bit: f"SECBIT_{name}" for bit, name in secure.items()}, **reviewed.FLAGS}
    return {name: _ordered(_short(_spelled(table))) for name, table in sorted(tables.items())}


def numbers(headers: Headers) -> dict[str, Numbers]:
    """Enumerations.  A name with a suffix (.x86 .ppc) is what differs there from the plain name."""
    tables = {name: headers.read(*paths).select(pattern) for name, (paths, pattern) in NUMBER_ROWS.items()}
    tables |= {**_calls(headers), **_commands(headers), **_words(headers), **reviewed.NUMBERS}
    return {name: _low(_spelled(table)) for name, table in sorted(tables.items())}


def sockopts(headers: Headers) -> dict[str, Numbers]:
    """What belongs to sockets: protocols, levels and names of options."""
    return {name: _low(table) for name, table in sorted(sockets.tables(headers).items())}


def requests(headers: Headers) -> dict[str, Numbers]:
    """Requests of ioctl(2)."""
    return ioctls.requests(headers)


def _calls(headers: Headers) -> dict[str, Numbers]:
    """Calls within a call: the first argument says which."""
    futex = headers.read("any/linux/futex.h")
    operations = futex.select(
        r"FUTEX_(?!\w*PRIVATE|WAITERS|WAITV|OP_|ROBUST|CMD_|CLOCK|OWNER|TID|NO_|BITSET|32|UNLOCK_\w*LIST)[A-Z_2]+"
    )
    private, real = futex.value("FUTEX_PRIVATE_FLAG"), futex.value("FUTEX_CLOCK_REALTIME")
    marks = {0: "", private: "|FUTEX_PRIVATE_FLAG", real: "|FUTEX_CLOCK_REALTIME"}
    marks[private | real] = marks[private] + marks[real]
    prctl = headers.read(*PRCTL, indented=False).select(r"PR_(?!CFI_)\w+")
    registers = headers.enum("any/linux/io_uring.h", "io_uring_register_op")
    return {
        "bpf_cmd": headers.enum("any/linux/bpf.h", "bpf_cmd").select(r"BPF_(?!COMMON_ATTRS)\w+"),
        "futex": {number | bits: name + mark for bits, mark in marks.items() for number, name in operations.items()},
        "io_uring_register": registers.select(r"IORING_(?:UN)?REGISTER_(?!LAST|USE_)\w+"),
        "ipc": _lower(headers.read("any/linux/ipc.h").select(r"((?:SEM|MSG|SHM)[A-Z]+)")),
        "prctl": prctl,
        "socketcall": _lower(headers.read("any/linux/net.h").select(r"SYS_(\w+)")),
    }


def _commands(headers: Headers) -> dict[str, Numbers]:
    """Commands of shmctl, semctl and msgctl; on 32-bit machines the C library adds IPC_64."""
    ipc = headers.read("any/linux/ipc.h")
    common, new = ipc.select("IPC_(?:RMID|SET|STAT|INFO)"), ipc.value("IPC_64")
    shm = headers.read("any/linux/shm.h").select(r"SHM_(?:LOCK|UNLOCK|STAT|INFO|STAT_ANY)")
    sem = headers.read("any/linux/sem.h").select(r"(?:GET|SET)[A-Z]+|SEM_(?:STAT|INFO|STAT_ANY)")
    msg = headers.read("any/linux/msg.h").select(r"MSG_(?:STAT|INFO|STAT_ANY)")
    tables = {"shmctl": common | shm, "semctl": common | sem, "msgctl": common | msg}
    return {
        name: table | {number | new: f"{word}|IPC_64" for number, word in table.items()}
        for name, table in tables.items()
    }


def _words(headers: Headers) -> dict[str, Numbers]:
    """Tables whose words are audit's own, not the headers'."""
    seccomp = _lower(headers.read("any/linux/seccomp.h").select(SECCOMP))
    families = headers.read("any/linux/netfilter.h").select(r"NFPROTO_(?!NUMPROTO)(\w+)")
    personalities = headers.read("any/linux/personality.h")
    low: Numbers = {}
    for name in personalities.names(r"PER_(?!MASK|CLEAR_ON_SETID)\w+"):
        low.setdefault(personalities.value(name) & 0xFF, name)
    return {
        "audit_list": _lower(headers.read("any/linux/audit.h").select(LISTS)),
        "fan_type": _lower(headers.read("any/linux/fanotify.h").select(r"FAN_RESPONSE_INFO_(?:AUDIT_)?(NONE|RULE)")),
        "fanotify_response": _lower(headers.read("any/linux/fanotify.h").select("FAN_(ALLOW|DENY)")),
        "nfproto": _lower(families),
        # what the low byte means; its flags are in FLAGS
        "personality": dict(sorted(low.items())),
        "seccomp_action": {number: name.replace("_", "-") for number, name in seccomp.items()},
    }


def _lower(table: Numbers) -> Numbers:
    return {number: name.lower() for number, name in table.items()}


def _spelled(table: Numbers) -> Numbers:
    return {number: WORDS.get(name, name) for number, name in table.items()}


def _short(table: Numbers) -> Numbers:
    return {number: name for number, name in table.items() if 0 <= number < LIMIT}


def _low(table: Numbers) -> Numbers:
    """Negative numbers as a system call's argument shows them in its low 32 bits."""
    return dict(sorted((number % LIMIT, name) for number, name in table.items()))


def _ordered(table: Numbers) -> Flags:
    """By value, but a name of several bits stands before every name of fewer of them; the name of 0 stands first.

    Of the parts of a composite none has a lower lowest bit, and the one with the same lowest bit has
    fewer bits; so sorting by the lowest bit, then by most bits, is enough.
    """
    return tuple(sorted(table.items(), key=lambda flag: (flag[0] & -flag[0], -flag[0].bit_count(), flag[0])))
