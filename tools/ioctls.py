"""Headers in, the requests of ioctl(2) out: number -> name, for most machines and for ppc.

A request that moves data carries the direction and the size of the data in its number (_IOR and its
like, asm-generic/ioctl.h).  Where a size is not the same on 32-bit machines both numbers are listed.
"""

import re
from typing import Final

from headers import Headers, Symbols
from sizes import SIZES

Numbers = dict[int, str]

#: of terminals and of sockets, without the flags that stand among them
COMMON: Final = r"(?:TC|TIO|FIO)(?!CPKT_|CSER_TEMT|CM_)\w+|(?:FIO|SIOC)\w+"
KVM: Final = (
    r"KVM_(?:GET_API_VERSION|CREATE_VM|CHECK_EXTENSION|GET_VCPU_MMAP_SIZE|CREATE_VCPU|GET_DIRTY_LOG"
    r"|SET_USER_MEMORY_REGION2?|CREATE_IRQCHIP|IRQ_LINE|IRQFD|IOEVENTFD|SIGNAL_MSI|CREATE_DEVICE"
    r"|[SG]ET_DEVICE_ATTR|RUN|ENABLE_CAP|[SG]ET_ONE_REG|GET_REG_LIST|SET_SIGNAL_MASK|[SG]ET_MP_STATE)"
)
DRM: Final = (
    r"DRM_IOCTL_(?:VERSION|GET_MAGIC|AUTH_MAGIC|SET_MASTER|DROP_MASTER|GET_CAP|SET_CLIENT_CAP|GEM_CLOSE|PRIME_\w+_TO_\w+"
    r"|MODE_(?:GETRESOURCES|SETCRTC|CURSOR2?|ATOMIC|PAGE_FLIP|DIRTYFB|(?:CREATE|MAP|DESTROY)_DUMB|ADDFB2?|RMFB))"
)

#: headers whose requests are plain numbers, and their names there
PLAIN: Final = (
    ("any/linux/loop.h", r"LOOP_(?!\w*_FLAGS)(?:SET|CLR|GET|CHANGE|CTL|CONFIGURE)\w*"),
    ("any/linux/kd.h", r"(?:GIO|PIO|KD)_?(?:FONTX?|FONTRESET|CMAP|SCRNMAP|UNISCRNMAP|UNIMAP|UNIMAPCLR|FONTOP)"),
    (
        "any/linux/kd.h",
        r"KD(?:[GS](?:ETMODE|ETLED|KB\w+)|MKTONE|ENABIO|DISABIO|ADDIO|DELIO|MAPDISP|UNMAPDISP|SIGACCEPT)",
    ),
    ("any/linux/vt.h", r"VT_(?:OPENQRY|[GS]ETMODE|GETSTATE|SENDSIG|RELDISP|ACTIVATE|WAITACTIVE|DISALLOCATE)"),
    ("any/linux/vt.h", r"VT_(?:RESIZEX?|LOCKSWITCH|UNLOCKSWITCH|GETHIFONTMASK|WAITEVENT|SETACTIVATE)"),
    ("any/linux/cdrom.h", r"CDROM(?!_|VOLREAD_)\w+|CDROM_(?:SELECT_\w+|LOCKDOOR|CHANGER_NSLOTS|GET_\w+|TIMED_\w+)"),
    ("any/linux/cdrom.h", r"CDROM_(?:(?:SET|CLEAR)_OPTIONS|(?:DISC|DRIVE|MEDIA)_STATUS|MEDIA_CHANGED|DEBUG)"),
    ("any/linux/cdrom.h", r"CDROM_(?:SEND_PACKET|NEXT_WRITABLE|LAST_WRITTEN)|DVD_(?:READ_STRUCT|WRITE_STRUCT|AUTH)"),
    ("any/linux/hdreg.h", r"HDIO_(?!\w*_HDR_SIZE)\w+"),
)

#: headers whose requests are made by _IO, _IOR, _IOW or _IOWR, and their names there
MADE: Final = (
    ("any/drm/drm.h", DRM),
    ("any/linux/fs.h", r"BLK\w+|FI\w+|FS_IOC\w+|PAGEMAP_SCAN|PROCMAP_QUERY"),
    ("any/linux/blkzoned.h", r"BLK\w+"),
    ("any/linux/btrfs.h", r"BTRFS_IOC_\w+"),
    ("any/linux/dm-ioctl.h", r"DM_(?!\w*_CMD)\w+"),
    ("any/linux/fscrypt.h", r"FS_IOC_\w+"),
    ("any/linux/fsverity.h", r"FS_IOC_\w+"),
    ("any/linux/fuse.h", r"FUSE_DEV_IOC_\w+"),
    ("any/linux/hidraw.h", r"HID\w+"),
    ("any/linux/if_tun.h", r"TUN\w+"),
    ("any/linux/input.h", r"EVIOC\w+"),
    ("any/linux/kvm.h", KVM),
    ("any/linux/nsfs.h", r"NS_\w+"),
    ("any/linux/nvme_ioctl.h", r"NVME_IOCTL_\w+"),
    ("any/linux/perf_event.h", r"PERF_EVENT_IOC_\w+"),
    ("any/linux/pidfd.h", r"PIDFD_GET_\w+"),
    ("any/linux/ppp-ioctl.h", r"PPPIOC\w+"),
    ("any/linux/random.h", r"RND\w+"),
    ("any/linux/rtc.h", r"RTC_\w+"),
    ("any/linux/seccomp.h", r"SECCOMP_IOCTL_\w+"),
    ("any/linux/uinput.h", r"UI_\w+"),
    ("any/linux/userfaultfd.h", r"UFFDIO_\w+"),
)

