/* Fourier transforms of real signals, for the code of PESQ inside the `pesq` package.

   That package calls its transforms through the dynamic linker, so a library that is loaded first
   answers the calls. This one was written from the mathematics of the radix-2 transform, with
   decimation in time; what the package rounds, and in which order, was found by giving both the
   same signals. Equal operations in equal order give equal bits, whichever butterflies are computed
   side by side: do not let a compiler contract or reassociate them (-ffp-contract=off).

   x holds n real samples, or bins 0 to n/2 as pairs (real, imaginary); n is a power of two. As in
   the package, one thread may call at a time. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GLIBC__)
#define FOR_EVERY_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EVERY_PROCESSOR
#endif
#define INLINE static inline __attribute__((always_inline))
#define LANES 8
#define AT(place) (*(lanes *)(place))

/* Powers of two. Shorter transforms do not fill the lanes, and 20 s need no longer ones. */
enum { FORWARD, INVERSE, SHORTEST = 6, LONGEST = 20, CHECKED_AT_ONCE = 16 };

typedef float lanes __attribute__((vector_size(4 * LANES), may_alias));
typedef void (*transformer)(float *x, unsigned long n);
typedef struct { float *re, *im; } row;

unsigned long avss_fourier_calls; /* answered by this library */
int avss_fourier_off;             /* if not 0, the package answers all calls */

static transformer package[2];
static enum { UNKNOWN, EQUAL, DIFFERENT } verdict[2][LONGEST + 1];
static row roots[LONGEST + 1]; /* cosines and sines of k/2^log of a turn, k < 2^log / 2 */
static float *room;
static unsigned long room_for;

static float *floats(unsigned long count)
{
    return aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
}

static int prepare(int log)
{
    unsigned long n = 1ul << log;
    for (int l = 1; l <= log; l++) {
        if (roots[l].re) continue;
        unsigned long half = 1ul << l >> 1;
        row made = {floats(half), floats(half)};
        if (!made.re || !made.im) return 0;
        float step = 2 * acos(-1) / (2 * half);
        for (unsigned long k = 0; k < half; k++) {
            float angle = k * step;
            made.re[k] = cos(angle);
            made.im[k] = sin(angle);
        }
        roots[l] = made;
    }
    if (room_for < n) {
        free(room);
        room = floats(4 * n);
        room_for = room ? n : 0;
    }
    return room != NULL;
}

INLINE row shifted(row of, unsigned long by)
{
    return (row){of.re + by, of.im + by};
}

/* a + w b and a - w b; the order of these sums is the package's. */
INLINE void butterflies(row a, row b, const lanes *wr, const lanes *wi, row sum, row difference)
{
    lanes ar = AT(a.re), ai = AT(a.im), br = AT(b.re), bi = AT(b.im);
    AT(sum.re) = ar + br * *wr - bi * *wi;
    AT(sum.im) = ai + br * *wi + bi * *wr;
    AT(difference.re) = ar - br * *wr + bi * *wi;
    AT(difference.im) = ai - br * *wi - bi * *wr;
}

/* Join spectra of `bins` bins two and two; bin k of all `2 * pairs` of them lies in one piece. */
INLINE void join_bin_by_bin(row in, row out, unsigned long bins, unsigned long pairs, row w,
                            float sign)
{
    for (unsigned long k = 0; k < bins; k++) {
        row even = shifted(in, 2 * pairs * k), odd = shifted(even, pairs);
        row sum = shifted(out, pairs * k), difference = shifted(sum, pairs * bins);
        float re = w.re[k], im = sign * w.im[k];
        lanes wr = {re, re, re, re, re, re, re, re}, wi = {im, im, im, im, im, im, im, im};
        for (unsigned long i = 0; i < pairs; i += LANES)
            butterflies(shifted(even, i), shifted(odd, i), &wr, &wi, shifted(sum, i),
                        shifted(difference, i));
    }
}

/* The same, where each spectrum lies in one piece. */
INLINE void join_one_by_one(row in, row out, unsigned long bins, unsigned long pairs, row w,
                            float sign)
{
    for (unsigned long pair = 0; pair < pairs; pair++) {
        row even = shifted(in, bins * pair), odd = shifted(even, bins * pairs);
        row sum = shifted(out, 2 * bins * pair), difference = shifted(sum, bins);
        for (unsigned long k = 0; k < bins; k += LANES) {
            lanes wr = AT(w.re + k), wi = sign * AT(w.im + k);
            butterflies(shifted(even, k), shifted(odd, k), &wr, &wi, shifted(sum, k),
                        shifted(difference, k));
        }
    }
}

