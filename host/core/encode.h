/* Percent encoding, as RFC 3986 has it. Hex and base64 are in hash.h. */
#ifndef CSO_CORE_ENCODE_H
#define CSO_CORE_ENCODE_H

#include <stdbool.h>

#include "buf.h"

/* Appends text with all but unreserved characters (and '/' when keep_slash) percent-encoded. */
void cso_percent(cso_buf *out, const char *text, size_t len, bool keep_slash);

/* How many of text's characters are encoded; each takes two more bytes in what is written to out. */
size_t cso_percent_count(const char *text, size_t len, bool keep_slash);
void cso_percent_write(const char *text, size_t len, bool keep_slash, char *out);

#endif
