/* Loads and copies that need no C library and no alignment. */
#ifndef TINYML_MEMORY_H
#define TINYML_MEMORY_H

#include <stdint.h>
#include <string.h>

static inline uint32_t load_word(const int8_t *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static inline void store_word(int8_t *to, uint32_t word) {
    memcpy(to, &word, sizeof word);
}

/* Copies count bytes, by blocks of words where the core may (an Armv6-M core only at aligned addresses, so by bytes),
 * and nothing that the compiler takes for memcpy. */
static inline void copy_bytes(int8_t *restrict to, const int8_t *restrict from, int32_t count) {
#if defined(__ARM_FEATURE_MVE)
    __asm__ volatile("wlstp.8 lr, %[n], 2f\n"
            "1:\n\t"
            "vldrb.8 q0, [%[from]], #16\n\t"
            "vstrb.8 q0, [%[to]], #16\n\t"
            "letp    lr, 1b\n"
            "2:"
            : [from] "+r"(from), [to] "+r"(to)
            : [n] "r"(count)
            : "q0", "lr", "memory");
#else
    int32_t i = 0;
#if !defined(__ARM_ARCH_6M__)
    for (; i + 16 <= count; i += 16) {
        const uint32_t words[4] = {load_word(from + i), load_word(from + i + 4), load_word(from + i + 8),
                                   load_word(from + i + 12)};
        for (int32_t k = 0; k < 4; k++) store_word(to + i + 4 * k, words[k]);
        __asm__("" ::: "memory");
    }
    for (; i + 4 <= count; i += 4) {
        store_word(to + i, load_word(from + i));
        __asm__("" ::: "memory");
    }
#endif
    for (; i < count; i++) {
        to[i] = from[i];
        __asm__("" ::: "memory");
    }
#endif
}

static inline void fill_bytes(int8_t *to, int32_t value, int32_t count) {
#if defined(__ARM_FEATURE_MVE)
    __asm__ volatile("vdup.8  q0, %[value]\n\t"
            "wlstp.8 lr, %[n], 2f\n"
            "1:\n\t"
            "vstrb.8 q0, [%[to]], #16\n\t"
            "letp    lr, 1b\n"
            "2:"
            : [to] "+r"(to)
            : [n] "r"(count), [value] "r"(value)
            : "q0", "lr", "memory");
#else
    int32_t i = 0;
#if !defined(__ARM_ARCH_6M__)
    const uint32_t word = (uint32_t)(value & 0xff) * 0x01010101u;
    for (; i + 4 <= count; i += 4) {
        store_word(to + i, word);
        __asm__("" ::: "memory"); /* keeps the compiler from calling memset */
    }
#endif
    for (; i < count; i++) {
        to[i] = (int8_t)value;
        __asm__("" ::: "memory");
    }
#endif
}

#endif
