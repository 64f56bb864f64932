/* What the program needs of the board: an Arm MPS2 with the AN386 image (Cortex-M4F), as QEMU models it. */
#ifndef BOARD_H
#define BOARD_H

void board_print(const char *text);

/* 0 to 9. */
void board_print_digit(int digit);

#endif
