#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "encode.h"
#include "sigv4.h"

/* Appends path without empty, "." and ".." segments. A slash at the end stays when a segment is
 * left before it. */
static void normalize(cso_buf *out, const char *path, size_t len) {
  size_t start = out->len;
  const char *p = path, *end = path + len;
  cso_buf_char(out, '/');
  while (p < end) {
    const char *slash = memchr(p, '/', (size_t)(end - p));
    size_t n = (size_t)((slash ? slash : end) - p);
    if (n == 2 && memcmp(p, "..", 2) == 0) {
      if (!out->failed && out->len > start + 1) {
        out->len--; /* the slash behind the segment */
        while (out->data[out->len - 1] != '/') out->len--;
      }
    } else if (n > 0 && !(n == 1 && *p == '.')) {
      cso_buf_add(out, p, n);
      cso_buf_char(out, '/');
    }
    p = slash ? slash + 1 : end;
  }
  if (!out->failed && out->len > start + 1 && path[len - 1] != '/') out->len--;
}

bool cso_sigv4_path(const cso_sigv4_input *in, cso_buf *out) {
  cso_buf plain = {0};
  const char *path = in->path.data;
  size_t len = in->path.len;
  if (len == 0) path = "/", len = 1;
  if (in->normalize && len > 1) {
    normalize(&plain, path, len);
    if (plain.failed) return false;
    path = plain.data;
    len = plain.len;
  }
  if (in->double_encode) cso_percent(out, path, len, true);
  else cso_buf_add(out, path, len);
  cso_buf_free(&plain);
  return !out->failed;
}

static int compare(cso_text a, cso_text b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int c = n ? memcmp(a.data, b.data, n) : 0;
  return c ? c : (a.len > b.len) - (a.len < b.len);
}

static int by_name_and_value(const void *left, const void *right) {
  const cso_pair *a = left, *b = right;
  int c = compare(a->name, b->name);
  return c ? c : compare(a->value, b->value);
}

/* The two lists behind each other, or NULL; the caller frees it. */
static cso_pair *join(const cso_pair *a, size_t a_count, const cso_pair *b, size_t b_count) {
  cso_pair *all = malloc((a_count + b_count + 1) * sizeof *all);
  if (!all) return NULL;
  if (a_count) memcpy(all, a, a_count * sizeof *a);
  if (b_count) memcpy(all + a_count, b, b_count * sizeof *b);
  return all;
}

bool cso_sigv4_query(const cso_sigv4_input *in, const cso_pair *extra, size_t extra_count,
                     cso_buf *out) {
  size_t n = in->query_count + extra_count;
  if (n == 0) return true;
  cso_pair *all = join(in->query, in->query_count, extra, extra_count);
  if (!all) return false;
  qsort(all, n, sizeof *all, by_name_and_value);
  for (size_t i = 0; i < n; i++) {
    if (i > 0) cso_buf_char(out, '&');
    cso_buf_add(out, all[i].name.data, all[i].name.len);
    cso_buf_char(out, '=');
    cso_buf_add(out, all[i].value.data, all[i].value.len);
  }
  free(all);
  return !out->failed;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool is(cso_text name, const char *word) {
  return strlen(word) == name.len && strncasecmp(name.data, word, name.len) == 0;
}

cso_text cso_sigv4_header(const cso_sigv4_input *in, const char *name) {
  for (size_t i = 0; i < in->header_count; i++)
    if (is(in->headers[i].name, name)) return in->headers[i].value;
  return (cso_text){NULL, 0};
}

/* Headers that a proxy may change, and those that signing itself brings anew. */
static bool left_out(cso_text name) {
  static const cso_text words[] = {
#define WORD(text) {text, sizeof text - 1}
    WORD("authorization"), WORD("connection"), WORD("expect"), WORD("keep-alive"),
    WORD("proxy-authenticate"), WORD("proxy-authorization"), WORD("te"), WORD("trailer"),
    WORD("transfer-encoding"), WORD("upgrade"), WORD("user-agent"), WORD("x-amz-date"),
    WORD("x-amz-region-set"), WORD("x-amz-security-token"), WORD("x-amzn-trace-id"),
#undef WORD
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (words[i].len == name.len && strncasecmp(name.data, words[i].data, name.len) == 0)
      return true;
  return false;
}

/* Compares names in lower case. */
static int compare_names(cso_text a, cso_text b) {
  size_t n = a.len < b.len ? a.len : b.len;
  for (size_t i = 0; i < n; i++) {
    int c = lower(a.data[i]), d = lower(b.data[i]);
    if (c != d) return c - d;
  }
  return (a.len > b.len) - (a.len < b.len);
}

/* Where among the first n sorted pairs one of that name goes: behind those of the same name, which keep
 * their order. */
static size_t place_of(const cso_pair *sorted, size_t n, cso_text name) {
  size_t low = 0;
  while (low < n) {
    size_t middle = (low + n) / 2;
    if (compare_names(sorted[middle].name, name) <= 0) low = middle + 1;
    else n = middle;
  }
  return low;
}

static void insert(cso_pair *sorted, size_t *n, cso_pair pair) {
  size_t at = place_of(sorted, *n, pair.name);
  memmove(sorted + at + 1, sorted + at, (*n - at) * sizeof pair);
  sorted[at] = pair;
  ++*n;
}

static bool space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Appends value without spaces around it, and with single ones inside. */
static void add_trimmed(cso_buf *out, cso_text value) {
  if (!cso_buf_reserve(out, value.len)) return;
  const char *from = value.data, *end = from + value.len;
  char *begin = out->data + out->len, *to = begin;
  bool gap = false;
  for (; from < end; from++) {
    if (space(*from)) {
      gap = to > begin;
      continue;
    }
    if (gap) *to++ = ' ';
    gap = false;
    *to++ = *from;
  }
  out->len += (size_t)(to - begin);
}

static void add_lower(cso_buf *out, cso_text name) {
  if (!cso_buf_reserve(out, name.len)) return;
  for (size_t i = 0; i < name.len; i++) out->data[out->len++] = lower(name.data[i]);
}

bool cso_sigv4_headers(const cso_sigv4_input *in, const cso_pair *extra, size_t extra_count,
                       cso_buf *lines, cso_buf *names) {
  enum { USUAL = 24 };
  cso_pair some[USUAL], *all = some;
  size_t n = 0, most = in->header_count + extra_count;
  if (most > USUAL && !(all = malloc(most * sizeof *all))) return false;
  for (size_t i = 0; i < in->header_count; i++)
    if (in->exact || !left_out(in->headers[i].name)) insert(all, &n, in->headers[i]);
  for (size_t i = 0; i < extra_count; i++) insert(all, &n, extra[i]);
  for (size_t i = 0; i < n; i++) {
    if (i > 0 && compare_names(all[i].name, all[i - 1].name) == 0) {
      cso_buf_char(lines, ',');
    } else {
      if (i > 0) {
        cso_buf_char(lines, '\n');
        cso_buf_char(names, ';');
      }
      add_lower(lines, all[i].name);
      cso_buf_char(lines, ':');
      add_lower(names, all[i].name);
    }
    add_trimmed(lines, all[i].value);
  }
  cso_buf_char(lines, '\n');
  if (all != some) free(all);
  return !lines->failed && !names->failed;
}
