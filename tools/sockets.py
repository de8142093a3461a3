"""Headers in, the number tables of sockets out: protocols, levels and names of options."""

from typing import Final

import reviewed
from headers import Headers

Numbers = dict[int, str]

#: name of a protocol in linux/in.h and in6.h, in lower case -> its name in /etc/protocols
WORDS: Final = {
    "beetph": "ipip",
    "comp": "ipcomp",
    "dstopts": "ipv6-opts",
    "fragment": "ipv6-frag",
    "icmpv6": "ipv6-icmp",
    "idp": "xns-idp",
    "ipip": "ipencap",
    "mh": "mobility-header",
    "mpls": "mpls-in-ip",
    "none": "ipv6-nonxt",
    "routing": "ipv6-route",
    "tp": "iso-tp4",
}

SOCKET: Final = r"SO_(?!DEVMEM_DMABUF_)\w+|SCM_TIMESTAMPING_\w+|SCM_TS_OPT_ID"
IP: Final = r"(?:IP|MCAST)_(?!PMTUDISC_|DEFAULT_|MSFILTER_|EXCLUDE|INCLUDE)\w+|SO_ORIGINAL_DST"
IPV6: Final = (
    r"IPV6_(?!FL_|FLOWINFO_(?:FLOWLABEL|PRIORITY)|PRIORITY_|TLV_|PMTUDISC_|PREFER_)\w+|MCAST_(?!EXCLUDE|INCLUDE)\w+"
)
TCP: Final = (
    r"TCP_(?:NODELAY|MAXSEG|CORK|KEEP\w+|SYNCNT|LINGER2|DEFER_ACCEPT|WINDOW_CLAMP|INFO|QUICKACK|CONGESTION"
    r"|MD5SIG(?:_EXT)?|THIN_\w+|USER_TIMEOUT|REPAIR(?:_QUEUE|_OPTIONS|_WINDOW)?|QUEUE_SEQ|FASTOPEN\w*|TIMESTAMP"
    r"|NOTSENT_LOWAT|CC_INFO|SAVE_SYN|SAVED_SYN|ULP|ZEROCOPY_RECEIVE|INQ|TX_DELAY|AO_(?!MAXKEYLEN|KEYF_)\w+|IS_MPTCP"
    r"|RTO_\w+|DELACK_\w+)"
)
PACKET: Final = (
    r"PACKET_(?!HOST|BROADCAST|MULTICAST|OTHERHOST|OUTGOING|LOOPBACK|USER|KERNEL|FAST|MR_|FANOUT_(?!DATA))\w+"
)
NETLINK: Final = (
    r"NETLINK_(?:(?:ADD|DROP)_MEMBERSHIP|PKTINFO|BROADCAST_ERROR|NO_ENOBUFS|[RT]X_RING|LISTEN_ALL_NSID"
    r"|LIST_MEMBERSHIPS|CAP_ACK|EXT_ACK|GET_STRICT_CHK)"
)
XDP: Final = r"XDP_(?:MMAP_OFFSETS|[RT]X_RING|UMEM_(?:REG|FILL_RING|COMPLETION_RING)|STATISTICS|OPTIONS|MAX_TX_\w+)"

