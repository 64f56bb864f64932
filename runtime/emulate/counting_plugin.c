/*
 * QEMU plugin that counts executed instructions and writes `<address> <count>` (both hexadecimal and
 * decimal, one line each) whenever one of the marked addresses is about to execute.
 *
 * Arguments: out=<file>, mark=<hexadecimal address> as often as needed, and profile=<file> for what was executed
 * from the first mark's first time to the last mark's: for each stretch between two marks a line `from <address>`
 * with the mark that begins it, and then a line `<address> <count> <sequential>` for each instruction in it.
 * `sequential` says how often the instruction that followed was the next one in memory, for the last
 * instruction of a translated block, which every branch is: a branch was taken the other times.
 *
 * QEMU's header is not part of its packages, so the few calls in use are declared here, as
 * docs/devel/tcg-plugins describes them. TINYML_PLUGIN_VERSION is 1 for QEMU before 9.0, where an inline
 * operation adds to a host variable, and 2 from 9.0 on, where it adds to a scoreboard.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*translated)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*executed)(unsigned int cpu, void *data);

enum { INLINE_ADD_U64 = 0, CB_NO_REGS = 0, MARK_LIMIT = 4096 };

/* Instructions with a counter of their own: 512 KiB of code at the least. Place 0 takes those beyond. */
enum { PLACE_LIMIT = 1 << 17, SLOTS = PLACE_LIMIT * 2 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated callback);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, executed callback, int flags,
                                                 void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction, executed callback,
                                                   int flags, void *data);

static FILE *output;
static uint64_t marks[MARK_LIMIT];
static size_t mark_count;

#if TINYML_PLUGIN_VERSION == 1

extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation,
                                                       void *variable, uint64_t value);

static uint64_t counters[PLACE_LIMIT];

static int start_counting(void) { return 0; }

static void count(struct qemu_plugin_insn *instruction, size_t place)
{
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &counters[place], 1);
}

static const uint64_t *counted(unsigned int cpu)
{
    (void)cpu;
    return counters;
}

#else

struct qemu_plugin_scoreboard;
struct counter {
    struct qemu_plugin_scoreboard *board;
    size_t offset;
};

extern struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t bytes);
extern void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *instruction,
                                                                int operation, struct counter counter,
                                                                uint64_t value);
extern void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *board, unsigned int cpu);

static struct qemu_plugin_scoreboard *counters;

static int start_counting(void)
{
    counters = qemu_plugin_scoreboard_new(PLACE_LIMIT * sizeof(uint64_t));
    return counters == NULL;
}

static void count(struct qemu_plugin_insn *instruction, size_t place)
{
    const struct counter counter = {counters, place * sizeof(uint64_t)};
    qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(instruction, INLINE_ADD_U64, counter, 1);
}

static const uint64_t *counted(unsigned int cpu) { return qemu_plugin_scoreboard_find(counters, cpu); }

#endif

__attribute__((visibility("default"))) int qemu_plugin_version = TINYML_PLUGIN_VERSION;

/* Which instruction each counter is for; place 0 is none. */
static uint64_t addresses[PLACE_LIMIT];
static size_t place_count = 1;
static uint32_t slots[SLOTS];

/* The counter of an address: the same one each time a block is translated again. */
static size_t place_of(uint64_t address)
{
    size_t slot = (size_t)((address >> 1) * UINT64_C(0x9e3779b97f4a7c15) >> 40) % SLOTS;
    for (; slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        if (addresses[slots[slot]] == address) {
            return slots[slot];
        }
    }
    if (place_count == PLACE_LIMIT) {
        return 0;
    }
    slots[slot] = (uint32_t)place_count;
    addresses[place_count] = address;
    return place_count++;
}

static FILE *profile;
static enum { BEFORE, INSIDE, AFTER } inference = BEFORE;
static uint64_t stretch;
static uint64_t earlier[PLACE_LIMIT];
static uint64_t sequential[PLACE_LIMIT];

/* A translated block: where it begins, the place of its last instruction, and what is behind that in memory. */
struct block {
    uint64_t first;
    uint64_t behind;
    size_t last;
};
static const struct block *previous;

static void entered(unsigned int cpu, void *data)
{
    (void)cpu;
    const struct block *block = data;
    if (inference == INSIDE && previous != NULL && previous->behind == block->first) {
        sequential[previous->last]++;
    }
    previous = block;
}

static void write_stretch(const uint64_t *counts)
{
    fprintf(profile, "from %08" PRIx64 "\n", stretch);
    for (size_t i = 0; i < place_count; i++) {
        if (counts[i] != earlier[i]) {
            fprintf(profile, "%08" PRIx64 " %" PRIu64 " %" PRIu64 "\n", addresses[i], counts[i] - earlier[i],
                    sequential[i]);
        }
    }
}

static void profile_mark(uint64_t mark, const uint64_t *counts)
{
    if (inference == BEFORE && mark == marks[0]) {
        inference = INSIDE;
    } else if (inference == INSIDE) {
        write_stretch(counts);
        if (mark == marks[mark_count - 1]) {
            inference = AFTER;
            fclose(profile);
            return;
        }
    } else {
        return;
    }
    stretch = mark;
    memcpy(earlier, counts, place_count * sizeof earlier[0]);
    memset(sequential, 0, place_count * sizeof sequential[0]);
}

/* Flushed at once: a run that is killed has still told how far it came. */
static void reached(unsigned int cpu, void *data)
{
    const uint64_t mark = *(const uint64_t *)data;
    const uint64_t *counts = counted(cpu);
    uint64_t total = 0;
    for (size_t i = 0; i < place_count; i++) {
        total += counts[i];
    }
    fprintf(output, "%08" PRIx64 " %" PRIu64 "\n", mark, total);
    fflush(output);
    if (profile != NULL) {
        profile_mark(mark, counts);
    }
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    const size_t length = qemu_plugin_tb_n_insns(tb);
    if (profile != NULL && inference != AFTER && length > 0) {
        struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, length - 1);
        /* Lives as long as QEMU, which may run the block at any time. */
        struct block *block = malloc(sizeof *block);
        if (block != NULL) {
            block->first = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
            block->behind = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
            block->last = place_of(qemu_plugin_insn_vaddr(last));
            qemu_plugin_register_vcpu_tb_exec_cb(tb, entered, CB_NO_REGS, block);
        }
    }
    for (size_t i = 0; i < length; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);
        const uint64_t address = qemu_plugin_insn_vaddr(instruction);
        for (size_t m = 0; m < mark_count; m++) {
            if (marks[m] == address) {
                qemu_plugin_register_vcpu_insn_exec_cb(instruction, reached, CB_NO_REGS, &marks[m]);
            }
        }
        count(instruction, place_of(address));
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info, int argc,
                                                               char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            output = fopen(argv[i] + 4, "w");
        } else if (strncmp(argv[i], "profile=", 8) == 0) {
            profile = fopen(argv[i] + 8, "w");
        } else if (strncmp(argv[i], "mark=", 5) == 0 && mark_count < MARK_LIMIT) {
            marks[mark_count++] = strtoull(argv[i] + 5, NULL, 16);
        } else {
            fprintf(stderr, "counting plugin: bad argument %s\n", argv[i]);
            return 1;
        }
    }
    if (output == NULL || start_counting() != 0) {
        fprintf(stderr, "counting plugin: no output file\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
