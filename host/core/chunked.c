#include "chunked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "hash.h"

#define ECDSA_WIDTH 144 /* asymmetric signatures are filled up with '*', as their length varies */
static const char extension[] = ";chunk-signature=";
static const char trailer_signature[] = "x-amz-trailer-signature:";

struct cso_chunked {
  size_t chunk;
  uint64_t length, left;
  cso_digest *digest;
  size_t digest_size;
  char *trailer;
  bool is_signed, ended;
  cso_sigv4_input who; /* its texts lie in `kept` */
  cso_buf kept;
  cso_sigv4_keys *keys;
  char date[CSO_DATE], seed[CSO_SIGNATURE], last[CSO_SIGNATURE];
  cso_buf frame;
  size_t at; /* what of the frame has been read */
};

static bool keep_who(cso_chunked *c, const cso_sigv4_input *who, const char *seed) {
  const cso_text *from[] = {&who->access_key, &who->secret_key, &who->region, &who->region_set,
                            &who->service};
  cso_text *to[] = {&c->who.access_key, &c->who.secret_key, &c->who.region, &c->who.region_set,
                    &c->who.service};
  size_t size = 1, n = sizeof to / sizeof *to;
  for (size_t i = 0; i < n; i++) size += from[i]->len;
  if (!cso_buf_reserve(&c->kept, size)) return false;
  for (size_t i = 0; i < n; i++) {
    *to[i] = (cso_text){from[i]->data ? c->kept.data + c->kept.len : NULL, from[i]->len};
    cso_buf_add(&c->kept, from[i]->data, from[i]->len);
  }
  c->is_signed = true;
  c->keys = cso_sigv4_keys_new();
  return c->keys && cso_sigv4_date(who->time, c->date) && strlen(seed) < sizeof c->seed &&
         snprintf(c->seed, sizeof c->seed, "%s", seed) >= 0;
}

cso_chunked *cso_chunked_new(const cso_chunked_options *o) {
  cso_chunked *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  c->chunk = o->chunk;
  c->length = o->length;
  bool ok = o->chunk > 0;
  if (ok && o->checksum) {
    c->digest = cso_digest_new(o->checksum);
    c->digest_size = cso_digest_size(o->checksum);
    c->trailer = strdup(o->trailer);
    ok = c->digest && c->trailer;
  }
  if (ok && o->who) ok = keep_who(c, o->who, o->seed);
  ok = ok && cso_buf_reserve(&c->frame, (size_t)(o->length < o->chunk ? o->length : o->chunk) + 512);
  if (ok) {
    c->left = c->length;
    memcpy(c->last, c->seed, sizeof c->last);
    return c;
  }
  cso_chunked_free(c);
  return NULL;
}

void cso_chunked_free(cso_chunked *c) {
  if (!c) return;
  cso_digest_free(c->digest);
  cso_sigv4_keys_free(c->keys);
  cso_buf_wipe(&c->kept);
  cso_buf_free(&c->frame);
  free(c->trailer);
  free(c);
}

static uint64_t frame_length(const cso_chunked *c, uint64_t size) {
  uint64_t digits = 1, width = c->who.region_set.data ? ECDSA_WIDTH : 64;
  for (uint64_t rest = size >> 4; rest; rest >>= 4) digits++;
  return digits + (c->is_signed ? sizeof extension - 1 + width : 0) + 2 + (size ? size + 2 : 0);
}

uint64_t cso_chunked_length(const cso_chunked *c) {
  uint64_t total = c->length / c->chunk * frame_length(c, c->chunk);
  if (c->length % c->chunk) total += frame_length(c, c->length % c->chunk);
  total += frame_length(c, 0);
  if (c->digest) {
    total += strlen(c->trailer) + 1 + (c->digest_size + 2) / 3 * 4 + 2;
    if (c->is_signed)
      total += sizeof trailer_signature - 1 + (c->who.region_set.data ? ECDSA_WIDTH : 64) + 2;
  }
  return total + 2;
}

static void add_hash(cso_buf *b, const void *data, size_t len) {
  unsigned char digest[CSO_SHA256];
  char hex[2 * CSO_SHA256];
  cso_sha256(data, len, digest);
  cso_hex(digest, sizeof digest, hex);
  cso_buf_add(b, hex, sizeof hex);
}