INLINE void turn(const float *restrict bin_by_bin, float *restrict one_by_one, unsigned long bins)
{
    for (unsigned long k = 0; k < bins; k++)
        for (unsigned long i = 0; i < LANES; i++)
            one_by_one[i * bins + k] = bin_by_bin[i + LANES * k];
}

/* Return where the result lies: `in` or `out`, both are written to. */
INLINE row transform(row in, row out, int log, float sign)
{
    unsigned long n = 1ul << log, bins = 1;
    row swap;
#define SWAP (swap = in, in = out, out = swap)
    for (int l = 1; l <= log; l++, bins *= 2, SWAP) {
        if (bins == n / LANES) {
            turn(in.re, out.re, bins);
            turn(in.im, out.im, bins);
            SWAP;
        }
        if (bins < n / LANES) join_bin_by_bin(in, out, bins, n / 2 / bins, roots[l], sign);
        else join_one_by_one(in, out, bins, n / 2 / bins, roots[l], sign);
    }
    return in;
}

FOR_EVERY_PROCESSOR static void forward(float *restrict x, int log)
{
    unsigned long n = 1ul << log;
    row in = {room, room + n}, out = {room + 2 * n, room + 3 * n};
    memcpy(in.re, x, n * sizeof *x);
    memset(in.im, 0, n * sizeof *x);
    row found = transform(in, out, log, -1);
    for (unsigned long k = 0; k <= n / 2; k++) {
        x[2 * k] = found.re[k];
        x[2 * k + 1] = found.im[k];
    }
}

FOR_EVERY_PROCESSOR static void inverse(float *restrict x, int log)
{
    unsigned long n = 1ul << log;
    row in = {room, room + n}, out = {room + 2 * n, room + 3 * n};
    for (unsigned long k = 0; k <= n / 2; k++) {
        in.re[k] = x[2 * k];
        in.im[k] = x[2 * k + 1];
    }
    for (unsigned long k = 1; k < n / 2; k++) {
        in.re[n - k] = x[2 * k];
        in.im[n - k] = -x[2 * k + 1];
    }
    const float *restrict found = transform(in, out, log, 1).re;
    for (unsigned long k = 0; k < n; k++) x[k] = found[k] * (1.0f / n);
}

static void compute(int direction, float *x, int log)
{
    if (direction == FORWARD) forward(x, log);
    else inverse(x, log);
}

/* Both ways on noise, once for each length. */
static int agrees(int direction, int log)
{
    if (verdict[direction][log] != UNKNOWN) return verdict[direction][log] == EQUAL;
    unsigned long size = (1ul << log) + 2, seed = log;
    float *ours = floats(size), *theirs = floats(size);
    if (ours && theirs && prepare(log)) {
        for (unsigned long i = 0; i < size; i++) {
            seed = (1664525 * seed + 1013904223) & 0xffffffff;
            ours[i] = theirs[i] = seed / 2147483648.0 - 1;
        }
        compute(direction, ours, log);
        package[direction](theirs, size - 2);
        verdict[direction][log] = memcmp(ours, theirs, size * sizeof *ours) ? DIFFERENT : EQUAL;
    }
    free(ours);
    free(theirs);
    return verdict[direction][log] == EQUAL;
}

static void answer(int direction, float *x, unsigned long n)
{
    int log = SHORTEST;
    while (log <= LONGEST && 1ul << log != n) log++;
    if (avss_fourier_off || log > LONGEST || !agrees(direction, log) || !prepare(log)) {
        package[direction](x, n);
        return;
    }
    avss_fourier_calls++;
    compute(direction, x, log);
}

/* Take the package's own transforms; return whether these here equal them to the last bit. */
int avss_fourier_begin(transformer their_forward, transformer their_inverse)
{
    int equal = 1;
    package[FORWARD] = their_forward;
    package[INVERSE] = their_inverse;
    for (int log = SHORTEST; log <= CHECKED_AT_ONCE; log++)
        equal = equal && agrees(FORWARD, log) && agrees(INVERSE, log);
    return equal;
}

/* The names and arguments that the package calls. */
void RealFFT(float *x, unsigned long n) { answer(FORWARD, x, n); }
void RealIFFT(float *x, unsigned long n) { answer(INVERSE, x, n); }
