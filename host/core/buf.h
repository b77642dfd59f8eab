/* A growing byte buffer without Lua. A failed allocation marks the buffer instead of stopping
 * the caller, so that a codec checks once, at the end. The owner calls cso_buf_free. */
#ifndef CSO_CORE_BUF_H
#define CSO_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cso_buf {
  char *data; /* NULL until the first byte; not terminated */
  size_t len;
  size_t cap;
  bool failed; /* out of memory happened; the content is unusable */
} cso_buf;

/* Room for `more` bytes behind the content; false when memory is out. */
bool cso_buf_reserve(cso_buf *b, size_t more);
void cso_buf_add(cso_buf *b, const void *bytes, size_t len);
void cso_buf_str(cso_buf *b, const char *text);
void cso_buf_free(cso_buf *b);
/* As cso_buf_free, after overwriting the content: for keys and passwords. */
void cso_buf_wipe(cso_buf *b);

static inline void cso_buf_char(cso_buf *b, char c) {
  if (b->len < b->cap || cso_buf_reserve(b, 1)) b->data[b->len++] = c;
}

#endif
