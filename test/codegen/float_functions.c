/* How far the kernels' functions are from those of double precision: one line for each, in units in the last place. */
#include <math.h>
#include <stdio.h>

#include "exponential_float32.h"
#include "logarithm_float32.h"
#include "logistic_float32.h"
#include "square_root_float32.h"
#include "tangent_float32.h"

static double logistic_double(double x) {
    return 1.0 / (1.0 + exp(-x));
}

static double place_of(double value) {
    int exponent;
    frexp(value, &exponent);
    return ldexp(1.0, exponent - 24);
}

/* `steps` numbers from `low` to `high`, or e to the power of them. */
static void measure(const char *name, float (*function)(float), double (*exact)(double), double low, double high, int steps,
                    int is_power) {
    double worst = 0.0;
    for (int i = 0; i <= steps; i++) {
        const double at = low + (high - low) * i / steps;
        const float x = (float)(is_power ? exp(at) : at);
        const double wanted = exact(x);
        const double error = fabs(function(x) - wanted) / place_of(wanted);
        if (!(error <= worst)) worst = error;
    }
    printf("%s %.3f\n", name, worst);
}

static void exactly(const char *name, float value, float wanted) {
    printf("%s %d\n", name, value == wanted || (value != value && wanted != wanted) ? 0 : 1000);
}

int main(void) {
    measure("exponential", exponential_float32, exp, -87.3, 88.7, 4000000, 0);
    measure("exponential-near-0", exponential_float32, exp, -1.0, 1.0, 4000000, 0);
    measure("logarithm", logarithm_float32, log, -87.0, 88.0, 4000000, 1);
    measure("logarithm-near-1", logarithm_float32, log, 0.5, 2.0, 4000000, 0);
    measure("tangent", tangent_float32, tanh, -10.0, 10.0, 4000000, 0);
    measure("tangent-near-0", tangent_float32, tanh, -80.0, 0.0, 4000000, 1);
    measure("square-root", square_root_float32, sqrt, -103.0, 88.0, 4000000, 1);
    measure("logistic", logistic_of, logistic_double, -86.0, 20.0, 4000000, 0);
    exactly("exponential-overflow", exponential_float32(89.0f), INFINITY);
    exactly("exponential-underflow", exponential_float32(-100.0f), 0.0f);
    exactly("exponential-of-infinity", exponential_float32(-INFINITY), 0.0f);
    exactly("exponential-of-nan", exponential_float32(NAN), NAN);
    exactly("tangent-of-infinity", tangent_float32(-INFINITY), -1.0f);
    exactly("logistic-of-infinity", logistic_of(INFINITY), 1.0f);
    exactly("logarithm-of-0", logarithm_float32(0.0f), -INFINITY);
    exactly("square-root-of-0", square_root_float32(0.0f), 0.0f);
    exactly("square-root-of-infinity", square_root_float32(INFINITY), INFINITY);
    return 0;
}
