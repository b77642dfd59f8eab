/* What the hashes of the xxHash family share: primes, little-endian words, the last mix. */
#ifndef CSO_CORE_XXH_H
#define CSO_CORE_XXH_H

#include <stdint.h>
#include <string.h>

#define XXH_P1 0x9E3779B185EBCA87u
#define XXH_P2 0xC2B2AE3D27D4EB4Fu
#define XXH_P3 0x165667B19E3779F9u
#define XXH_P4 0x85EBCA77C2B2AE63u
#define XXH_P5 0x27D4EB2F165667C5u
#define XXH_Q1 0x9E3779B1u
#define XXH_Q2 0x85EBCA77u
#define XXH_Q3 0xC2B2AE3Du

static inline uint64_t xxh_rotate(uint64_t v, int by) { return v << by | v >> (64 - by); }

static inline uint64_t xxh_read64(const unsigned char *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap64(v);
#endif
  return v;
}

static inline uint32_t xxh_read32(const unsigned char *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  v = __builtin_bswap32(v);
#endif
  return v;
}

static inline uint64_t xxh64_avalanche(uint64_t h) {
  h = (h ^ h >> 33) * XXH_P2;
  h = (h ^ h >> 29) * XXH_P3;
  return h ^ h >> 32;
}

#endif
