/* CMSDK UART: the one channel that both emulators have at an address that we choose. */
#include "board.h"

void tinyml_uart_start(void)
{
    tinyml_uart.divider = 16; /* the least that is allowed; emulated lines have no speed */
    tinyml_uart.control = 1;  /* transmit */
}

static void print_character(char character)
{
    tinyml_uart.data = (uint8_t)character;
}

void tinyml_print(const char *text)
{
    while (*text != '\0') {
        print_character(*text);
        text++;
    }
}

/* By subtraction: Armv6-M has no division, and the run-time library's belongs to the model's account. */
void tinyml_print_decimal(uint32_t value)
{
    static const uint32_t powers[] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                      10000,      1000,      100,      10,      1};
    uint32_t started = 0;
    for (uint32_t i = 0; i < sizeof powers / sizeof powers[0]; i++) {
        char digit = '0';
        while (value >= powers[i]) {
            value -= powers[i];
            digit++;
        }
        started |= digit != '0' || powers[i] == 1;
        if (started) {
            print_character(digit);
        }
    }
}

static void print_nibble(uint32_t nibble)
{
    print_character((char)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10));
}

void tinyml_print_byte(uint8_t value)
{
    print_nibble(value >> 4);
    print_nibble(value & 15u);
}

void tinyml_print_hex(uint32_t value)
{
    for (uint32_t shift = 32; shift > 0; shift -= 8) {
        tinyml_print_byte((uint8_t)(value >> (shift - 8)));
    }
}

/* Called by a library that is generated to be traced. */
void tinyml_trace(const void *bytes, uint32_t count)
{
    tinyml_print("trace ");
    for (uint32_t i = 0; i < count; i++) {
        tinyml_print_byte(((const uint8_t *)bytes)[i]);
    }
    tinyml_print("\n");
}
