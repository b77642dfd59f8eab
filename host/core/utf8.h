/* UTF-8 checking, shared by the text codecs. */
#ifndef CSO_CORE_UTF8_H
#define CSO_CORE_UTF8_H

#include <stddef.h>

/* Length (1..4) of the well-formed sequence at s, or 0: no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
size_t cso_utf8_length(const unsigned char *s, const unsigned char *end);
/* Offset of the first malformed byte, or len when all of it is well-formed. */
size_t cso_utf8_check(const char *s, size_t len);
/* Writes code point c (<= 0x10FFFF) as 1..4 bytes; returns how many. */
size_t cso_utf8_put(unsigned c, char *out);

#endif
