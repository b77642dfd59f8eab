#define OPENSSL_SUPPRESS_DEPRECATED
#include "digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "hash.h"

typedef union state {
  uint32_t crc32;
  uint64_t crc64;
  MD5_CTX md5;
  SHA_CTX sha1;
  SHA256_CTX sha256;
  SHA512_CTX sha512;
  cso_xxh64 xxh64;
  cso_xxh3 xxh3;
} state;

struct kind {
  const char *name;
  size_t size;
  void (*start)(state *s);
  void (*add)(state *s, const void *data, size_t len);
  void (*end)(state *s, unsigned char *out);
};

struct cso_digest {
  const struct kind *kind;
  state state;
};

static void put64(unsigned char *out, uint64_t v) {
  for (int i = 0; i < 8; i++) out[i] = (unsigned char)(v >> (56 - 8 * i));
}

static void crc_start(state *s) { s->crc64 = 0; }
static void crc32_add(state *s, const void *data, size_t len) {
  s->crc32 = (uint32_t)crc32_z(s->crc32, data, len);
}
static void crc32c_add(state *s, const void *data, size_t len) {
  s->crc32 = cso_crc32c_more(s->crc32, data, len);
}
static void crc32_end(state *s, unsigned char *out) {
  for (int i = 0; i < 4; i++) out[i] = (unsigned char)(s->crc32 >> (24 - 8 * i));
}
static void crc64_add(state *s, const void *data, size_t len) {
  s->crc64 = cso_crc64nvme(s->crc64, data, len);
}
static void crc64_end(state *s, unsigned char *out) { put64(out, s->crc64); }

static void md5_start(state *s) { MD5_Init(&s->md5); }
static void md5_add(state *s, const void *data, size_t len) { MD5_Update(&s->md5, data, len); }
static void md5_end(state *s, unsigned char *out) { MD5_Final(out, &s->md5); }
static void sha1_start(state *s) { SHA1_Init(&s->sha1); }
static void sha1_add(state *s, const void *data, size_t len) { SHA1_Update(&s->sha1, data, len); }
static void sha1_end(state *s, unsigned char *out) { SHA1_Final(out, &s->sha1); }
static void sha256_start(state *s) { SHA256_Init(&s->sha256); }
static void sha256_add(state *s, const void *data, size_t len) {
  SHA256_Update(&s->sha256, data, len);
}
static void sha256_end(state *s, unsigned char *out) { SHA256_Final(out, &s->sha256); }
static void sha512_start(state *s) { SHA512_Init(&s->sha512); }
static void sha512_add(state *s, const void *data, size_t len) {
  SHA512_Update(&s->sha512, data, len);
}
static void sha512_end(state *s, unsigned char *out) { SHA512_Final(out, &s->sha512); }

static void xxh64_start(state *s) { cso_xxh64_start(&s->xxh64); }
static void xxh64_add(state *s, const void *data, size_t len) {
  cso_xxh64_add(&s->xxh64, data, len);
}
static void xxh64_end(state *s, unsigned char *out) { put64(out, cso_xxh64_end(&s->xxh64)); }
static void xxh3_start(state *s) { cso_xxh3_start(&s->xxh3); }
static void xxh3_add(state *s, const void *data, size_t len) { cso_xxh3_add(&s->xxh3, data, len); }
static void xxh3_end(state *s, unsigned char *out) { put64(out, cso_xxh3_end64(&s->xxh3)); }
static void xxh128_end(state *s, unsigned char *out) {
  uint64_t high, low;
  cso_xxh3_end128(&s->xxh3, &high, &low);
  put64(out, high);
  put64(out + 8, low);
}

static const struct kind kinds[] = {
  {"crc32", 4, crc_start, crc32_add, crc32_end},
  {"crc32c", 4, crc_start, crc32c_add, crc32_end},
  {"crc64nvme", 8, crc_start, crc64_add, crc64_end},
  {"md5", CSO_MD5, md5_start, md5_add, md5_end},
  {"sha1", CSO_SHA1, sha1_start, sha1_add, sha1_end},
  {"sha256", CSO_SHA256, sha256_start, sha256_add, sha256_end},
  {"sha512", CSO_SHA512, sha512_start, sha512_add, sha512_end},
  {"xxhash64", 8, xxh64_start, xxh64_add, xxh64_end},
  {"xxhash3", 8, xxh3_start, xxh3_add, xxh3_end},
  {"xxhash128", 16, xxh3_start, xxh3_add, xxh128_end},
};

static const struct kind *find(const char *name) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
  return NULL;
}

size_t cso_digest_size(const char *name) {
  const struct kind *kind = find(name);
  return kind ? kind->size : 0;
}

cso_digest *cso_digest_new(const char *name) {
  const struct kind *kind = find(name);
  cso_digest *d = kind ? malloc(sizeof *d) : NULL;
  if (!d) return NULL;
  d->kind = kind;
  kind->start(&d->state);
  return d;
}

void cso_digest_free(cso_digest *d) { free(d); }

void cso_digest_reset(cso_digest *d) { d->kind->start(&d->state); }

void cso_digest_add(cso_digest *d, const void *data, size_t len) {
  if (len > 0) d->kind->add(&d->state, data, len);
}

size_t cso_digest_end(cso_digest *d, unsigned char out[CSO_DIGEST]) {
  d->kind->end(&d->state, out);
  return d->kind->size;
}
