/* XXH3 with 64 and 128 bits by its published specification, seed 0 and the default secret. Inputs of
 * up to 240 bytes are mixed by their length; longer ones in stripes of 64 bytes, 16 to a block. */
#include <string.h>

#include "digest.h"
#include "xxh.h"

#define STRIPE 64
#define SECRET 192
#define SHORT 240

static const unsigned char secret[SECRET] = {
  0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c,
  0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb,
  0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e,
  0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
  0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6,
  0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb,
  0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97,
  0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
  0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7,
  0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31,
  0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83,
  0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
  0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26,
  0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc,
  0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f,
  0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};

typedef struct pair {
  uint64_t low, high;
} pair;

static uint64_t key64(size_t at) { return xxh_read64(secret + at); }
static uint64_t key64_2(size_t at) { return key64(at) ^ key64(at + 8); }
static uint64_t key32_2(size_t at) { return xxh_read32(secret + at) ^ xxh_read32(secret + at + 4); }

static pair multiply(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (pair){(uint64_t)product, (uint64_t)(product >> 64)};
}

static uint64_t fold(uint64_t a, uint64_t b) {
  pair product = multiply(a, b);
  return product.low ^ product.high;
}

static uint64_t avalanche(uint64_t h) {
  h = (h ^ h >> 37) * 0x165667919E3779F9u;
  return h ^ h >> 32;
}

static uint64_t mix16(const unsigned char *p, size_t at) {
  return fold(xxh_read64(p) ^ key64(at), xxh_read64(p + 8) ^ key64(at + 8));
}

static void mix32(pair *acc, const unsigned char *a, const unsigned char *b, size_t at) {
  acc->low = (acc->low + mix16(a, at)) ^ (xxh_read64(b) + xxh_read64(b + 8));
  acc->high = (acc->high + mix16(b, at + 16)) ^ (xxh_read64(a) + xxh_read64(a + 8));
}

static uint32_t three(const unsigned char *p, size_t n) {
  return (uint32_t)p[0] << 16 | (uint32_t)p[n >> 1] << 24 | p[n - 1] | (uint32_t)n << 8;
}

static uint64_t short64(const unsigned char *p, size_t n) {
  if (n == 0) return xxh64_avalanche(key64_2(56));
  if (n <= 3) return xxh64_avalanche(three(p, n) ^ key32_2(0));
  if (n <= 8) {
    uint64_t h = (xxh_read32(p + n - 4) + ((uint64_t)xxh_read32(p) << 32)) ^ key64_2(8);
    h = (h ^ xxh_rotate(h, 49) ^ xxh_rotate(h, 24)) * 0x9FB21C651E98DF25u;
    h = (h ^ ((h >> 35) + n)) * 0x9FB21C651E98DF25u;
    return h ^ h >> 28;
  }
  if (n <= 16) {
    uint64_t low = xxh_read64(p) ^ key64_2(24), high = xxh_read64(p + n - 8) ^ key64_2(40);
    return avalanche(n + __builtin_bswap64(low) + high + fold(low, high));
  }
  uint64_t acc = n * XXH_P1;
  if (n <= 128) {
    for (size_t i = (n - 1) / 32 + 1; i-- > 0;)
      acc += mix16(p + 16 * i, 32 * i) + mix16(p + n - 16 * (i + 1), 32 * i + 16);
    return avalanche(acc);
  }
  for (size_t i = 0; i < 8; i++) acc += mix16(p + 16 * i, 16 * i);
  acc = avalanche(acc);
  for (size_t i = 8; i < n / 16; i++) acc += mix16(p + 16 * i, 16 * (i - 8) + 3);
  return avalanche(acc + mix16(p + n - 16, 136 - 17));
}

static pair medium128(pair acc, size_t n) {
  uint64_t low = acc.low + acc.high;
  uint64_t high = acc.low * XXH_P1 + acc.high * XXH_P4 + n * XXH_P2;
  return (pair){avalanche(low), -avalanche(high)};
}

static pair small128(const unsigned char *p, size_t n) {
  if (n == 0) return (pair){xxh64_avalanche(key64_2(64)), xxh64_avalanche(key64_2(80))};
  if (n <= 3) {
    uint32_t low = three(p, n), high = __builtin_bswap32(low);
    high = high << 13 | high >> 19;
    return (pair){xxh64_avalanche(low ^ key32_2(0)), xxh64_avalanche(high ^ key32_2(8))};
  }
  if (n <= 8) {
    uint64_t word = xxh_read32(p) + ((uint64_t)xxh_read32(p + n - 4) << 32);
    pair m = multiply(word ^ key64_2(16), XXH_P1 + (n << 2));
    m.high += m.low << 1;
    m.low ^= m.high >> 3;
    m.low = (m.low ^ m.low >> 35) * 0x9FB21C651E98DF25u;
    return (pair){m.low ^ m.low >> 28, avalanche(m.high)};
  }
  uint64_t low = xxh_read64(p), high = xxh_read64(p + n - 8);
  pair m = multiply(low ^ high ^ key64_2(32), XXH_P1);
  m.low += (uint64_t)(n - 1) << 54;
  high ^= key64_2(48);
  m.high += high + (uint64_t)(uint32_t)high * (XXH_Q2 - 1);
  m.low ^= __builtin_bswap64(m.high);
  pair h = multiply(m.low, XXH_P2);
  h.high += m.high * XXH_P2;
  return (pair){avalanche(h.low), avalanche(h.high)};
}

