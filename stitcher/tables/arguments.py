"""What each argument of a system call holds: syscall name -> kinds of a0..a3.  Reviewed by hand; both kernels read it.

The kinds are explained in tables.fields.  "" is a number without a better name; a call that is not here has four of
them.  What comes fifth or later (flags of renameat2, linkat, execveat, mount_setattr's size, ...) is not in the log.

Facts: section 2 of the manual pages, and SYSCALL_DEFINE of the kernel for the order of the arguments.
"""

from typing import Final

Row = tuple[str, str, str, str]
#: position of the argument that decides, and the kind for each value of its low 32 bits
Choice = tuple[int, dict[int, str]]

_SOCKET_OPTIONS: Final = {
    1: "number:sockopt",
    6: "number:sockopt_tcp",
    17: "number:sockopt_udp",
    40: "number:sockopt_vsock",
    58: "number:sockopt_icmpv6",
    101: "number:sockopt_can_raw",
    136: "number:sockopt_udp",
    255: "number:sockopt_raw",
    263: "number:sockopt_packet",
    270: "number:sockopt_netlink",
    271: "number:sockopt_tipc",
    272: "number:sockopt_rxrpc",
    279: "number:sockopt_alg",
    282: "number:sockopt_tls",
    283: "number:sockopt_xdp",
    284: "number:sockopt_mptcp",
}
_PROTOCOLS: Final = {
    2: "number:ip_protocol",
    10: "number:ip_protocol",
    16: "number:netlink",
    29: "number:can",
    31: "number:bluetooth",
}
#: operations of keyctl(2) whose second argument is a key or a keyring
_KEYED: Final = (0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 19, 20, 21, 29, 30, 32)

#: name -> the argument that decides, and what this one is then; nothing for other values
CHOICES: Final[dict[str, Choice]] = {
    # by F_* of fcntl_cmd
    "fcntl": (
        1,
        {
            0: "decimal",
            2: "flags:fd_flags",
            4: "flags:open",
            8: "decimal",
            10: "number:signal",
            1024: "number:lease",
            1026: "flags:notify",
            1030: "decimal",
            1031: "decimal",
            1033: "flags:seals",
        },
    ),
    # by level; 64 and up are netfilter's, and another request in each direction
    "getsockopt": (1, {**_SOCKET_OPTIONS, 0: "number:sockopt_ip_get", 41: "number:sockopt_ipv6_get"}),
    "setsockopt": (1, {**_SOCKET_OPTIONS, 0: "number:sockopt_ip", 41: "number:sockopt_ipv6"}),
    # by KEYCTL_* of keyctl
    "keyctl": (0, dict.fromkeys(_KEYED, "number:keyring")),
    # by PR_* of prctl
    "prctl": (
        0,
        {
            1: "number:signal",
            4: "number:dumpable",
            8: "decimal",
            22: "number:seccomp_mode",
            23: "number:capability",
            24: "number:capability",
            26: "number:tsc",
            28: "flags:securebits",
            33: "number:mce_kill",
            35: "number:set_mm",
            36: "decimal",
            38: "decimal",
            47: "number:cap_ambient",
            52: "number:speculation",
            53: "number:speculation",
            62: "number:sched_core",
            65: "flags:mdwe",
            0x53564D41: "number:vma",
            0x59616D61: "decimal",
        },
    ),
    "prctl_value": (0, {47: "number:capability", 53: "number:speculation_control", 62: "decimal"}),
    # by PTRACE_*: CONT, SINGLESTEP, DETACH, SYSCALL; SETOPTIONS, SEIZE
    "ptrace": (
        0,
        {
            **dict.fromkeys((7, 9, 17, 24), "number:signal"),
            **dict.fromkeys((0x4200, 0x4206), "flags:ptrace_options"),
        },
    ),
    # by SECCOMP_SET_MODE_FILTER
    "seccomp": (0, {1: "flags:seccomp_flags"}),
    # by address family
    "socket": (0, {**_PROTOCOLS, 17: "number:packet"}),
    "socket_big": (0, {**_PROTOCOLS, 17: "number:packet_big"}),
}

_FD: Final[Row] = ("dirfd", "", "", "")
_CHOWN: Final[Row] = ("", "account", "group", "")
_FCNTL: Final[Row] = ("", "number:fcntl_cmd", "choice:fcntl", "")
_FUTEX: Final[Row] = ("", "number:futex", "", "")
_CLOCK: Final[Row] = ("number:clock", "", "", "")
_NANOSLEEP: Final[Row] = ("number:clock", "flags:timer", "", "")
_MMAP: Final[Row] = ("", "", "flags:mmap_prot", "flags:mmap_flags")
_MODE: Final[Row] = ("", "short_mode", "", "")
_STAT_AT: Final[Row] = ("dirfd", "", "", "flags:at_flags")
_XATTR_AT: Final[Row] = ("dirfd", "", "flags:at_flags", "")
_TWO_PATHS: Final[Row] = ("dirfd", "", "dirfd", "")
_SEND: Final[Row] = ("", "", "", "flags:msg")
_MESSAGE: Final[Row] = ("", "", "flags:msg", "")
_SIGNAL: Final[Row] = ("number:signal", "", "", "")
_KILL: Final[Row] = ("decimal", "number:signal", "", "")
_PID: Final[Row] = ("decimal", "", "", "")
_RLIMIT: Final[Row] = ("number:rlimit", "", "", "")
_WAIT: Final[Row] = ("decimal", "", "flags:wait", "")