#: table -> the headers to read, the names to take
ROWS: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "can": (("any/linux/can.h",), "CAN_(?:RAW|BCM|TP16|TP20|MCNET|ISOTP|J1939)"),
    "sockopt": (("any/asm-generic/socket.h",), SOCKET),
    "sockopt.ppc": (("powerpc/asm/socket.h", "any/asm-generic/socket.h"), SOCKET),
    "sockopt_alg": (("any/linux/if_alg.h",), r"ALG_SET_(?!IV|OP|AEAD_ASSOCLEN)\w+"),
    "sockopt_can_raw": (("any/linux/can/raw.h",), r"CAN_RAW_(?!FILTER_MAX|XL_VCID_[TR]X)\w+"),
    "sockopt_icmpv6": (("any/linux/icmpv6.h",), "ICMPV6_FILTER"),
    "sockopt_mptcp": (("any/linux/mptcp.h",), "MPTCP_(?:INFO|TCPINFO|SUBFLOW_ADDRS|FULL_INFO)"),
    "sockopt_netlink": (("any/linux/netlink.h",), NETLINK),
    "sockopt_packet": (("any/linux/if_packet.h",), PACKET),
    "sockopt_raw": (("any/linux/icmp.h",), "ICMP_FILTER"),
    "sockopt_rxrpc": (
        ("any/linux/rxrpc.h",),
        r"RXRPC_(?:SECURITY_KEY(?:RING)?|EXCLUSIVE_CONNECTION|MIN_SECURITY_\w+|UPGRADEABLE_\w+)",
    ),
    "sockopt_tcp": (("any/linux/tcp.h",), TCP),
    "sockopt_tipc": (
        ("any/linux/tipc.h",),
        r"TIPC_(?:IMPORTANCE|(?:SRC|DEST)_DROPPABLE|CONN_TIMEOUT|\w+_RECVQ_\w+|NODELAY)",
    ),
    "sockopt_tls": (("any/linux/tls.h",), r"TLS_(?:TX|RX)(?:_ZEROCOPY_RO|_EXPECT_NO_PAD|_MAX_PAYLOAD_LEN)?"),
    "sockopt_udp": (("any/linux/udp.h",), r"UDP_(?!ENCAP_)\w+"),
    "sockopt_vsock": (("any/linux/vm_sockets.h",), r"SO_VM_SOCKETS_(?!CONNECT_TIMEOUT$)\w+"),
    "sockopt_xdp": (("any/linux/if_xdp.h",), XDP),
}

#: numbers that mean one thing to getsockopt(2) and another to setsockopt(2): table -> headers, names of both
TWOFOLD: Final[dict[str, tuple[tuple[str, ...], str, str]]] = {
    "sockopt_ip": (
        ("any/linux/in.h", "any/linux/netfilter_ipv4.h", "any/linux/netfilter_ipv4/ip_tables.h"),
        IP,
        r"IPT_SO_{}_(?!MAX)\w+",
    ),
    "sockopt_ipv6": (
        ("any/linux/in6.h", "any/linux/in.h", "any/linux/netfilter_ipv6/ip6_tables.h"),
        IPV6,
        r"IP6T_SO_(?:{}_(?!MAX)\w+|ORIGINAL_DST)",
    ),
}


def tables(headers: Headers) -> dict[str, Numbers]:
    """Every table of this module, by name."""
    found = {name: headers.read(*paths).select(pattern) for name, (paths, pattern) in ROWS.items()}
    for name, (paths, pattern, part) in TWOFOLD.items():
        symbols = headers.read(*paths)
        for suffix, way in (("", "SET"), ("_get", "GET")):
            found[name + suffix] = symbols.select(f"{pattern}|{part.format(way)}")
    protocols = _protocols(headers)
    return {
        **{
            name: {number: word.removesuffix("_OLD") for number, word in table.items()} for name, table in found.items()
        },
        "bluetooth": reviewed.BLUETOOTH,
        "ethertype": headers.read("any/linux/if_ether.h").select(r"ETH_P_(?!802_3_MIN)(\w+)"),
        "ip_protocol": protocols,
        "packet": _packet(headers),
        "sockopt_level": {**protocols, **reviewed.SOCKET_LEVELS},
    }


def _protocols(headers: Headers) -> Numbers:
    """Protocols of IP, called as in /etc/protocols."""
    known = headers.read("any/linux/in.h", "any/linux/in6.h").select(r"IPPROTO_(?!MAX)(\w+)")
    named = {number: WORDS.get(name.lower(), name.lower()) for number, name in known.items()}
    return dict(sorted({**reviewed.IP_PROTOCOLS, **named}.items()))


def _packet(headers: Headers) -> Numbers:
    """Ethernet protocols in network byte order, as a little-endian host passes them to socket(2).

    What would be a protocol in either order is left out, so that a big-endian host's number gets no
    wrong name; below 0x600 only ETH_P_ALL is taken.
    """
    known = headers.read("any/linux/if_ether.h").select(r"ETH_P_(?!802_3_MIN)\w+")
    real = {number: name for number, name in known.items() if number >= 0x600 or name == "ETH_P_ALL"}
    turned = {(number & 0xFF) << 8 | number >> 8: name for number, name in real.items()}
    return dict(sorted((number, name) for number, name in turned.items() if number not in real))
