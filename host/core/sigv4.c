#include "sigv4.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hash.h"

#define KEYS 16
#define LONGEST 256 /* secret, region and service together; longer ones are not cached */

typedef struct signing_key {
  char name[LONGEST]; /* date, secret, region, service, each ended by 0 */
  size_t name_len;    /* 0: empty place */
  unsigned char key[CSO_SHA256];
} signing_key;

struct cso_sigv4_keys {
  signing_key place[KEYS];
  unsigned next; /* the oldest: replaced first */
};

cso_sigv4_keys *cso_sigv4_keys_new(void) {
  return calloc(1, sizeof(cso_sigv4_keys));
}

void cso_sigv4_keys_free(cso_sigv4_keys *keys) {
  if (!keys) return;
  cso_wipe(keys, sizeof *keys);
  free(keys);
}

static cso_text text(const char *s) {
  return (cso_text){s, strlen(s)};
}

static cso_text whole(const cso_buf *b) {
  return (cso_text){b->data ? b->data : "", b->len};
}

static void add(cso_buf *b, cso_text t) {
  cso_buf_add(b, t.data, t.len);
}

static bool derive(const cso_sigv4_input *in, const char *day, unsigned char key[CSO_SHA256]) {
  cso_buf start = {0};
  unsigned char a[CSO_SHA256];
  cso_buf_str(&start, "AWS4");
  add(&start, in->secret_key);
  bool ok = !start.failed;
  if (ok) {
    cso_hmac_sha256(start.data, start.len, day, 8, a);
    cso_hmac_sha256(a, sizeof a, in->region.data, in->region.len, key);
    cso_hmac_sha256(key, CSO_SHA256, in->service.data, in->service.len, a);
    cso_hmac_sha256(a, sizeof a, "aws4_request", 12, key);
  }
  cso_wipe(a, sizeof a);
  cso_buf_wipe(&start);
  return ok;
}

static bool find_key(cso_sigv4_keys *keys, const cso_sigv4_input *in, const char *day,
                     unsigned char key[CSO_SHA256]) {
  const cso_text parts[] = {{day, 8}, in->secret_key, in->region, in->service};
  char name[LONGEST];
  size_t len = 0;
  for (size_t i = 0; i < 4; i++) {
    if (len + parts[i].len + 1 > sizeof name) return derive(in, day, key);
    if (parts[i].len) memcpy(name + len, parts[i].data, parts[i].len);
    len += parts[i].len;
    name[len++] = 0;
  }
  bool ok = true;
  signing_key *found = NULL;
  for (int i = 0; i < KEYS && !found; i++)
    if (keys->place[i].name_len == len && memcmp(keys->place[i].name, name, len) == 0)
      found = &keys->place[i];
  if (found) {
    memcpy(key, found->key, CSO_SHA256);
  } else if ((ok = derive(in, day, key))) {
    signing_key *place = &keys->place[keys->next++ % KEYS];
    memcpy(place->name, name, len);
    memcpy(place->key, key, CSO_SHA256);
    place->name_len = len;
  }
  cso_wipe(name, sizeof name);
  return ok;
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

static bool write_date(int64_t when, char date[17]) {
  struct tm tm;
  time_t t = (time_t)when;
  if (!gmtime_r(&t, &tm) || tm.tm_year < 70 || tm.tm_year > 8099) return false;
  return strftime(date, 17, "%Y%m%dT%H%M%SZ", &tm) == 16;
}

static size_t extra_headers(const cso_sigv4_input *in, cso_sigv4_output *out, cso_text hash,
                            cso_pair extra[3]) {
  size_t n = 0;
  if (in->exact || in->expires > 0) return 0;
  if (in->content_sha256 && !cso_sigv4_header(in, "x-amz-content-sha256").data)
    extra[n++] = (cso_pair){text("x-amz-content-sha256"), hash};
  extra[n++] = (cso_pair){text("x-amz-date"), {out->date, 16}};
  if (in->token.data) extra[n++] = (cso_pair){text("x-amz-security-token"), in->token};
  return n;
}

static size_t extra_query(const cso_sigv4_input *in, cso_sigv4_output *out, char expires[24],
                          cso_pair extra[6]) {
  size_t n = 0;
  if (in->exact || in->expires <= 0) return 0;
  cso_sigv4_escape(&out->credential, in->access_key.data, in->access_key.len, false);
  cso_sigv4_escape(&out->credential, "/", 1, false);
  cso_sigv4_escape(&out->credential, out->scope.data, out->scope.len, false);
  cso_sigv4_escape(&out->names, out->signed_headers.data, out->signed_headers.len, false);
  char *digit = expires + 23;
  *digit = 0;
  for (int64_t left = in->expires; left > 0; left /= 10) *--digit = (char)('0' + left % 10);
  extra[n++] = (cso_pair){text("X-Amz-Algorithm"), text("AWS4-HMAC-SHA256")};
  extra[n++] = (cso_pair){text("X-Amz-Credential"), whole(&out->credential)};
  extra[n++] = (cso_pair){text("X-Amz-Date"), {out->date, 16}};
  extra[n++] = (cso_pair){text("X-Amz-Expires"), text(digit)};
  extra[n++] = (cso_pair){text("X-Amz-SignedHeaders"), whole(&out->names)};
  if (in->token.data) {
    cso_sigv4_escape(&out->token, in->token.data, in->token.len, false);
    extra[n++] = (cso_pair){text("X-Amz-Security-Token"), whole(&out->token)};
  }
  return n;
}

const char *cso_sigv4(cso_sigv4_keys *keys, const cso_sigv4_input *in, cso_sigv4_output *out) {
  const char *error = "out of memory";
  cso_buf lines = {0};
  cso_pair extra[6];
  char expires[24];
  unsigned char key[CSO_SHA256], digest[CSO_SHA256];

  *out = (cso_sigv4_output){0};
  if (!cso_sigv4_header(in, "host").data) return "a request is signed with its host header";
  if (!write_date(in->time, out->date)) return "the time is outside the years 1970 to 9999";
  cso_text hash = payload(in, out);

  cso_buf_add(&out->scope, out->date, 8);
  cso_buf_char(&out->scope, '/');
  add(&out->scope, in->region);
  cso_buf_char(&out->scope, '/');
  add(&out->scope, in->service);
  cso_buf_str(&out->scope, "/aws4_request");

  size_t n = extra_headers(in, out, hash, extra);
  if (!cso_sigv4_headers(in, extra, n, &lines, &out->signed_headers)) goto end;

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
      out->token.failed)
    goto end;

  cso_buf_str(&out->to_sign, "AWS4-HMAC-SHA256\n");
  cso_buf_add(&out->to_sign, out->date, 16);
  cso_buf_char(&out->to_sign, '\n');
  add(&out->to_sign, whole(&out->scope));
  cso_buf_char(&out->to_sign, '\n');
  add_hash(&out->to_sign, whole(&out->canonical));
  if (out->to_sign.failed || !find_key(keys, in, out->date, key)) goto end;

  cso_hmac_sha256(key, sizeof key, out->to_sign.data, out->to_sign.len, digest);
  cso_hex(digest, sizeof digest, out->signature);
  error = NULL;
end:
  cso_wipe(key, sizeof key);
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
}