_FILES: Final[dict[str, Row]] = {
    "access": ("", "flags:access", "", ""),
    "arm_fadvise64_64": ("", "number:fadvise", "", ""),
    "chmod": _MODE,
    "close_range": ("decimal", "decimal", "flags:close_range", ""),
    "creat": _MODE,
    "dup3": ("", "", "flags:cloexec", ""),
    "execveat": _FD,
    "faccessat": ("dirfd", "", "flags:access", ""),
    "faccessat2": ("dirfd", "", "flags:access", "flags:faccessat_flags"),
    "fadvise64": ("", "", "", "number:fadvise"),
    "fallocate": ("", "flags:fallocate", "", ""),
    "fchmod": _MODE,
    "fchmodat": ("dirfd", "", "short_mode", ""),
    "fchmodat2": ("dirfd", "", "short_mode", "flags:at_flags"),
    "fchownat": ("dirfd", "", "account", "group"),
    "fcntl": _FCNTL,
    "fcntl64": _FCNTL,
    "file_getattr": _FD,
    "file_setattr": _FD,
    "flock": ("", "flags:flock", "", ""),
    "fstatat64": _STAT_AT,
    "futimesat": _FD,
    "getxattrat": _XATTR_AT,
    "ioctl": ("", "number:ioctl", "", ""),
    "linkat": _TWO_PATHS,
    "listxattrat": _XATTR_AT,
    "lseek": ("", "", "number:seek", ""),
    "mkdir": _MODE,
    "mkdirat": ("dirfd", "", "short_mode", ""),
    "mknod": ("", "mode", "", ""),
    "mknodat": ("dirfd", "", "mode", ""),
    "mq_open": ("", "flags:open", "create_mode", ""),
    "name_to_handle_at": _FD,
    "newfstatat": _STAT_AT,
    "open": ("", "flags:open", "create_mode", ""),
    "open_by_handle_at": ("dirfd", "", "flags:open", ""),
    "openat": ("dirfd", "", "flags:open", "create_mode"),
    "openat2": _FD,
    "pipe2": ("", "flags:pipe", "", ""),
    "readlinkat": _FD,
    "removexattrat": _XATTR_AT,
    "renameat": _TWO_PATHS,
    "renameat2": _TWO_PATHS,
    "setxattrat": _XATTR_AT,
    "statx": ("dirfd", "", "flags:at_flags", "flags:statx"),
    "symlinkat": ("", "dirfd", "", ""),
    "sync_file_range": ("", "", "", "flags:sync_file_range"),
    "sync_file_range2": ("", "flags:sync_file_range", "", ""),
    "tee": ("", "", "", "flags:splice"),
    "umask": ("short_mode", "", "", ""),
    "unlinkat": ("dirfd", "", "flags:unlinkat_flags", ""),
    "utimensat": _STAT_AT,
    "utimensat_time64": _STAT_AT,
    "vmsplice": ("", "", "", "flags:splice"),
    **dict.fromkeys(("chown", "chown32", "fchown", "fchown32", "lchown", "lchown32"), _CHOWN),
}

_MOUNTS: Final[dict[str, Row]] = {
    "fsconfig": ("", "number:fsconfig_cmd", "", ""),
    "fsmount": ("", "flags:fsmount", "flags:mount_attr", ""),
    "fsopen": ("", "flags:fsopen", "", ""),
    "fspick": ("dirfd", "", "flags:fspick", ""),
    "mount": ("", "", "", "flags:mount"),
    "mount_setattr": _XATTR_AT,
    "move_mount": _TWO_PATHS,
    "open_tree": ("dirfd", "", "flags:open_tree", ""),
    "open_tree_attr": ("dirfd", "", "flags:open_tree", ""),
    "swapon": ("", "flags:swapon", "", ""),
    "umount2": ("", "flags:umount", "", ""),
}

