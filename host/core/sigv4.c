#include "sigv4.h"

#include <stddef.h>
#include <string.h>

#include "encode.h"
#include "hash.h"

static cso_text text(const char *s) {
  return (cso_text){s, strlen(s)};
}

static cso_text whole(const cso_buf *b) {
  return (cso_text){b->data ? b->data : "", b->len};
}

static void add(cso_buf *b, cso_text t) {
  cso_buf_add(b, t.data, t.len);
}

static void add_hash(cso_buf *b, cso_text data) {
  unsigned char digest[CSO_SHA256];
  char hex[2 * CSO_SHA256];
  cso_sha256(data.data ? data.data : "", data.len, digest);
  cso_hex(digest, sizeof digest, hex);
  cso_buf_add(b, hex, sizeof hex);
}

/* The last line of the canonical request. */
static cso_text payload(const cso_sigv4_input *in, cso_sigv4_output *out) {
  if (in->body_hash.data) return in->body_hash;
  cso_text sent = cso_sigv4_header(in, "x-amz-content-sha256");
  if (sent.data) return sent;
  if (in->expires > 0 && in->content_sha256) return text("UNSIGNED-PAYLOAD");
  unsigned char digest[CSO_SHA256];
  cso_sha256(in->body.data ? in->body.data : "", in->body.len, digest);
  cso_hex(digest, sizeof digest, out->body_hash);
  return (cso_text){out->body_hash, 64};
}

static size_t extra_headers(const cso_sigv4_input *in, cso_sigv4_output *out, cso_text hash,
                            cso_pair extra[4]) {
  size_t n = 0;
  if (in->exact || in->expires > 0) return 0;
  if (in->content_sha256 && !cso_sigv4_header(in, "x-amz-content-sha256").data)
    extra[n++] = (cso_pair){text("x-amz-content-sha256"), hash};
  extra[n++] = (cso_pair){text("x-amz-date"), {out->date, 16}};
  if (in->region_set.data) extra[n++] = (cso_pair){text("x-amz-region-set"), in->region_set};
  if (in->token.data && !in->token_after)
    extra[n++] = (cso_pair){text("x-amz-security-token"), in->token};
  return n;
}

static size_t extra_query(const cso_sigv4_input *in, cso_sigv4_output *out, char expires[24],
                          cso_pair extra[7]) {
  size_t n = 0;
  if (in->exact || in->expires <= 0) return 0;
  cso_percent(&out->credential, in->access_key.data, in->access_key.len, false);
  cso_percent(&out->credential, "/", 1, false);
  cso_percent(&out->credential, out->scope.data, out->scope.len, false);
  cso_percent(&out->names, out->signed_headers.data, out->signed_headers.len, false);
  char *digit = expires + 23;
  *digit = 0;
  for (int64_t left = in->expires; left > 0; left /= 10) *--digit = (char)('0' + left % 10);
  extra[n++] = (cso_pair){text("X-Amz-Algorithm"), text(cso_sigv4_algorithm(in))};
  extra[n++] = (cso_pair){text("X-Amz-Credential"), whole(&out->credential)};
  extra[n++] = (cso_pair){text("X-Amz-Date"), {out->date, 16}};
  extra[n++] = (cso_pair){text("X-Amz-Expires"), text(digit)};
  extra[n++] = (cso_pair){text("X-Amz-SignedHeaders"), whole(&out->names)};
  if (in->token.data) {
    cso_percent(&out->token, in->token.data, in->token.len, false);
    if (!in->token_after) extra[n++] = (cso_pair){text("X-Amz-Security-Token"), whole(&out->token)};
  }
  if (in->region_set.data) {
    cso_percent(&out->regions, in->region_set.data, in->region_set.len, false);
    extra[n++] = (cso_pair){text("X-Amz-Region-Set"), whole(&out->regions)};
  }
  return n;
}

static const size_t buffers[] = {
#define BUFFER(name) offsetof(cso_sigv4_output, name)
  BUFFER(canonical), BUFFER(to_sign), BUFFER(scope), BUFFER(signed_headers), BUFFER(lines),
  BUFFER(credential), BUFFER(names), BUFFER(token), BUFFER(regions),
#undef BUFFER
};
enum { BUFFERS = sizeof buffers / sizeof *buffers, KEPT = 16 << 10 };

static cso_buf *buffer(cso_sigv4_output *out, size_t i) {
  return (cso_buf *)(void *)((char *)out + buffers[i]);
}

/* Keeps the memory of what is of usual size. */
static void empty(cso_sigv4_output *out) {
  for (size_t i = 0; i < BUFFERS; i++) {
    cso_buf *b = buffer(out, i);
    if (b->failed || b->cap > KEPT) cso_buf_free(b);
    b->len = 0;
  }
  out->date[0] = out->body_hash[0] = out->signature[0] = 0;
}

const char *cso_sigv4(cso_sigv4_keys *keys, const cso_sigv4_input *in, cso_sigv4_output *out) {
  const char *error = "out of memory";
  cso_pair extra[7];
  char expires[24];

  empty(out);
  if (!cso_sigv4_header(in, "host").data) return "a request is signed with its host header";
  if (!cso_sigv4_date(in->time, out->date)) return "the time is outside the years 1970 to 9999";
  cso_text hash = payload(in, out);

  cso_sigv4_scope(in, out->date, &out->scope);
  size_t n = extra_headers(in, out, hash, extra);
  if (!cso_sigv4_headers(in, extra, n, &out->lines, &out->signed_headers))
    return error;

  cso_buf_reserve(&out->canonical, out->lines.len + in->path.len + 512);
  add(&out->canonical, in->method);
  cso_buf_char(&out->canonical, '\n');
  if (!cso_sigv4_path(in, &out->canonical)) return error;
  cso_buf_char(&out->canonical, '\n');
  n = extra_query(in, out, expires, extra);
  if (!cso_sigv4_query(in, extra, n, &out->canonical)) return error;
  cso_buf_char(&out->canonical, '\n');
  add(&out->canonical, whole(&out->lines));
  cso_buf_char(&out->canonical, '\n');
  add(&out->canonical, whole(&out->signed_headers));
  cso_buf_char(&out->canonical, '\n');
  add(&out->canonical, hash);
  if (out->canonical.failed || out->scope.failed || out->credential.failed || out->names.failed ||
      out->token.failed || out->regions.failed)
    return error;

  cso_buf_str(&out->to_sign, cso_sigv4_algorithm(in));
  cso_buf_char(&out->to_sign, '\n');
  cso_buf_add(&out->to_sign, out->date, 16);
  cso_buf_char(&out->to_sign, '\n');
  add(&out->to_sign, whole(&out->scope));
  cso_buf_char(&out->to_sign, '\n');
  add_hash(&out->to_sign, whole(&out->canonical));
  if (out->to_sign.failed) return error;
  return cso_sigv4_finish(keys, in, out->date, whole(&out->to_sign), out->signature);
}

void cso_sigv4_output_free(cso_sigv4_output *out) {
  for (size_t i = 0; i < BUFFERS; i++) cso_buf_free(buffer(out, i));
}
