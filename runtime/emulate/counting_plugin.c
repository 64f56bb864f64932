/*
 * QEMU plugin that counts executed instructions and writes `<address> <count>` (both hexadecimal and
 * decimal, one line each) whenever one of the marked addresses is about to execute.
 *
 * Arguments: out=<file>, and mark=<hexadecimal address> as often as needed.
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

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, translated callback);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction, executed callback,
                                                   int flags, void *data);

static FILE *output;
static uint64_t marks[MARK_LIMIT];
static size_t mark_count;

#if TINYML_PLUGIN_VERSION == 1

extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation,
                                                       void *variable, uint64_t value);

static uint64_t instructions;

static int start_counting(void) { return 0; }

static void count(struct qemu_plugin_insn *instruction)
{
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &instructions, 1);
}

static uint64_t counted(unsigned int cpu)
{
    (void)cpu;
    return instructions;
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
extern uint64_t qemu_plugin_u64_get(struct counter counter, unsigned int cpu);

static struct counter instructions;

static int start_counting(void)
{
    instructions.board = qemu_plugin_scoreboard_new(sizeof(uint64_t));
    return instructions.board == NULL;
}

static void count(struct qemu_plugin_insn *instruction)
{
    qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(instruction, INLINE_ADD_U64, instructions, 1);
}

static uint64_t counted(unsigned int cpu)
{
    return qemu_plugin_u64_get(instructions, cpu);
}

#endif

__attribute__((visibility("default"))) int qemu_plugin_version = TINYML_PLUGIN_VERSION;

/* Flushed at once: a run that is killed has still told how far it came. */
static void reached(unsigned int cpu, void *mark)
{
    fprintf(output, "%08" PRIx64 " %" PRIu64 "\n", *(const uint64_t *)mark, counted(cpu));
    fflush(output);
}

static void on_translation(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    const size_t length = qemu_plugin_tb_n_insns(tb);
    for (size_t i = 0; i < length; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);
        const uint64_t address = qemu_plugin_insn_vaddr(instruction);
        for (size_t m = 0; m < mark_count; m++) {
            if (marks[m] == address) {
                qemu_plugin_register_vcpu_insn_exec_cb(instruction, reached, CB_NO_REGS, &marks[m]);
            }
        }
        count(instruction);
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info, int argc,
                                                               char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            output = fopen(argv[i] + 4, "w");
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