static pair short128(const unsigned char *p, size_t n) {
  if (n <= 16) return small128(p, n);
  pair acc = {n * XXH_P1, 0};
  if (n <= 128) {
    for (size_t i = (n - 1) / 32 + 1; i-- > 0;)
      mix32(&acc, p + 16 * i, p + n - 16 * (i + 1), 32 * i);
    return medium128(acc, n);
  }
  for (size_t i = 0; i < 4; i++) mix32(&acc, p + 32 * i, p + 32 * i + 16, 32 * i);
  acc = (pair){avalanche(acc.low), avalanche(acc.high)};
  for (size_t i = 4; i < n / 32; i++) mix32(&acc, p + 32 * i, p + 32 * i + 16, 32 * (i - 4) + 3);
  mix32(&acc, p + n - 16, p + n - 32, 136 - 17 - 16);
  return medium128(acc, n);
}

static void accumulate(uint64_t acc[8], const unsigned char *p, size_t at) {
  for (size_t i = 0; i < 8; i++) {
    uint64_t word = xxh_read64(p + 8 * i), key = word ^ key64(at + 8 * i);
    acc[i ^ 1] += word;
    acc[i] += (key & 0xFFFFFFFFu) * (key >> 32);
  }
}

static void block(cso_xxh3 *x, const unsigned char *p) {
  for (size_t i = 0; i < CSO_XXH3_BLOCK / STRIPE; i++) accumulate(x->acc, p + STRIPE * i, 8 * i);
  for (size_t i = 0; i < 8; i++) {
    uint64_t a = x->acc[i];
    x->acc[i] = (a ^ a >> 47 ^ key64(SECRET - STRIPE + 8 * i)) * XXH_Q1;
  }
}

void cso_xxh3_start(cso_xxh3 *x) {
  *x = (cso_xxh3){.acc = {XXH_Q3, XXH_P1, XXH_P2, XXH_P3, XXH_P4, XXH_Q2, XXH_P5, XXH_Q1}};
}

/* A full block is worked off only when something follows it: the last stripe is special. */
void cso_xxh3_add(cso_xxh3 *x, const void *data, size_t len) {
  const unsigned char *p = data;
  x->total += len;
  while (len > 0) {
    if (x->held == CSO_XXH3_BLOCK) {
      block(x, x->buffer);
      memcpy(x->tail, x->buffer + CSO_XXH3_BLOCK - STRIPE, STRIPE);
      x->held = 0;
    }
    size_t n = CSO_XXH3_BLOCK - x->held;
    if (n > len) n = len;
    memcpy(x->buffer + x->held, p, n);
    x->held += n;
    p += n;
    len -= n;
  }
}

static void finish(const cso_xxh3 *x, uint64_t acc[8]) {
  unsigned char last[STRIPE];
  memcpy(acc, x->acc, sizeof x->acc);
  for (size_t i = 0; i < (x->held - 1) / STRIPE; i++)
    accumulate(acc, x->buffer + STRIPE * i, 8 * i);
  size_t own = x->held < STRIPE ? x->held : STRIPE;
  memcpy(last, x->tail + own, STRIPE - own);
  memcpy(last + STRIPE - own, x->buffer + x->held - own, own);
  accumulate(acc, last, SECRET - STRIPE - 7);
}

static uint64_t merge(const uint64_t acc[8], size_t at, uint64_t start) {
  for (size_t i = 0; i < 4; i++)
    start += fold(acc[2 * i] ^ key64(at + 16 * i), acc[2 * i + 1] ^ key64(at + 16 * i + 8));
  return avalanche(start);
}

uint64_t cso_xxh3_end64(const cso_xxh3 *x) {
  uint64_t acc[8];
  if (x->total <= SHORT) return short64(x->buffer, x->held);
  finish(x, acc);
  return merge(acc, 11, x->total * XXH_P1);
}

void cso_xxh3_end128(const cso_xxh3 *x, uint64_t *high, uint64_t *low) {
  uint64_t acc[8];
  if (x->total <= SHORT) {
    pair h = short128(x->buffer, x->held);
    *high = h.high;
    *low = h.low;
    return;
  }
  finish(x, acc);
  *low = merge(acc, 11, x->total * XXH_P1);
  *high = merge(acc, SECRET - STRIPE - 11, ~(x->total * XXH_P2));
}