#: SG_* and SCSI_IOCTL_* of the kernel's include/scsi/sg.h and scsi_ioctl.h, which are no UAPI headers
SCSI: Final[Numbers] = {
    0x2201: "SG_SET_TIMEOUT",
    0x2202: "SG_GET_TIMEOUT",
    0x2272: "SG_SET_RESERVED_SIZE",
    0x2275: "SG_GET_RESERVED_SIZE",
    0x2276: "SG_GET_SCSI_ID",
    0x227F: "SG_EMULATED_HOST",
    0x2282: "SG_GET_VERSION_NUM",
    0x2284: "SG_SCSI_RESET",
    0x2285: "SG_IO",
    0x5380: "SCSI_IOCTL_DOORLOCK",
    0x5381: "SCSI_IOCTL_DOORUNLOCK",
    0x5382: "SCSI_IOCTL_GET_IDLUN",
    0x5386: "SCSI_IOCTL_GET_BUS_NUMBER",
}

MACRO: Final = re.compile(r"_IO(R|W|WR|)\s*\((.*)\)")
#: linux/seccomp.h and drm/drm.h have macros of their own that know the letter
SHORTHANDS: Final = (
    (re.compile(r"SECCOMP_IO(R|W|WR|)\("), r"_IO\1(SECCOMP_IOC_MAGIC, "),
    (re.compile(r"DRM_IO(R|W|WR|)\("), r"_IO\1(DRM_IOCTL_BASE, "),
)
#: direction of the data -> its number above the size: as most machines have it, as ppc has it
GENERIC: Final = {"": 0, "W": 1, "R": 2, "WR": 3}
POWER: Final = {"": 1, "R": 2, "W": 4, "WR": 6}

#: words of the headers -> the words that auparse gives to the same number
WORDS: Final = {"FIONREAD": "TIOCINQ"}


def requests(headers: Headers) -> dict[str, Numbers]:
    return {
        "ioctl": _all(headers, "any/asm-generic/ioctls.h", GENERIC, 30),
        "ioctl.ppc": _all(headers, "powerpc/asm/ioctls.h", POWER, 29),
    }


def _all(headers: Headers, terminals: str, directions: dict[str, int], shift: int) -> Numbers:
    table: Numbers = dict(SCSI)
    sources: list[tuple[tuple[str, ...], str]]
    sources = [((terminals, "any/asm-generic/sockios.h", "any/linux/sockios.h"), COMMON)]
    sources += [((path,), pattern) for path, pattern in (*PLAIN, *MADE)]
    for paths, pattern in sources:
        symbols = headers.read(*paths)
        for name in symbols.names(pattern):
            expression = _followed(symbols, name)
            found = MACRO.fullmatch(expression)
            if found is None and (paths[0], pattern) in MADE:
                continue
            numbers = _made(symbols, found, directions, shift) if found else [symbols.value(name)]
            for number in numbers:
                table.setdefault(number, WORDS.get(name, name))
    return dict(sorted(table.items()))


def _followed(symbols: Symbols, name: str) -> str:
    """What a name is defined as, after following names that stand for another."""
    expression = symbols.expression(name)
    while re.fullmatch(r"[A-Za-z]\w*", expression) and symbols.names(re.escape(expression)):
        expression = symbols.expression(expression)
    for short, full in SHORTHANDS:
        expression = short.sub(full, expression)
    return expression


def _made(symbols: Symbols, macro: re.Match[str], directions: dict[str, int], shift: int) -> list[int]:
    """The numbers of a request, one for each size that its data may have."""
    parts = [" ".join(part.split()) for part in macro[2].split(",", 2)]
    kind, number = (symbols.evaluate(part) for part in parts[:2])
    sizes = _sizes(parts[2]) if len(parts) == 3 else (0,)
    return [directions[macro[1]] << shift | size << 16 | kind << 8 | number for size in sizes]


def _sizes(kind: str) -> tuple[int, ...]:
    if kind not in SIZES:
        raise ValueError(f"no size of '{kind}' in tools/sizes.py; add what a C compiler says, on 64 and on 32 bits")
    return SIZES[kind]