_WATCHES: Final[dict[str, Row]] = {
    "epoll_create1": ("flags:epoll_create", "", "", ""),
    "epoll_ctl": ("", "number:epoll_op", "", ""),
    "eventfd2": ("", "flags:eventfd", "", ""),
    "fanotify_init": ("flags:fanotify_init", "flags:open", "", ""),
    "fanotify_mark": ("", "flags:fanotify_mark", "flags:fanotify_mask", "dirfd"),
    "inotify_add_watch": ("", "", "flags:inotify_mask", ""),
    "inotify_init1": ("flags:inotify_init", "", "", ""),
    "io_uring_enter": ("", "", "", "flags:io_uring_enter"),
    "io_uring_register": ("", "number:io_uring_register", "", ""),
    "signalfd4": ("", "", "", "flags:signalfd"),
    "timerfd_create": ("number:clock", "flags:timerfd", "", ""),
    "timerfd_settime": ("", "flags:timerfd_settime", "", ""),
    "timerfd_settime64": ("", "flags:timerfd_settime", "", ""),
    "userfaultfd": ("flags:userfaultfd", "", "", ""),
}

_MEMORY: Final[dict[str, Row]] = {
    "madvise": ("", "", "number:madvise", ""),
    "mbind": ("", "", "number:mempolicy", ""),
    "membarrier": ("number:membarrier", "", "", ""),
    "memfd_create": ("", "flags:memfd", "", ""),
    "memfd_secret": ("flags:cloexec", "", "", ""),
    "mlock2": ("", "", "flags:mlock", ""),
    "mlockall": ("flags:mlockall", "", "", ""),
    "mmap": _MMAP,
    "mmap2": _MMAP,
    "mprotect": ("", "", "flags:mmap_prot", ""),
    "mremap": ("", "", "", "flags:mremap"),
    "msync": ("", "", "flags:msync", ""),
    "pkey_alloc": ("", "flags:pkey", "", ""),
    "pkey_mprotect": ("", "", "flags:mmap_prot", "decimal"),
    "process_madvise": ("", "", "", "number:madvise"),
    "set_mempolicy": ("number:mempolicy", "", "", ""),
    "shmat": ("", "", "flags:shmat", ""),
}

_PROCESSES: Final[dict[str, Row]] = {
    "arch_prctl": ("number:arch_prctl", "", "", ""),
    "clone": ("clone", "", "", ""),
    "exit": ("number:exit_status", "", "", ""),
    "exit_group": ("number:exit_status", "", "", ""),
    "futex": _FUTEX,
    "futex_time64": _FUTEX,
    "getpriority": ("number:priority", "", "", ""),
    "getrusage": ("number:rusage", "", "", ""),
    "ioprio_get": ("number:ioprio_who", "decimal", "", ""),
    "ioprio_set": ("number:ioprio_who", "decimal", "", ""),
    "ipc": ("number:ipc", "", "", ""),
    "kcmp": ("decimal", "decimal", "number:kcmp", ""),
    "msgctl": ("", "number:msgctl", "", ""),
    "msgget": ("", "ipc_flags", "", ""),
    "personality": ("personality", "", "", ""),
    "pidfd_open": ("decimal", "flags:pidfd_open", "", ""),
    "prctl": ("number:prctl", "choice:prctl", "choice:prctl_value", ""),
    "process_vm_readv": _PID,
    "process_vm_writev": _PID,
    "prlimit64": ("decimal", "number:rlimit", "", ""),
    "ptrace": ("number:ptrace", "decimal", "", "choice:ptrace"),
    "sched_get_priority_max": ("sched", "", "", ""),
    "sched_get_priority_min": ("sched", "", "", ""),
    "sched_setscheduler": ("decimal", "sched", "", ""),
    "semctl": ("", "", "number:semctl", ""),
    "semget": ("", "", "ipc_flags", ""),
    "setns": ("", "flags:clone", "", ""),
    "setpriority": ("number:priority", "decimal", "decimal", ""),
    "shmctl": ("", "number:shmctl", "", ""),
    "shmget": ("", "", "ipc_flags", ""),
    "unshare": ("flags:clone", "", "", ""),
    "wait4": _WAIT,
    "waitid": ("number:waitid", "decimal", "", "flags:wait"),
    "waitpid": _WAIT,
    **dict.fromkeys(("getrlimit", "setrlimit", "ugetrlimit"), _RLIMIT),
}

_SIGNALS: Final[dict[str, Row]] = {
    "kill": _KILL,
    "pidfd_send_signal": ("", "number:signal", "", "flags:pidfd_signal"),
    "rt_sigprocmask": ("number:sigprocmask", "", "", ""),
    "rt_sigqueueinfo": _KILL,
    "rt_tgsigqueueinfo": ("decimal", "decimal", "number:signal", ""),
    "sigprocmask": ("number:sigprocmask", "", "", ""),
    "tgkill": ("decimal", "decimal", "number:signal", ""),
    "tkill": _KILL,
    **dict.fromkeys(("rt_sigaction", "sigaction", "signal"), _SIGNAL),
}

