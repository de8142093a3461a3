/* What the compiled kernel wants in plain C: words of eight bytes at once, and nothing that knows about audit.
 *
 * Whoever calls these gives PADDING readable bytes behind every input and writable ones behind every output; what is
 * read there never changes an answer.
 */
#ifndef STITCHER_COMPILED_H
#define STITCHER_COMPILED_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PADDING 32
#define ONES 0x0101010101010101ULL
#define HIGHS 0x8080808080808080ULL

#if defined(__GNUC__)
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define INLINE static inline __attribute__((always_inline))
#else
#define LIKELY(x) (x)
#define INLINE static inline
#endif

INLINE uint64_t load64(const unsigned char *from) {
    uint64_t word;
    memcpy(&word, from, 8);
    return word;
}

/* The first `count` (0..8) bytes at `from` as a number; the byte order does not matter, it is only compared. */
INLINE uint64_t load_some(const unsigned char *from, size_t count) {
    uint64_t word = 0;
    memcpy(&word, from, count < 8 ? count : 8);
    return word;
}

/* The same where eight bytes may be read. */
INLINE uint64_t load_padded(const unsigned char *from, size_t count) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return count >= 8 ? load64(from) : load64(from) & (((uint64_t)1 << (8 * count)) - 1);
#else
    return load_some(from, count);
#endif
}

INLINE uint64_t mix(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    a ^= b >> 29;
    a *= 0x9E3779B97F4A7C15ULL;
    a ^= a >> 32;
    return a * (b | 1);
#endif
}

/* A seeded 64-bit hash: multiply and fold, eight bytes at a time; the seed is random for each process. */
INLINE uint64_t hash_bytes(const unsigned char *from, size_t count, uint64_t seed) {
    uint64_t value = seed ^ (count * 0x9E3779B97F4A7C15ULL);
    while (count >= 16) {
        value = mix(load64(from) ^ 0xE7037ED1A0B428DBULL, load64(from + 8) ^ value);
        from += 16;
        count -= 16;
    }
    if (count >= 8) {
        value = mix(load64(from) ^ 0x8EBC6AF09C88C6E3ULL, value ^ seed);
        from += 8;
        count -= 8;
    }
    return mix(load_some(from, count) ^ 0x589965CC75374CC3ULL, value ^ 0x1D8E4E27C47D124FULL);
}

/* 1 in the high bit of each byte that JSON cannot hold as it is: below 0x20, a quote, a backslash, 0x80 and up.
 * A byte behind a marked one may be marked too much; the caller looks at each byte then. */
INLINE uint64_t json_marks(uint64_t word) {
    uint64_t quote = word ^ (ONES * '"');
    uint64_t slash = word ^ (ONES * '\\');
    uint64_t low = (word - ONES * 0x20) & ~word;
    return (low | ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | word) & HIGHS;
}

/* Where the first `stop` byte at or behind `from` is, `end` where there is none.  `dirty` becomes true if a byte before
 * it cannot stand in a JSON string as it is; it may become true for nothing. */
INLINE const unsigned char *scan_to(const unsigned char *from, const unsigned char *end, unsigned char stop, int *dirty) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
    uint64_t pattern = ONES * stop;
    while (from < end) {
        uint64_t word = load64(from);
        uint64_t found = word ^ pattern;
        uint64_t marks = json_marks(word);
        found = (found - ONES) & ~found & HIGHS;
        if (found) {
            int bits = __builtin_ctzll(found);
            from += bits >> 3;
            if (from > end)
                from = end;
            *dirty |= (marks & ((found & -found) - 1)) != 0;
            return from;
        }
        *dirty |= marks != 0;
        from += 8;
    }
    return end;
#else
    const unsigned char *last = memchr(from, stop, (size_t)(end - from));
    *dirty = 1;
    return last ? last : end;
#endif
}

/* A word of `left` (0..7) bytes, filled up with spaces. */
INLINE uint64_t left_over(uint64_t word, size_t left) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return word | (ONES * 0x20) << (8 * left);
#else
    return left ? word | (ONES * 0x20) >> (8 * left) : ONES * 0x20;
