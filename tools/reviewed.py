"""What the UAPI headers do not carry: reviewed constants, each with the place its numbers come from.

Only numbers and names are taken over; texts are our own words.
"""

from typing import Final

#: first number -> names of consecutive numbers.  User-space record types are defined by audit-userspace
#: (lib/audit-records.h); 1301 is commented out in linux/audit.h; 1500-1507 are AppArmor's, which
#: linux/audit.h leaves to audit-userspace as well.
RECORD_TYPES: Final[dict[int, str]] = {
    1100: """
        USER_AUTH USER_ACCT USER_MGMT CRED_ACQ CRED_DISP USER_START USER_END USER_AVC USER_CHAUTHTOK USER_ERR
        CRED_REFR USYS_CONFIG USER_LOGIN USER_LOGOUT ADD_USER DEL_USER ADD_GROUP DEL_GROUP DAC_CHECK CHGRP_ID
        TEST TRUSTED_APP USER_SELINUX_ERR USER_CMD USER_TTY CHUSER_ID GRP_AUTH SYSTEM_BOOT SYSTEM_SHUTDOWN
        SYSTEM_RUNLEVEL SERVICE_START SERVICE_STOP GRP_MGMT GRP_CHAUTHTOK MAC_CHECK ACCT_LOCK ACCT_UNLOCK
        USER_DEVICE SOFTWARE_UPDATE
    """,
    1200: """
        DAEMON_START DAEMON_END DAEMON_ABORT DAEMON_CONFIG DAEMON_RECONFIG DAEMON_ROTATE DAEMON_RESUME
        DAEMON_ACCEPT DAEMON_CLOSE DAEMON_ERR
    """,
    1301: "FS_WATCH",
    1500: """
        APPARMOR APPARMOR_AUDIT APPARMOR_ALLOWED APPARMOR_DENIED APPARMOR_HINT APPARMOR_STATUS APPARMOR_ERROR
        APPARMOR_KILL
    """,
    2100: """
        ANOM_LOGIN_FAILURES ANOM_LOGIN_TIME ANOM_LOGIN_SESSIONS ANOM_LOGIN_ACCT ANOM_LOGIN_LOCATION ANOM_MAX_DAC
        ANOM_MAX_MAC ANOM_AMTU_FAIL ANOM_RBAC_FAIL ANOM_RBAC_INTEGRITY_FAIL ANOM_CRYPTO_FAIL ANOM_ACCESS_FS
        ANOM_EXEC ANOM_MK_EXEC ANOM_ADD_ACCT ANOM_DEL_ACCT ANOM_MOD_ACCT ANOM_ROOT_TRANS ANOM_LOGIN_SERVICE
        ANOM_LOGIN_ROOT ANOM_ORIGIN_FAILURES ANOM_SESSION
    """,
    2200: """
        RESP_ANOMALY RESP_ALERT RESP_KILL_PROC RESP_TERM_ACCESS RESP_ACCT_REMOTE RESP_ACCT_LOCK_TIMED
        RESP_ACCT_UNLOCK_TIMED RESP_ACCT_LOCK RESP_TERM_LOCK RESP_SEBOOL RESP_EXEC RESP_SINGLE RESP_HALT
        RESP_ORIGIN_BLOCK RESP_ORIGIN_BLOCK_TIMED RESP_ORIGIN_UNBLOCK_TIMED
    """,
    2300: """
        USER_ROLE_CHANGE ROLE_ASSIGN ROLE_REMOVE LABEL_OVERRIDE LABEL_LEVEL_CHANGE USER_LABELED_EXPORT
        USER_UNLABELED_EXPORT DEV_ALLOC DEV_DEALLOC FS_RELABEL USER_MAC_POLICY_LOAD ROLE_MODIFY
        USER_MAC_CONFIG_CHANGE USER_MAC_STATUS
    """,
    2400: """
        CRYPTO_TEST_USER CRYPTO_PARAM_CHANGE_USER CRYPTO_LOGIN CRYPTO_LOGOUT CRYPTO_KEY_USER CRYPTO_FAILURE_USER
        CRYPTO_REPLAY_USER CRYPTO_SESSION CRYPTO_IKE_SA CRYPTO_IPSEC_SA
    """,
    2500: """
        VIRT_CONTROL VIRT_RESOURCE VIRT_MACHINE_ID VIRT_INTEGRITY_CHECK VIRT_CREATE VIRT_DESTROY VIRT_MIGRATE_IN
        VIRT_MIGRATE_OUT
    """,
}

