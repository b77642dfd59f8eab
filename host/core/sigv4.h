/* AWS Signature Version 4 without Lua: canonical request, string to sign, signature. With a set of
 * regions instead of one the signature is asymmetric (SigV4a: ECDSA over P-256 with a key that is
 * derived from the secret), and one request is good in each of them. */
#ifndef CSO_CORE_SIGV4_H
#define CSO_CORE_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "text.h"

typedef struct cso_pair {
  cso_text name, value;
} cso_pair;

/* Everything points to the caller's memory, which must outlive the call. */
typedef struct cso_sigv4_input {
  cso_text method, path;
  const cso_pair *query; /* already percent-encoded, any order */
  size_t query_count;
  const cso_pair *headers; /* any case, any order, names may repeat; "host" must be there */
  size_t header_count;
  cso_text body;      /* hashed when body_hash.data is NULL */
  cso_text body_hash; /* hex, or one of AWS's UNSIGNED-PAYLOAD words */
  cso_text access_key, secret_key, token; /* token.data NULL: none */
  cso_text region, service;
  cso_text region_set; /* data not NULL: SigV4a; "us-east-1,eu-*" or "*"; region is not used */
  int64_t time;        /* epoch seconds */
  int64_t expires;     /* > 0: a presigned URL of so many seconds */
  bool double_encode;  /* percent-encode the path once more (every service but S3) */
  bool normalize;      /* resolve dot segments and double slashes (every service but S3) */
  bool content_sha256; /* the body's hash also travels as a header (S3) */
  bool exact;          /* a received request: sign precisely these headers, add nothing */
  bool token_after;    /* the token travels, but is not covered by the signature (IoT) */
} cso_sigv4_input;

/* Hex: 64 digits of an HMAC, or at most 144 of an ECDSA signature in DER. */
#define CSO_SIGNATURE 145
#define CSO_DATE 17

/* Owned buffers; released by cso_sigv4_output_free, whatever the result was. An output that was used once
 * can be used again, and brings its memory along. */
typedef struct cso_sigv4_output {
  cso_buf canonical, to_sign, scope, signed_headers, lines;
  cso_buf credential, names, token, regions; /* percent-encoded, for a presigned URL; else empty */
  char date[CSO_DATE]; /* 20260102T030405Z */
  char body_hash[65]; /* what was hashed here; empty when the caller gave body_hash */
  char signature[CSO_SIGNATURE];
} cso_sigv4_output;

/* The last few signing keys: a key lives for a day, one costs four HMACs. Wiped when freed. */
typedef struct cso_sigv4_keys cso_sigv4_keys;
cso_sigv4_keys *cso_sigv4_keys_new(void);
void cso_sigv4_keys_free(cso_sigv4_keys *keys);

/* NULL on success, else static text that says what is wrong. */
const char *cso_sigv4(cso_sigv4_keys *keys, const cso_sigv4_input *in, cso_sigv4_output *out);
void cso_sigv4_output_free(cso_sigv4_output *out);

/* The parts of it, for signatures over other texts (chunks of a body, messages of a stream). Of the
 * input they read keys, region or set, and service. */
const char *cso_sigv4_algorithm(const cso_sigv4_input *in);
bool cso_sigv4_date(int64_t when, char date[CSO_DATE]);
void cso_sigv4_scope(const cso_sigv4_input *in, const char *date, cso_buf *out);
/* The signature over a string to sign, made at that date. */
const char *cso_sigv4_finish(cso_sigv4_keys *keys, const cso_sigv4_input *in, const char *date,
                             cso_text text, char signature[CSO_SIGNATURE]);

/* sigv4a.c. The key that belongs to a pair of access and secret key; NULL: memory is out or, once
 * in 2^8000 secrets, there is none. cso_sigv4a_key_free wipes it. */
typedef struct cso_sigv4a_key cso_sigv4a_key;
cso_sigv4a_key *cso_sigv4a_key_new(cso_text access_key, cso_text secret_key);
void cso_sigv4a_key_free(cso_sigv4a_key *key);
bool cso_sigv4a_key_is(const cso_sigv4a_key *key, cso_text access_key, cso_text secret_key);
bool cso_sigv4a_sign(const cso_sigv4a_key *key, cso_text text, char signature[CSO_SIGNATURE]);
/* False also for what is no signature at all. */
bool cso_sigv4a_verify(const cso_sigv4a_key *key, cso_text text, cso_text signature);
bool cso_sigv4a_public(const cso_sigv4a_key *key, unsigned char x[32], unsigned char y[32]);

/* sigv4_canonical.c: the parts that only rearrange text. `extra` are pairs that signing adds. */
bool cso_sigv4_path(const cso_sigv4_input *in, cso_buf *out);
bool cso_sigv4_query(const cso_sigv4_input *in, const cso_pair *extra, size_t extra_count,
                     cso_buf *out);
bool cso_sigv4_headers(const cso_sigv4_input *in, const cso_pair *extra, size_t extra_count,
                       cso_buf *lines, cso_buf *names);
/* The value of the named header (lower case), or {NULL, 0}. */
cso_text cso_sigv4_header(const cso_sigv4_input *in, const char *name);

#endif