_TIMES: Final[dict[str, Row]] = {
    "clock_nanosleep": _NANOSLEEP,
    "clock_nanosleep_time64": _NANOSLEEP,
    "getitimer": ("number:itimer", "", "", ""),
    "setitimer": ("number:itimer", "", "", ""),
    "timer_settime": ("", "flags:timer", "", ""),
    "timer_settime64": ("", "flags:timer", "", ""),
    **dict.fromkeys(("clock_adjtime", "clock_adjtime64", "clock_getres", "clock_getres_time64"), _CLOCK),
    **dict.fromkeys(("clock_gettime", "clock_gettime64", "clock_settime", "clock_settime64", "timer_create"), _CLOCK),
}

_SOCKETS: Final[dict[str, Row]] = {
    "accept4": ("", "", "", "flags:socket"),
    "getsockopt": ("", "number:sockopt_level", "choice:getsockopt", ""),
    "setsockopt": ("", "number:sockopt_level", "choice:setsockopt", ""),
    "shutdown": ("", "number:shutdown", "", ""),
    "socket": ("number:family", "socket_type", "choice:socket", ""),
    "socketcall": ("number:socketcall", "", "", ""),
    "socketpair": ("number:family", "socket_type", "choice:socket", ""),
    **dict.fromkeys(("recv", "recvfrom", "recvmmsg", "recvmmsg_time64", "send", "sendmmsg", "sendto"), _SEND),
    **dict.fromkeys(("recvmsg", "sendmsg"), _MESSAGE),
}

_IDENTITIES: Final[dict[str, Row]] = {
    **dict.fromkeys(("setfsgid", "setfsgid32", "setgid", "setgid32"), ("group", "", "", "")),
    **dict.fromkeys(("setfsuid", "setfsuid32", "setuid", "setuid32"), ("account", "", "", "")),
    **dict.fromkeys(("setregid", "setregid32"), ("group", "group", "", "")),
    **dict.fromkeys(("setresgid", "setresgid32"), ("group", "group", "group", "")),
    **dict.fromkeys(("setresuid", "setresuid32"), ("account", "account", "account", "")),
    **dict.fromkeys(("setreuid", "setreuid32"), ("account", "account", "", "")),
}

_SYSTEM: Final[dict[str, Row]] = {
    "bpf": ("number:bpf_cmd", "", "", ""),
    "delete_module": ("", "flags:delete_module", "", ""),
    "finit_module": ("", "", "flags:module", ""),
    "getrandom": ("", "", "flags:getrandom", ""),
    "kexec_load": ("", "", "", "flags:kexec"),
    "keyctl": ("number:keyctl", "choice:keyctl", "", ""),
    "landlock_add_rule": ("", "number:landlock_rule", "", ""),
    "landlock_create_ruleset": ("", "", "flags:landlock_create", ""),
    "landlock_restrict_self": ("", "flags:landlock_restrict", "", ""),
    "lsm_get_self_attr": ("number:lsm_attr", "", "", ""),
    "lsm_set_self_attr": ("number:lsm_attr", "", "", ""),
    "reboot": ("number:reboot_magic", "number:reboot_magic", "number:reboot_cmd", ""),
    "request_key": ("", "", "", "number:keyring"),
    "seccomp": ("number:seccomp_op", "choice:seccomp", "", ""),
    "syslog": ("number:syslog", "", "", ""),
}

#: syscall name -> kinds of a0..a3
ARGUMENTS: Final[dict[str, Row]] = {
    **_FILES,
    **_MOUNTS,
    **_WATCHES,
    **_MEMORY,
    **_PROCESSES,
    **_SIGNALS,
    **_TIMES,
    **_SOCKETS,
    **_IDENTITIES,
    **_SYSTEM,
}

_NOTHING: Final[Row] = ("", "", "", "")
_BIG_SOCKET: Final[Row] = ("number:family", "socket_type", "choice:socket_big", "")

#: (arch, syscall name) -> kinds of a0..a3, where a machine has other arguments than ARGUMENTS say
ARCH_ARGUMENTS: Final[dict[tuple[str, str], Row]] = {
    # a 64-bit offset takes two arguments: the last ones are beyond a3
    ("i386", "fadvise64"): _NOTHING,
    ("i386", "sync_file_range"): _NOTHING,
    ("ppc", "fadvise64"): _NOTHING,
    # the old call: a0 points to all of them
    ("i386", "mmap"): _NOTHING,
    ("s390x", "mmap"): _NOTHING,
    # CONFIG_CLONE_BACKWARDS2: the new stack stands first
    ("s390x", "clone"): ("", "clone", "", ""),
    # a protocol of packet(7) is in network byte order, so its number depends on the machine
    **{(arch, call): _BIG_SOCKET for arch in ("armeb", "ppc", "ppc64", "s390x") for call in ("socket", "socketpair")},
}
