#define OPENSSL_SUPPRESS_DEPRECATED
#include "hash.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>
#include <zlib.h>

void cso_sha256(const void *data, size_t len, unsigned char out[CSO_SHA256]) {
  SHA256_CTX c;
  SHA256_Init(&c);
  SHA256_Update(&c, data, len);
  SHA256_Final(out, &c);
}

_Static_assert(sizeof(SHA256_CTX) == sizeof(cso_sha256_run), "a state of SHA-256");

void cso_sha256_begin(cso_sha256_run *r) { SHA256_Init((void *)r->state); }

void cso_sha256_more(cso_sha256_run *r, const void *data, size_t len) {
  SHA256_Update((void *)r->state, data, len);
}

void cso_sha256_end(cso_sha256_run *r, unsigned char out[CSO_SHA256]) {
  SHA256_Final(out, (void *)r->state);
}

void cso_sha512(const void *data, size_t len, unsigned char out[CSO_SHA512]) {
  SHA512_CTX c;
  SHA512_Init(&c);
  SHA512_Update(&c, data, len);
  SHA512_Final(out, &c);
}

void cso_sha1(const void *data, size_t len, unsigned char out[CSO_SHA1]) {
  SHA_CTX c;
  SHA1_Init(&c);
  SHA1_Update(&c, data, len);
  SHA1_Final(out, &c);
}

void cso_md5(const void *data, size_t len, unsigned char out[CSO_MD5]) {
  MD5_CTX c;
  MD5_Init(&c);
  MD5_Update(&c, data, len);
  MD5_Final(out, &c);
}

_Static_assert(sizeof(SHA256_CTX) == sizeof(((cso_hmac_key *)NULL)->inner), "a state of SHA-256");

void cso_hmac_open(cso_hmac_key *h, const void *key, size_t key_len) {
  unsigned char pad[64] = {0};
  SHA256_CTX c;
  if (key_len > sizeof pad) cso_sha256(key, key_len, pad);
  else if (key_len > 0) memcpy(pad, key, key_len);
  for (size_t i = 0; i < sizeof pad; i++) pad[i] ^= 0x36;
  SHA256_Init(&c);
  SHA256_Update(&c, pad, sizeof pad);
  memcpy(h->inner, &c, sizeof c);
  for (size_t i = 0; i < sizeof pad; i++) pad[i] ^= 0x36 ^ 0x5c;
  SHA256_Init(&c);
  SHA256_Update(&c, pad, sizeof pad);
  memcpy(h->outer, &c, sizeof c);
  OPENSSL_cleanse(pad, sizeof pad);
  OPENSSL_cleanse(&c, sizeof c);
}

void cso_hmac(const cso_hmac_key *h, const void *data, size_t len, unsigned char out[CSO_SHA256]) {
  SHA256_CTX c;
  memcpy(&c, h->inner, sizeof c);
  SHA256_Update(&c, data, len);
  SHA256_Final(out, &c);
  memcpy(&c, h->outer, sizeof c);
  SHA256_Update(&c, out, CSO_SHA256);
  SHA256_Final(out, &c);
  OPENSSL_cleanse(&c, sizeof c);
}

void cso_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                     unsigned char out[CSO_SHA256]) {
  cso_hmac_key h;
  cso_hmac_open(&h, key, key_len);
  cso_hmac(&h, data, len, out);
  OPENSSL_cleanse(&h, sizeof h);
}

uint32_t cso_crc32(const void *data, size_t len) {
  return (uint32_t)crc32_z(0, data, len);
}

/* Castagnoli's polynomial, reflected, one byte at a time. */
static uint32_t crc32c_table(uint32_t crc, const unsigned char *p, size_t len) {
  static uint32_t table[256];
  if (!table[1]) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ 0x82F63B78u : c >> 1;
      table[i] = c;
    }
  }
  for (; len > 0; len--) crc = crc >> 8 ^ table[(crc ^ *p++) & 255];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_machine(uint32_t crc,
                                                                 const unsigned char *p,
                                                                 size_t len) {
  uint64_t wide = crc, word;
  for (; len >= 8; len -= 8, p += 8) {
    memcpy(&word, p, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = (uint32_t)wide;
  for (; len > 0; len--) crc = __builtin_ia32_crc32qi(crc, *p++);
  return crc;
}
#endif

uint32_t cso_crc32c_more(uint32_t crc, const void *data, size_t len) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~crc32c_machine(~crc, data, len);
#endif
  return ~crc32c_table(~crc, data, len);
}

uint32_t cso_crc32c(const void *data, size_t len) {
  return cso_crc32c_more(0, data, len);
}

bool cso_random(void *out, size_t len) {
  unsigned char *p = out;
  while (len > 0) {
    ssize_t n = getrandom(p, len, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    p += n;
    len -= (size_t)n;
  }
  return true;
}

bool cso_equal(const void *a, const void *b, size_t len) {
  return CRYPTO_memcmp(a, b, len) == 0;
}

void cso_wipe(void *data, size_t len) {
  OPENSSL_cleanse(data, len);
}
