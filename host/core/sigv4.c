#include "sigv4.h"

#include <string.h>

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
  cso_sigv4_escape(&out->credential, in->access_key.data, in->access_key.len, false);
  cso_sigv4_escape(&out->credential, "/", 1, false);
  cso_sigv4_escape(&out->credential, out->scope.data, out->scope.len, false);
  cso_sigv4_escape(&out->names, out->signed_headers.data, out->signed_headers.len, false);
  char *digit = expires + 23;
  *digit = 0;
  for (int64_t left = in->expires; left > 0; left /= 10) *--digit = (char)('0' + left % 10);
  extra[n++] = (cso_pair){text("X-Amz-Algorithm"), text(cso_sigv4_algorithm(in))};
  extra[n++] = (cso_pair){text("X-Amz-Credential"), whole(&out->credential)};
  extra[n++] = (cso_pair){text("X-Amz-Date"), {out->date, 16}};
  extra[n++] = (cso_pair){text("X-Amz-Expires"), text(digit)};
  extra[n++] = (cso_pair){text("X-Amz-SignedHeaders"), whole(&out->names)};
  if (in->token.data) {
    cso_sigv4_escape(&out->token, in->token.data, in->token.len, false);
    if (!in->token_after) extra[n++] = (cso_pair){text("X-Amz-Security-Token"), whole(&out->token)};
  }
  if (in->region_set.data) {
    cso_sigv4_escape(&out->regions, in->region_set.data, in->region_set.len, false);
    extra[n++] = (cso_pair){text("X-Amz-Region-Set"), whole(&out->regions)};
  }
  return n;
}

const char *cso_sigv4(cso_sigv4_keys *keys, const cso_sigv4_input *in, cso_sigv4_output *out) {
  const char *error = "out of memory";
  cso_buf lines = {0};
  cso_pair extra[7];
  char expires[24];

  *out = (cso_sigv4_output){0};
  if (!cso_sigv4_header(in, "host").data) return "a request is signed with its host header";
  if (!cso_sigv4_date(in->time, out->date)) return "the time is outside the years 1970 to 9999";
  cso_text hash = payload(in, out);

  cso_sigv4_scope(in, out->date, &out->scope);
  size_t n = extra_headers(in, out, hash, extra);
  if (!cso_sigv4_headers(in, extra, n, &lines, &out->signed_headers)) goto end;

  cso_buf_reserve(&out->canonical, lines.len + in->path.len + 512);
  add(&out->canonical, in->method);
  cso_buf_char(&out->canonical, '\n');
  if (!cso_sigv4_path(in, &out->canonical)) goto end;
  cso_buf_char(&out->canonical, '\n');
  n = extra_query(in, out, expires, extra);
  if (!cso_sigv4_query(in, extra, n, &out->canonical)) goto end;
  cso_buf_char(&out->canonical, '\n');
  add(&out->canonical, whole(&lines));
  cso_buf_char(&out->canonical, '\n');
  add(&out->canonical, whole(&out->signed_headers));
  cso_buf_char(&out->canonical, '\n');
  add(&out->canonical, hash);
  if (out->canonical.failed || out->scope.failed || out->credential.failed || out->names.failed ||
      out->token.failed || out->regions.failed)
    goto end;

  cso_buf_str(&out->to_sign, cso_sigv4_algorithm(in));
  cso_buf_char(&out->to_sign, '\n');
  cso_buf_add(&out->to_sign, out->date, 16);
  cso_buf_char(&out->to_sign, '\n');
  add(&out->to_sign, whole(&out->scope));
  cso_buf_char(&out->to_sign, '\n');
  add_hash(&out->to_sign, whole(&out->canonical));
  if (out->to_sign.failed) goto end;
  error = cso_sigv4_finish(keys, in, out->date, whole(&out->to_sign), out->signature);
end:
  cso_buf_free(&lines);
  return error;
}

void cso_sigv4_output_free(cso_sigv4_output *out) {
  cso_buf_free(&out->canonical);
  cso_buf_free(&out->to_sign);
  cso_buf_free(&out->scope);
  cso_buf_free(&out->signed_headers);
  cso_buf_free(&out->credential);
  cso_buf_free(&out->names);
  cso_buf_free(&out->token);
  cso_buf_free(&out->regions);
}