#endif
}

/* 0..15 for a hex digit, 255 for any other byte. */
static const unsigned char HEX_VALUE[256] = {
#define X16 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255
    X16, X16, X16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 255, 255, 255, 255, 255,
    255, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, X16,
    255, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, X16,
    X16, X16, X16, X16, X16, X16, X16, X16
#undef X16
};

/* Decode `count` hex digits to `to`; 0 and nothing of use at `to` if they are not an even run of hex digits. */
INLINE int unhex_to(unsigned char *to, const unsigned char *from, size_t count) {
    unsigned char bad = 0;
    size_t at;
    if (count & 1)
        return 0;
    for (at = 0; at < count; at += 2) {
        unsigned char high = HEX_VALUE[from[at]], low = HEX_VALUE[from[at + 1]];
        bad |= high | low;
        if (bad & 0xF0)
            return 0;
        to[at / 2] = (unsigned char)(high << 4 | low);
    }
    return 1;
}

/* Length of the valid UTF-8 character at `from` (RFC 3629: no overlong form, no surrogate, at most U+10FFFF),
 * 0 where there is none, and 0 for U+EF80..U+EFFF, which stand for bytes. */
INLINE size_t utf8_length(const unsigned char *from, size_t left) {
    unsigned char first = from[0];
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    if (left < 2 || (from[1] & 0xC0) != 0x80)
        return 0;
    if (first < 0xE0)
        return 2;
    if (left < 3 || (from[2] & 0xC0) != 0x80)
        return 0;
    if (first < 0xF0) {
        if (first == 0xE0 && from[1] < 0xA0)
            return 0;
        if (first == 0xED && from[1] > 0x9F)
            return 0;
        if (first == 0xEE && from[1] >= 0xBE)
            return 0;
        return 3;
    }
    if (left < 4 || (from[3] & 0xC0) != 0x80)
        return 0;
    if ((first == 0xF0 && from[1] < 0x90) || (first == 0xF4 && from[1] > 0x8F))
        return 0;
    return 4;
}

/* Write `count` bytes as the inside of a JSON string; `to` has room for 6 * count + PADDING.  Returns the end.
 * A byte that is no UTF-8 becomes U+EF00 + byte. */
static unsigned char *json_inside(unsigned char *to, const unsigned char *from, size_t count) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *end = from + count;
    while (from < end) {
        size_t length, left = (size_t)(end - from);
        uint64_t marks = json_marks(left < 8 ? left_over(load_padded(from, left), left) : load64(from));
        if (!marks) {
            memcpy(to, from, 8);
            if (left <= 8)
                return to + left;
            from += 8;
            to += 8;
            continue;
        }
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__GNUC__)
        /* the lowest mark is never for nothing: what is before it goes as it is */
        length = (size_t)__builtin_ctzll(marks) >> 3;
        memcpy(to, from, 8);
        from += length;
        to += length;
#endif
        if (*from >= 0x80) {
            length = utf8_length(from, (size_t)(end - from));
            if (length) {
                memcpy(to, from, 4);
                to += length;
                from += length;
            } else {
                *to++ = 0xEE;
                *to++ = *from < 0xC0 ? 0xBE : 0xBF;
                *to++ = (unsigned char)(*from < 0xC0 ? *from : *from - 0x40);
                from++;
            }
            continue;
        }
        if (*from >= 0x20 && *from != '"' && *from != '\\') {
            *to++ = *from++;
            continue;
        }
        *to++ = '\\';
        switch (*from) {
        case '"': *to++ = '"'; break;
        case '\\': *to++ = '\\'; break;
        case '\b': *to++ = 'b'; break;
        case '\t': *to++ = 't'; break;
        case '\n': *to++ = 'n'; break;
        case '\f': *to++ = 'f'; break;
        case '\r': *to++ = 'r'; break;
        default:
            memcpy(to, "u00", 3);
            to[3] = (unsigned char)digits[*from >> 4];
            to[4] = (unsigned char)digits[*from & 15];
            to += 5;
        }
        from++;
    }
    return to;
}

#endif