#: Numbers that only the kernel uses, include/linux/errno.h; the log shows them in exit=.  The last line is
#: a UAPI number that C libraries have no text for yet.
ERRNO: Final[dict[int, tuple[str, str]]] = {
    512: ("ERESTARTSYS", "Interrupted by a signal, restarts if the handler allows it"),
    513: ("ERESTARTNOINTR", "Interrupted by a signal, always restarts"),
    514: ("ERESTARTNOHAND", "Interrupted by a signal, restarts if there is no handler"),
    515: ("ENOIOCTLCMD", "No such ioctl command"),
    516: ("ERESTART_RESTARTBLOCK", "Interrupted by a signal, restarts by restart_syscall"),
    517: ("EPROBE_DEFER", "Driver asks to be probed later"),
    518: ("EOPENSTALE", "Open found a stale entry"),
    519: ("ENOPARAM", "Parameter not supported"),
    521: ("EBADHANDLE", "Illegal NFS file handle"),
    522: ("ENOTSYNC", "Update not in step"),
    523: ("EBADCOOKIE", "Stale cookie"),
    524: ("ENOTSUPP", "Operation not supported"),
    525: ("ETOOSMALL", "Buffer or request too small"),
    526: ("ESERVERFAULT", "Server failed in an untranslatable way"),
    527: ("EBADTYPE", "Type not supported by the server"),
    528: ("EJUKEBOX", "Started, but will take long"),
    529: ("EIOCBQUEUED", "Queued, completes later"),
    530: ("ERECALLCONFLICT", "Conflict with a recalled state"),
    531: ("ENOGRACE", "Reclaim refused by the NFS server"),
    134: ("EFTYPE", "Wrong file type"),
}

#: AF_* of the kernel's include/linux/socket.h from 0 on, in lower case; 0 and 1 (AF_UNIX) as audit calls them
FAMILIES: Final = """
    unspecified local inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose decnet netbeui security key
    netlink packet ash econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc
    isdn phonet ieee802154 caif alg nfc vsock kcm qipcrtr smc xdp mctp
"""

#: SOL_* of the kernel's include/linux/socket.h; lower levels are protocols of IP, or an address family (vsock)
SOCKET_LEVELS: Final[dict[int, str]] = {
    1: "SOL_SOCKET",
    40: "AF_VSOCK",
    101: "SOL_CAN_RAW",
    255: "SOL_RAW",
    256: "SOL_IPX",
    257: "SOL_AX25",
    258: "SOL_ATALK",
    259: "SOL_NETROM",
    260: "SOL_ROSE",
    261: "SOL_DECNET",
    262: "SOL_X25",
    263: "SOL_PACKET",
    264: "SOL_ATM",
    265: "SOL_AAL",
    266: "SOL_IRDA",
    267: "SOL_NETBEUI",
    268: "SOL_LLC",
    269: "SOL_DCCP",
    270: "SOL_NETLINK",
    271: "SOL_TIPC",
    272: "SOL_RXRPC",
    273: "SOL_PPPOL2TP",
    274: "SOL_BLUETOOTH",
    275: "SOL_PNPIPE",
    276: "SOL_RDS",
    277: "SOL_IUCV",
    278: "SOL_CAIF",
    279: "SOL_ALG",
    280: "SOL_NFC",
    281: "SOL_KCM",
    282: "SOL_TLS",
    283: "SOL_XDP",
    284: "SOL_MPTCP",
    285: "SOL_MCTP",
    286: "SOL_SMC",
    287: "SOL_VSOCK",
}

