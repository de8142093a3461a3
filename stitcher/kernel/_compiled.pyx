# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The kernel, compiled: bytes in, JSON bytes out; the same answer as the reference for every input.

One translation unit in rooms:

    buffer, tables, types                        bytes that grow, and JSON; stitcher.tables as C arrays
    header, tokens, suffix, record               reading: the grammar
    numbers, context, sockaddr                   meanings
    arguments, keystrokes, interpret
    places, link                                 what stands between reading and writing
    groups                                       what lap 1 hands to lap 2
    wants, scene, conflicts, memo                lap 2
    head, fields, execve, render
    entries, join, open, keys                    lap 1
    values                                       what Python calls

Each names the module of the reference that says what it does and why; here it is only done fast.

Rules of the house: offsets are size_t, every allocation is checked, nothing looks back further than it went forward,
and every input has PADDING readable bytes behind it, so that eight bytes may be read at once.
"""

import os

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_DecodeUTF8, PyUnicode_GET_LENGTH
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort, realloc
from libc.string cimport memchr, memcmp, memcpy, memmove, memset, strlen

from stitcher.event import CLOSED_BY, COUNTERS, Envelope, Group, Rejected, Rendered
from stitcher.kernel import _bounds
from stitcher.kernel._paths import OF_CALL, PathParts
from stitcher.tables import ARCHES, CAPABILITIES, ERRNO, FAMILIES, FLAGS, NUMBERS, RECORD_TYPES, SIGNALS, SYSCALLS
from stitcher.tables.fields import (
    ARCH_ARGUMENTS, ARCH_FAMILY, ARGUMENTS, CHOICES, ENUMERATIONS, FIELDS, KERNEL_KEYS, NAMES_ELSEWHERE, OVERRIDES,
    SUB_CALLS, TEXT_NAMES,
)
from stitcher.tables.fields import RESOLVE_IN_ROOT as IN_ROOT
from stitcher.tables.keystrokes import CONTROL, SEQUENCES

import orjson

cdef extern from "string.h" nogil:
    void* memrchr(const void* start, int byte, size_t size)

cdef extern from "arpa/inet.h" nogil:
    int AF_INET
    int AF_INET6
    const char* inet_ntop(int family, const void* address, char* text, unsigned int size)

cdef uint32_t MAX_FIELDS = _bounds.MAX_FIELDS
cdef int MAX_MISSING = _bounds.MAX_MISSING
cdef uint64_t MAX_HOLES = _bounds.MAX_HOLES
cdef int MAX_NODE_BYTES = _bounds.MAX_NODE_BYTES
cdef int MAX_HOSTS = _bounds.MAX_HOSTS
cdef uint64_t MARKS_EACH = _bounds.MARKS_EACH
cdef size_t MAX_PATH_BYTES = _bounds.MAX_PATH_BYTES

#: constants that do not fit a C int
cdef uint64_t LOW_WORD = 0xFFFFFFFF
cdef uint64_t ACTION_BITS = 0xFFFF0000
cdef uint64_t AT_FDCWD = 0xFFFFFF9C
cdef uint64_t RESOLVE_IN_ROOT = IN_ROOT

NAME = "compiled"

#: what lap 2 keeps, defined in the room render; the rooms in front of it take it
cdef class Renderer

include "_compiled_buffer.pxi"
include "_compiled_tables.pxi"
include "_compiled_types.pxi"
include "_compiled_header.pxi"
include "_compiled_tokens.pxi"
include "_compiled_suffix.pxi"
include "_compiled_record.pxi"
include "_compiled_numbers.pxi"
include "_compiled_context.pxi"
include "_compiled_sockaddr.pxi"
include "_compiled_arguments.pxi"
include "_compiled_keystrokes.pxi"
include "_compiled_interpret.pxi"
include "_compiled_places.pxi"
include "_compiled_link.pxi"
include "_compiled_groups.pxi"
include "_compiled_wants.pxi"
include "_compiled_scene.pxi"
include "_compiled_conflicts.pxi"
include "_compiled_memo.pxi"
include "_compiled_head.pxi"
include "_compiled_fields.pxi"
include "_compiled_execve.pxi"
include "_compiled_render.pxi"
include "_compiled_entries.pxi"
include "_compiled_join.pxi"
include "_compiled_open.pxi"
include "_compiled_keys.pxi"
include "_compiled_values.pxi"

load_tables()
load_key_bytes()
load_keystrokes()
load_kernel_keys()

#: tables and keys that the code names
cdef int IO_URING_TABLE = _number_ids["io_uring"]
cdef int PERSONALITY_NUMBERS = _number_ids["personality"]
cdef int SCHED_NUMBERS = _number_ids["sched"]
cdef int SOCKET_TYPE_NUMBERS = _number_ids["socket_type"]
cdef int PERSONALITY_FLAGS = flag_id("personality")
cdef int CLONE_FLAGS = flag_id("clone")
cdef int IPC_FLAG_WORD = flag_id("ipc")
cdef int NAME_KEY = key_id("name")
cdef int AUID_KEY = key_id("auid")
cdef int PATH_KEY = key_id("path")
cdef int RESOLUTION_KEY = key_id("resolution")
cdef int CWD_KEY = key_id("cwd")
cdef int NAMETYPE_KEY = key_id("nametype")
cdef int RESOLVE_KEY = key_id("resolve")
cdef int SUBJ_KEY = key_id("subj")
cdef int OBJ_KEY = key_id("obj")
for _name in OF_CALL:
    of_call[key_id(_name)] = True
