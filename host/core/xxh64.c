/* XXH64 by its published specification, seed 0. */
#include <string.h>

#include "digest.h"
#include "xxh.h"

static uint64_t step(uint64_t acc, uint64_t word) {
  return xxh_rotate(acc + word * XXH_P2, 31) * XXH_P1;
}

static void stripe(cso_xxh64 *x, const unsigned char *p) {
  for (int i = 0; i < 4; i++) x->acc[i] = step(x->acc[i], xxh_read64(p + 8 * i));
}

void cso_xxh64_start(cso_xxh64 *x) {
  *x = (cso_xxh64){.acc = {XXH_P1 + XXH_P2, XXH_P2, 0, -XXH_P1}};
}

void cso_xxh64_add(cso_xxh64 *x, const void *data, size_t len) {
  const unsigned char *p = data;
  size_t held = x->total % sizeof x->buffer;
  x->total += len;
  if (held) {
    size_t n = sizeof x->buffer - held;
    if (n > len) n = len;
    memcpy(x->buffer + held, p, n);
    if (held + n < sizeof x->buffer) return;
    stripe(x, x->buffer);
    p += n;
    len -= n;
  }
  for (; len >= sizeof x->buffer; len -= sizeof x->buffer, p += sizeof x->buffer) stripe(x, p);
  if (len) memcpy(x->buffer, p, len);
}

uint64_t cso_xxh64_end(const cso_xxh64 *x) {
  const unsigned char *p = x->buffer;
  size_t left = x->total % sizeof x->buffer;
  uint64_t h = XXH_P5;
  if (x->total >= sizeof x->buffer) {
    static const int turns[] = {1, 7, 12, 18};
    h = 0;
    for (int i = 0; i < 4; i++) h += xxh_rotate(x->acc[i], turns[i]);
    for (int i = 0; i < 4; i++) h = (h ^ step(0, x->acc[i])) * XXH_P1 + XXH_P4;
  }
  h += x->total;
  for (; left >= 8; left -= 8, p += 8)
    h = xxh_rotate(h ^ step(0, xxh_read64(p)), 27) * XXH_P1 + XXH_P4;
  for (; left >= 4; left -= 4, p += 4)
    h = xxh_rotate(h ^ (uint64_t)xxh_read32(p) * XXH_P1, 23) * XXH_P2 + XXH_P3;
  for (; left > 0; left--) h = xxh_rotate(h ^ *p++ * XXH_P5, 11) * XXH_P1;
  return xxh64_avalanche(h);
}
