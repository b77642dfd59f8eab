/* Digests, encodings and random bytes, without Lua. The digests use OpenSSL's direct functions:
 * they need none of its start-up work, which a short run would notice. */
#ifndef CSO_CORE_HASH_H
#define CSO_CORE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSO_SHA256 32
#define CSO_SHA512 64
#define CSO_SHA1 20
#define CSO_MD5 16

void cso_sha256(const void *data, size_t len, unsigned char out[CSO_SHA256]);
void cso_sha512(const void *data, size_t len, unsigned char out[CSO_SHA512]);
void cso_sha1(const void *data, size_t len, unsigned char out[CSO_SHA1]);
void cso_md5(const void *data, size_t len, unsigned char out[CSO_MD5]);
/* One digest over several parts. */
typedef struct cso_sha256_run {
  uint64_t state[14];
} cso_sha256_run;
void cso_sha256_begin(cso_sha256_run *r);
void cso_sha256_more(cso_sha256_run *r, const void *data, size_t len);
void cso_sha256_end(cso_sha256_run *r, unsigned char out[CSO_SHA256]);
/* A key that has been taken in, for many texts; as secret as the key itself. */
typedef struct cso_hmac_key {
  uint64_t inner[14], outer[14];
} cso_hmac_key;
void cso_hmac_open(cso_hmac_key *h, const void *key, size_t key_len);
void cso_hmac(const cso_hmac_key *h, const void *data, size_t len, unsigned char out[CSO_SHA256]);
void cso_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                     unsigned char out[CSO_SHA256]);
uint32_t cso_crc32(const void *data, size_t len);
uint32_t cso_crc32c(const void *data, size_t len);
/* Goes on from the checksum of what came before, 0 at the start. */
uint32_t cso_crc32c_more(uint32_t crc, const void *data, size_t len);

/* Lower-case; out takes 2 * len bytes, no terminator. */
void cso_hex(const unsigned char *data, size_t len, char *out);
/* out takes len / 2 bytes; false when text is not pairs of hex digits. */
bool cso_unhex(const char *text, size_t len, unsigned char *out);
/* out takes (len + 2) / 3 * 4 bytes; returns how many were written. */
size_t cso_base64(const unsigned char *data, size_t len, char *out);
/* out takes len / 4 * 3 + 3 bytes. Line breaks are skipped, padding may be absent, both alphabets
 * (+/ and -_) are read. Returns the length, or SIZE_MAX when text is not base64. */
size_t cso_unbase64(const char *text, size_t len, unsigned char *out);

/* From the kernel; false only when it refuses. */
bool cso_random(void *out, size_t len);
/* Takes the same time wherever the difference is. */
bool cso_equal(const void *a, const void *b, size_t len);
/* Overwrites memory in a way that is not optimised away. */
void cso_wipe(void *data, size_t len);

/* n is a power of two; false when OpenSSL refuses the figures or memory is out. */
bool cso_scrypt(const char *pass, size_t pass_len, const unsigned char *salt, size_t salt_len,
                uint64_t n, uint64_t r, uint64_t p, unsigned char *out, size_t out_len);

#define CSO_GCM_NONCE 12
#define CSO_GCM_TAG 16

/* key_len 16 or 32. out takes len + CSO_GCM_TAG bytes (the tag comes last). */
bool cso_gcm_seal(const unsigned char *key, size_t key_len, const unsigned char *nonce,
                  const void *aad, size_t aad_len, const void *plain, size_t len,
                  unsigned char *out);
/* sealed_len counts the tag; out takes sealed_len - CSO_GCM_TAG bytes. False: forged or wrong key;
 * out is then wiped. */
bool cso_gcm_open(const unsigned char *key, size_t key_len, const unsigned char *nonce,
                  const void *aad, size_t aad_len, const void *sealed, size_t sealed_len,
                  unsigned char *out);

#endif
