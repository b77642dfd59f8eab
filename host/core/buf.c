#include "buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool cso_buf_reserve(cso_buf *b, size_t more) {
  if (b->failed) return false;
  if (more <= b->cap - b->len) return true;
  size_t want = b->cap ? b->cap : 256;
  while (want - b->len < more) {
    if (want > SIZE_MAX / 2) {
      b->failed = true;
      return false;
    }
    want *= 2;
  }
  char *grown = realloc(b->data, want);
  if (!grown) {
    b->failed = true;
    return false;
  }
  b->data = grown;
  b->cap = want;
  return true;
}

void cso_buf_add(cso_buf *b, const void *bytes, size_t len) {
  if (len == 0 || !cso_buf_reserve(b, len)) return;
  memcpy(b->data + b->len, bytes, len);
  b->len += len;
}

void cso_buf_str(cso_buf *b, const char *text) {
  cso_buf_add(b, text, strlen(text));
}

void cso_buf_free(cso_buf *b) {
  free(b->data);
  *b = (cso_buf){0};
}

void cso_buf_wipe(cso_buf *b) {
  if (b->data) explicit_bzero(b->data, b->cap); /* a plain memset before free may be dropped */
  cso_buf_free(b);
}
