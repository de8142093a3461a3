"""Bit masks and enumerations: what names a mask or a number has, on which machines."""

import pytest

from stitcher.tables import FLAGS, NUMBERS


def names_of(mask: int, table: tuple[tuple[int, str], ...]) -> list[str]:
    names = []
    for bits, name in table:
        if bits and mask & bits == bits:
            names.append(name)
            mask &= ~bits
    return names or [name for bits, name in table if bits == mask]


@pytest.mark.parametrize(
    ("table", "mask", "names"),
    [
        ("open", 0o1101, ["O_WRONLY", "O_CREAT", "O_TRUNC"]),
        ("open", 0x101000, ["O_SYNC"]),
        ("open", 0x1000, ["O_DSYNC"]),
        ("open", 0x410002, ["O_RDWR", "O_TMPFILE"]),
        ("open", 0x90000, ["O_DIRECTORY", "O_CLOEXEC"]),
        ("open.arm", 0x84000, ["O_DIRECTORY", "O_CLOEXEC"]),
        ("open.arm", 0x404001, ["O_WRONLY", "O_TMPFILE"]),
        ("open.ppc", 0x20000, ["O_DIRECT"]),
        ("mmap_prot", 5, ["PROT_READ", "PROT_EXEC"]),
        ("mmap_flags", 0x22, ["MAP_PRIVATE", "MAP_ANONYMOUS"]),
        ("mmap_flags", 3, ["MAP_SHARED_VALIDATE"]),
        ("clone", 0x10020000, ["CLONE_NEWNS", "CLONE_NEWUSER"]),
        ("mount", 0x1001, ["MS_RDONLY", "MS_BIND"]),
        ("personality", 0x40000, ["ADDR_NO_RANDOMIZE"]),
        ("access", 0, ["F_OK"]),
        ("access", 6, ["W_OK", "R_OK"]),
        ("at_flags", 0x1100, ["AT_SYMLINK_NOFOLLOW", "AT_EMPTY_PATH"]),
        ("clone", 0x80, ["CLONE_NEWTIME"]),
        ("fanotify_mark", 0x111, ["FAN_MARK_ADD", "FAN_MARK_MNTNS"]),
        ("inotify_mask", 0x21000002, ["IN_MODIFY", "IN_ONLYDIR", "IN_MASK_ADD"]),
        ("kexec", 0x3E0001, ["KEXEC_ON_CRASH", "KEXEC_ARCH_X86_64"]),
        ("memfd", 0x3, ["MFD_CLOEXEC", "MFD_ALLOW_SEALING"]),
        ("mlockall", 0x3, ["MCL_CURRENT", "MCL_FUTURE"]),
        ("mlockall.ppc", 0x6000, ["MCL_CURRENT", "MCL_FUTURE"]),
        ("mmap_flags", 0, ["MAP_FILE"]),
        ("mmap_prot", 0, ["PROT_NONE"]),
        ("mount", 0xC0ED0001, ["MS_RDONLY", "MS_MGC_VAL"]),
        ("mount_attr", 0xF, ["MOUNT_ATTR_RDONLY", "MOUNT_ATTR_NOSUID", "MOUNT_ATTR_NODEV", "MOUNT_ATTR_NOEXEC"]),
        ("pipe", 0x84000, ["O_DIRECT", "O_CLOEXEC"]),
        ("pipe.arm", 0x90000, ["O_DIRECT", "O_CLOEXEC"]),
        ("ptrace_options", 0x100001, ["PTRACE_O_TRACESYSGOOD", "PTRACE_O_EXITKILL"]),
        ("seals", 0xF, ["F_SEAL_SEAL", "F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE"]),
        ("securebits", 0x14, ["SECBIT_NO_SETUID_FIXUP", "SECBIT_KEEP_CAPS"]),
        ("statx", 0x7FF, ["STATX_BASIC_STATS"]),
        ("wait", 0x40000003, ["WNOHANG", "WUNTRACED", "__WALL"]),
    ],
)
def test_names_taken_in_order_spell_a_mask(table: str, mask: int, names: list[str]) -> None:
    assert names_of(mask, FLAGS[table]) == names


@pytest.mark.parametrize("table", FLAGS)
def test_a_composite_stands_before_its_parts(table: str) -> None:
    for place, (bits, name) in enumerate(FLAGS[table]):
        parts = [before for before, _ in FLAGS[table][:place] if before and before & bits == before]
        assert parts == [], name


@pytest.mark.parametrize("table", FLAGS)
def test_no_flag_is_there_twice_or_beyond_32_bits(table: str) -> None:
    bits = [bits for bits, _ in FLAGS[table]]
    assert len(set(bits)) == len(bits)
    assert all(0 <= mask < 1 << 32 for mask in bits)


def test_only_three_words_have_a_name_for_no_flag_at_all() -> None:
    assert {name for table in FLAGS.values() for bits, name in table if bits == 0} == {"F_OK", "MAP_FILE", "PROT_NONE"}


@pytest.mark.parametrize("table", NUMBERS)
def test_a_number_fits_the_low_half_of_an_argument(table: str) -> None:
    assert all(0 <= number < 1 << 32 for number in NUMBERS[table])


@pytest.mark.parametrize("table", [*FLAGS, *NUMBERS])
def test_a_table_that_replaces_another_has_one_to_replace(table: str) -> None:
    plain, _, family = table.partition(".")
    assert plain in (FLAGS if table in FLAGS else NUMBERS)
    assert family in ("", "x86", "arm", "ppc")


