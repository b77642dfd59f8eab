/* AWS Signature Version 4 without Lua: canonical request, string to sign, signature. */
#ifndef CSO_CORE_SIGV4_H
#define CSO_CORE_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

typedef struct cso_text {
  const char *data;
  size_t len;
} cso_text;

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
  int64_t time;        /* epoch seconds */
  int64_t expires;     /* > 0: a presigned URL of so many seconds */
  bool double_encode;  /* percent-encode the path once more (every service but S3) */
  bool normalize;      /* resolve dot segments and double slashes (every service but S3) */
  bool content_sha256; /* the body's hash also travels as a header (S3) */
  bool exact;          /* a received request: sign precisely these headers, add nothing */
} cso_sigv4_input;

/* Owned buffers; released by cso_sigv4_output_free, whatever the result was. */
typedef struct cso_sigv4_output {
  cso_buf canonical, to_sign, scope, signed_headers;
  cso_buf credential, names, token; /* percent-encoded, for a presigned URL; else empty */
  char date[17];      /* 20260102T030405Z */
  char body_hash[65]; /* what was hashed here; empty when the caller gave body_hash */
  char signature[65];
} cso_sigv4_output;

/* The last few signing keys: a key lives for a day, one costs four HMACs. Wiped when freed. */
typedef struct cso_sigv4_keys cso_sigv4_keys;
cso_sigv4_keys *cso_sigv4_keys_new(void);
void cso_sigv4_keys_free(cso_sigv4_keys *keys);

/* NULL on success, else static text that says what is wrong. */
const char *cso_sigv4(cso_sigv4_keys *keys, const cso_sigv4_input *in, cso_sigv4_output *out);
void cso_sigv4_output_free(cso_sigv4_output *out);

/* sigv4_canonical.c: the parts that only rearrange text. `extra` are pairs that signing adds. */
bool cso_sigv4_path(const cso_sigv4_input *in, cso_buf *out);
bool cso_sigv4_query(const cso_sigv4_input *in, const cso_pair *extra, size_t extra_count,
                     cso_buf *out);
bool cso_sigv4_headers(const cso_sigv4_input *in, const cso_pair *extra, size_t extra_count,
                       cso_buf *lines, cso_buf *names);
/* The value of the named header (lower case), or {NULL, 0}. */
cso_text cso_sigv4_header(const cso_sigv4_input *in, const char *name);
/* Appends text with all but unreserved characters (and '/' when keep_slash) percent-encoded. */
void cso_sigv4_escape(cso_buf *out, const char *text, size_t len, bool keep_slash);

#endif
