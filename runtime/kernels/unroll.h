/* How often loops are unrolled whose length the data gives. Where code is to be small (the generated source says so), a loop
 * stays one. Loops over what registers hold are not meant: those must vanish. */
#ifndef TINYML_UNROLL_H
#define TINYML_UNROLL_H

#if defined(TINYML_COMPACT)
enum { unroll_2 = 1, unroll_4 = 1, unroll_5 = 1 };
#else
enum { unroll_2 = 2, unroll_4 = 4, unroll_5 = 5 };
#endif

#endif