@pytest.mark.parametrize(
    ("table", "number", "name"),
    [
        ("bpf_cmd", 5, "BPF_PROG_LOAD"),
        ("clock", 0, "CLOCK_REALTIME"),
        ("arch_prctl", 0x1002, "ARCH_SET_FS"),
        ("bluetooth", 1, "BTPROTO_HCI"),
        ("can", 1, "CAN_RAW"),
        ("dumpable", 0, "SUID_DUMP_DISABLE"),
        ("ethertype", 0x800, "IP"),
        ("fadvise", 4, "POSIX_FADV_DONTNEED"),
        ("futex", 128, "FUTEX_WAIT|FUTEX_PRIVATE_FLAG"),
        ("futex", 137 | 256, "FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG|FUTEX_CLOCK_REALTIME"),
        ("icmp_type", 8, "echo"),
        ("ioctl", 0x5401, "TCGETS"),
        ("ioctl", 0x5412, "TIOCSTI"),
        ("ioctl", 0x40045431, "TIOCSPTLCK"),
        ("ioctl", 0x400454CA, "TUNSETIFF"),
        ("ioctl", 0x40049409, "FICLONE"),
        ("ioctl", 0x4C00, "LOOP_SET_FD"),
        ("ioctl", 0x80081272, "BLKGETSIZE64"),
        ("ioctl", 0x80041272, "BLKGETSIZE64"),
        ("ioctl", 0x80086601, "FS_IOC_GETFLAGS"),
        ("ioctl", 0x80046601, "FS_IOC_GETFLAGS"),
        ("ioctl", 0x8914, "SIOCSIFFLAGS"),
        ("ioctl", 0xAE01, "KVM_CREATE_VM"),
        ("ioctl", 0xC0502100, "SECCOMP_IOCTL_NOTIF_RECV"),
        ("ioctl.ppc", 0x402C7413, "TCGETS"),
        ("ioctl.ppc", 0x40087468, "TIOCGWINSZ"),
        ("ioctl.ppc", 0x80049409, "FICLONE"),
        ("io_uring_register", 2, "IORING_REGISTER_FILES"),
        ("keyctl", 1, "KEYCTL_JOIN_SESSION_KEYRING"),
        ("keyring", 0xFFFFFFFD, "KEY_SPEC_SESSION_KEYRING"),
        ("madvise", 4, "MADV_DONTNEED"),
        ("msgctl", 0x102, "IPC_STAT|IPC_64"),
        ("netlink", 9, "NETLINK_AUDIT"),
        ("packet", 0x0300, "ETH_P_ALL"),
        ("packet", 0x0008, "ETH_P_IP"),
        ("personality", 6, "PER_BSD"),
        ("ptrace", 3, "PTRACE_PEEKUSER"),
        ("reboot_cmd", 0x01234567, "LINUX_REBOOT_CMD_RESTART"),
        ("rusage", 0xFFFFFFFF, "RUSAGE_CHILDREN"),
        ("semctl", 16, "SETVAL"),
        ("shmctl", 0, "IPC_RMID"),
        ("sigprocmask", 2, "SIG_SETMASK"),
        ("sockopt", 20, "SO_RCVTIMEO"),
        ("sockopt.ppc", 20, "SO_PASSCRED"),
        ("sockopt_ip", 64, "IPT_SO_SET_REPLACE"),
        ("sockopt_ip_get", 64, "IPT_SO_GET_INFO"),
        ("sockopt_ipv6", 26, "IPV6_V6ONLY"),
        ("sockopt_level", 41, "ipv6"),
        ("sockopt_level", 263, "SOL_PACKET"),
        ("sockopt_netlink", 1, "NETLINK_ADD_MEMBERSHIP"),
        ("sockopt_packet", 18, "PACKET_FANOUT"),
        ("sockopt_tcp", 23, "TCP_FASTOPEN"),
        ("sockopt_udp", 103, "UDP_SEGMENT"),
        ("syslog", 3, "SYSLOG_ACTION_READ_ALL"),
        ("waitid", 3, "P_PIDFD"),
        ("xt_audit", 1, "DROP"),
        ("epoll_op", 1, "EPOLL_CTL_ADD"),
        ("fcntl_cmd", 1030, "F_DUPFD_CLOEXEC"),
        ("ip_protocol", 6, "tcp"),
        ("ip_protocol", 4, "ipencap"),
        ("ip_protocol", 58, "ipv6-icmp"),
        ("ip_protocol", 89, "ospf"),
        ("nfproto", 10, "ipv6"),
        ("personality", 8, "PER_LINUX32"),
        ("prctl", 15, "PR_SET_NAME"),
        ("prctl", 38, "PR_SET_NO_NEW_PRIVS"),
        ("ptrace", 16, "PTRACE_ATTACH"),
        ("ptrace.x86", 12, "PTRACE_GETREGS"),
        ("rlimit", 7, "RLIMIT_NOFILE"),
        ("sched", 0, "SCHED_OTHER"),
        ("seccomp_action", 0x80000000, "kill-process"),
        ("seccomp_action", 0, "kill-thread"),
        ("seccomp_action", 0x7FC00000, "user-notify"),
        ("seek", 2, "SEEK_END"),
        ("socket_type", 1, "SOCK_STREAM"),
        ("socketcall", 3, "connect"),
    ],
)
def test_a_number_of_an_argument_has_its_name(table: str, number: int, name: str) -> None:
    assert NUMBERS[table][number] == name