#: protocols of IP that linux/in.h leaves out: IANA's registry of protocol numbers, spelled as in /etc/protocols
IP_PROTOCOLS: Final[dict[int, str]] = {
    3: "ggp",
    5: "st",
    9: "igp",
    20: "hmp",
    27: "rdp",
    36: "xtp",
    37: "ddp",
    38: "idpr-cmtp",
    45: "idrp",
    57: "skip",
    73: "rspf",
    81: "vmtp",
    88: "eigrp",
    89: "ospf",
    93: "ax.25",
    97: "etherip",
    112: "vrrp",
    124: "isis",
    133: "fc",
    138: "manet",
    139: "hip",
    140: "shim6",
    141: "wesp",
    142: "rohc",
}

#: BTPROTO_* of the kernel's include/net/bluetooth/bluetooth.h
BLUETOOTH: Final[dict[int, str]] = {
    0: "BTPROTO_L2CAP",
    1: "BTPROTO_HCI",
    2: "BTPROTO_SCO",
    3: "BTPROTO_RFCOMM",
    4: "BTPROTO_BNEP",
    5: "BTPROTO_CMTP",
    6: "BTPROTO_HIDP",
    7: "BTPROTO_AVDTP",
    8: "BTPROTO_ISO",
}

#: bit masks by table
FLAGS: Final[dict[str, dict[int, str]]] = {
    # access(2)
    "access": {0: "F_OK", 1: "X_OK", 2: "W_OK", 4: "R_OK"},
    # delete_module(2): O_NONBLOCK and O_TRUNC of asm-generic/fcntl.h
    "delete_module": {0x200: "O_TRUNC", 0x800: "O_NONBLOCK"},
    # MSG_* of the kernel's include/linux/socket.h
    "msg": {
        0x1: "MSG_OOB",
        0x2: "MSG_PEEK",
        0x4: "MSG_DONTROUTE",
        0x8: "MSG_CTRUNC",
        0x10: "MSG_PROBE",
        0x20: "MSG_TRUNC",
        0x40: "MSG_DONTWAIT",
        0x80: "MSG_EOR",
        0x100: "MSG_WAITALL",
        0x200: "MSG_FIN",
        0x400: "MSG_SYN",
        0x800: "MSG_CONFIRM",
        0x1000: "MSG_RST",
        0x2000: "MSG_ERRQUEUE",
        0x4000: "MSG_NOSIGNAL",
        0x8000: "MSG_MORE",
        0x10000: "MSG_WAITFORONE",
        0x40000: "MSG_BATCH",
        0x2000000: "MSG_SOCK_DEVMEM",
        0x4000000: "MSG_ZEROCOPY",
        0x20000000: "MSG_FASTOPEN",
        0x40000000: "MSG_CMSG_CLOEXEC",
        0x80000000: "MSG_CMSG_COMPAT",
    },
    # SOCK_* of the kernel's include/linux/net.h that are or-ed to a socket type
    "socket": {0x800: "SOCK_NONBLOCK", 0x80000: "SOCK_CLOEXEC"},
    # SPLICE_F_* of the kernel's include/linux/splice.h
    "splice": {1: "SPLICE_F_MOVE", 2: "SPLICE_F_NONBLOCK", 4: "SPLICE_F_MORE", 8: "SPLICE_F_GIFT"},
    # SWAP_FLAG_* of the kernel's include/linux/swap.h; the low bits are a priority
    "swapon": {
        0x8000: "SWAP_FLAG_PREFER",
        0x10000: "SWAP_FLAG_DISCARD",
        0x20000: "SWAP_FLAG_DISCARD_ONCE",
        0x40000: "SWAP_FLAG_DISCARD_PAGES",
    },
    # MNT_* and UMOUNT_* of the kernel's include/linux/fs.h, second argument of umount2(2)
    "umount": {1: "MNT_FORCE", 2: "MNT_DETACH", 4: "MNT_EXPIRE", 8: "UMOUNT_NOFOLLOW"},
}