/* Signs what follows the signature before it, which it then replaces. */
static bool sign(cso_chunked *c, const char *what, const char *data, size_t len) {
  cso_buf text = {0};
  cso_buf_str(&text, cso_sigv4_algorithm(&c->who));
  cso_buf_str(&text, what);
  cso_buf_add(&text, c->date, 16);
  cso_buf_char(&text, '\n');
  cso_sigv4_scope(&c->who, c->date, &text);
  cso_buf_char(&text, '\n');
  cso_buf_str(&text, c->last);
  cso_buf_char(&text, '\n');
  if (what[1] == 'P') { /* chunks have a line for headers, which are none */
    add_hash(&text, "", 0);
    cso_buf_char(&text, '\n');
  }
  add_hash(&text, data, len);
  bool ok = !text.failed && !cso_sigv4_finish(c->keys, &c->who, c->date,
                                              (cso_text){text.data, text.len}, c->last);
  cso_buf_free(&text);
  return ok;
}

static void add_signature(cso_chunked *c) {
  cso_buf_str(&c->frame, c->last);
  if (c->who.region_set.data)
    for (size_t n = strlen(c->last); n < ECDSA_WIDTH; n++) cso_buf_char(&c->frame, '*');
}

/* Puts size and signature before the data, which lies at the end of the frame already. */
static bool open_frame(cso_chunked *c, const char *data, size_t size) {
  char digits[24];
  snprintf(digits, sizeof digits, "%zx", size);
  if (c->is_signed && !sign(c, "-PAYLOAD\n", data, size)) return false;
  cso_buf_str(&c->frame, digits);
  if (c->is_signed) {
    cso_buf_str(&c->frame, extension);
    add_signature(c);
  }
  cso_buf_str(&c->frame, "\r\n");
  return true;
}

static bool last_frame(cso_chunked *c) {
  if (!open_frame(c, "", 0)) return false;
  if (c->digest) {
    unsigned char digest[CSO_DIGEST];
    char line[256], text[2 * CSO_DIGEST];
    size_t n = cso_base64(digest, cso_digest_end(c->digest, digest), text);
    int len = snprintf(line, sizeof line, "%s:%.*s\n", c->trailer, (int)n, text);
    if (len < 0 || (size_t)len >= sizeof line) return false;
    if (c->is_signed && !sign(c, "-TRAILER\n", line, (size_t)len)) return false;
    cso_buf_add(&c->frame, line, (size_t)len - 1);
    cso_buf_str(&c->frame, "\r\n");
    if (c->is_signed) {
      cso_buf_str(&c->frame, trailer_signature);
      add_signature(c);
      cso_buf_str(&c->frame, "\r\n");
    }
  }
  cso_buf_str(&c->frame, "\r\n");
  c->ended = true;
  return true;
}

static bool next_frame(cso_chunked *c, cso_chunked_source *source, void *from) {
  size_t want = c->left < c->chunk ? (size_t)c->left : c->chunk, got = 0;
  c->frame.len = c->at = 0;
  if (want == 0) return last_frame(c) && !c->frame.failed;
  char *data = malloc(want);
  if (!data) return false;
  while (got < want) {
    size_t n = source(from, data + got, want - got);
    if (n == 0 || n == SIZE_MAX) break;
    got += n;
  }
  bool ok = got == want && open_frame(c, data, want);
  if (ok) {
    if (c->digest) cso_digest_add(c->digest, data, want);
    cso_buf_add(&c->frame, data, want);
    cso_buf_str(&c->frame, "\r\n");
    c->left -= want;
  }
  free(data);
  return ok && !c->frame.failed;
}

size_t cso_chunked_read(cso_chunked *c, cso_chunked_source *source, void *from, char *to,
                        size_t size) {
  if (c->at == c->frame.len) {
    if (c->ended) return 0;
    if (!next_frame(c, source, from)) return SIZE_MAX;
  }
  size_t n = c->frame.len - c->at;
  if (n > size) n = size;
  memcpy(to, c->frame.data + c->at, n);
  c->at += n;
  return n;
}
