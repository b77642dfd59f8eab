/* gzip without Lua: whole buffers in, whole buffers out. */
#ifndef CSO_CORE_GZIP_H
#define CSO_CORE_GZIP_H

#include "buf.h"

/* Both append to out and return NULL, or a static text that says why not. */

/* gzip or zlib data, more than one gzip member included. A result of more than max bytes is
 * refused: a few kilobytes can unpack to gigabytes. */
const char *cso_gzip_inflate(const char *data, size_t len, size_t max, cso_buf *out);
/* One gzip member without time or name, so that equal data give equal bytes. */
const char *cso_gzip_deflate(const char *data, size_t len, cso_buf *out);

#endif