#: numbers by table
NUMBERS: Final[dict[str, dict[int, str]]] = {
    # SUID_DUMP_* of the kernel's include/linux/sched/coredump.h, second argument of PR_SET_DUMPABLE
    "dumpable": {0: "SUID_DUMP_DISABLE", 1: "SUID_DUMP_USER", 2: "SUID_DUMP_ROOT"},
    # linux/fadvise.h has two sets of numbers for the last two names: 6 and 7 are those of s390x
    "fadvise": {
        0: "POSIX_FADV_NORMAL",
        1: "POSIX_FADV_RANDOM",
        2: "POSIX_FADV_SEQUENTIAL",
        3: "POSIX_FADV_WILLNEED",
        4: "POSIX_FADV_DONTNEED",
        5: "POSIX_FADV_NOREUSE",
        6: "POSIX_FADV_DONTNEED",
        7: "POSIX_FADV_NOREUSE",
    },
    # types of ICMP messages, IANA's registry
    "icmp_type": {
        0: "echo-reply",
        3: "destination-unreachable",
        4: "source-quench",
        5: "redirect",
        8: "echo",
        9: "router-advertisement",
        10: "router-solicitation",
        11: "time-exceeded",
        12: "parameter-problem",
        13: "timestamp-request",
        14: "timestamp-reply",
        15: "info-request",
        16: "info-reply",
        17: "address-mask-request",
        18: "address-mask-reply",
    },
    # NF_INET_* of linux/netfilter.h and NF_BR_BROUTING of linux/netfilter_bridge.h, called as iptables calls its chains
    "netfilter_hook": {
        0: "PREROUTING",
        1: "INPUT",
        2: "FORWARD",
        3: "OUTPUT",
        4: "POSTROUTING",
        5: "BROUTING",
    },
    # enum audit_nlgrps of linux/audit.h, called as auparse calls the group
    "netlink_group": {0: "audit-none", 1: "audit-netlink-multicast"},
    # shutdown(2)
    "shutdown": {0: "SHUT_RD", 1: "SHUT_WR", 2: "SHUT_RDWR"},
    # SOCK_* of the kernel's include/linux/net.h
    "socket_type": {
        1: "SOCK_STREAM",
        2: "SOCK_DGRAM",
        3: "SOCK_RAW",
        4: "SOCK_RDM",
        5: "SOCK_SEQPACKET",
        6: "SOCK_DCCP",
        10: "SOCK_PACKET",
    },
    # SYSLOG_ACTION_* of the kernel's include/linux/syslog.h
    "syslog": {
        0: "SYSLOG_ACTION_CLOSE",
        1: "SYSLOG_ACTION_OPEN",
        2: "SYSLOG_ACTION_READ",
        3: "SYSLOG_ACTION_READ_ALL",
        4: "SYSLOG_ACTION_READ_CLEAR",
        5: "SYSLOG_ACTION_CLEAR",
        6: "SYSLOG_ACTION_CONSOLE_OFF",
        7: "SYSLOG_ACTION_CONSOLE_ON",
        8: "SYSLOG_ACTION_CONSOLE_LEVEL",
        9: "SYSLOG_ACTION_SIZE_UNREAD",
        10: "SYSLOG_ACTION_SIZE_BUFFER",
    },
    # what subj_trust= and obj_trust= of FANOTIFY say, linux/fanotify.h (struct fanotify_response_info_audit_rule)
    "trust": {0: "no", 1: "yes", 2: "unknown"},
}
