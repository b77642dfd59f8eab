#include "gzip.h"

#include <stdint.h>
#include <zlib.h>

#define CHUNK ((size_t)1 << 16)
#define DETECT_HEADER (15 + 32) /* zlib's way to say: gzip or zlib, whichever it is */
#define WRITE_GZIP (15 + 16)

/* zlib counts in 32 bits: input is handed over in parts. */
static void feed(z_stream *z, const char *end) {
  if (z->avail_in > 0) return;
  size_t left = (size_t)(end - (const char *)z->next_in);
  z->avail_in = left > ((size_t)1 << 30) ? 1u << 30 : (uInt)left;
}

const char *cso_gzip_inflate(const char *data, size_t len, size_t max, cso_buf *out) {
  z_stream z = {0};
  const char *why = NULL, *end = data + len;
  size_t begin = out->len;
  if (inflateInit2(&z, DETECT_HEADER) != Z_OK) return "not enough memory";
  z.next_in = (Bytef *)(uintptr_t)data;
  for (;;) {
    if (!cso_buf_reserve(out, CHUNK)) {
      why = "not enough memory";
      break;
    }
    feed(&z, end);
    z.next_out = (Bytef *)out->data + out->len;
    z.avail_out = CHUNK;
    int status = inflate(&z, Z_NO_FLUSH);
    out->len += CHUNK - z.avail_out;
    if (out->len - begin > max) {
      why = "unpacks to more than allowed";
      break;
    }
    if (status == Z_STREAM_END) {
      if ((const char *)z.next_in == end) break;
      if (inflateReset(&z) != Z_OK) break; /* another member follows */
    } else if (status == Z_BUF_ERROR || (status == Z_OK && z.avail_out > 0 && (const char *)z.next_in == end)) {
      why = "is cut short";
      break;
    } else if (status != Z_OK) {
      why = "is not gzip data, or is damaged";
      break;
    }
  }
  inflateEnd(&z);
  return why;
}

const char *cso_gzip_deflate(const char *data, size_t len, cso_buf *out) {
  z_stream z = {0};
  const char *why = NULL, *end = data + len;
  if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, WRITE_GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    return "not enough memory";
  z.next_in = (Bytef *)(uintptr_t)data;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    if (!cso_buf_reserve(out, CHUNK)) {
      why = "not enough memory";
      break;
    }
    feed(&z, end);
    z.next_out = (Bytef *)out->data + out->len;
    z.avail_out = CHUNK;
    bool last = (const char *)z.next_in + z.avail_in == end;
    status = deflate(&z, last ? Z_FINISH : Z_NO_FLUSH);
    out->len += CHUNK - z.avail_out;
    if (status == Z_STREAM_ERROR) {
      why = "can't be packed";
      break;
    }
  }
  deflateEnd(&z);
  return why;
}
