/* The checksums that services ask for, over a text that comes piece by piece. */
#ifndef CSO_CORE_DIGEST_H
#define CSO_CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define CSO_DIGEST 64 /* the longest */

/* NULL for a name that is none of crc32, crc32c, crc64nvme, md5, sha1, sha256, sha512, xxhash64,
 * xxhash3, xxhash128 (AWS's names in lower case), or when memory is out. */
typedef struct cso_digest cso_digest;
cso_digest *cso_digest_new(const char *name);
void cso_digest_free(cso_digest *d);
/* Back to the state of a new one. */
void cso_digest_reset(cso_digest *d);
void cso_digest_add(cso_digest *d, const void *data, size_t len);
/* Big-endian, as it goes over the wire; returns the length. Only once after a reset. */
size_t cso_digest_end(cso_digest *d, unsigned char out[CSO_DIGEST]);
/* How long it will be; 0 for an unknown name. */
size_t cso_digest_size(const char *name);

/* crc64.c: goes on from crc, 0 at the start. */
uint64_t cso_crc64nvme(uint64_t crc, const void *data, size_t len);

/* xxh64.c and xxh3.c, seed 0. */
typedef struct cso_xxh64 {
  uint64_t acc[4], total;
  unsigned char buffer[32];
} cso_xxh64;
void cso_xxh64_start(cso_xxh64 *x);
void cso_xxh64_add(cso_xxh64 *x, const void *data, size_t len);
uint64_t cso_xxh64_end(const cso_xxh64 *x);

#define CSO_XXH3_BLOCK 1024
typedef struct cso_xxh3 {
  uint64_t acc[8], total;
  size_t held;
  unsigned char buffer[CSO_XXH3_BLOCK];
  unsigned char tail[64]; /* the last bytes of what went before the buffer */
} cso_xxh3;
void cso_xxh3_start(cso_xxh3 *x);
void cso_xxh3_add(cso_xxh3 *x, const void *data, size_t len);
uint64_t cso_xxh3_end64(const cso_xxh3 *x);
void cso_xxh3_end128(const cso_xxh3 *x, uint64_t *high, uint64_t *low);

#endif
