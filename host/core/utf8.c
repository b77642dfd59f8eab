#include "utf8.h"

#include <stdint.h>
#include <string.h>

static int tail(unsigned char c) {
  return (c & 0xC0) == 0x80;
}

size_t cso_utf8_length(const unsigned char *s, const unsigned char *end) {
  size_t left = (size_t)(end - s);
  if (left == 0) return 0;
  unsigned char c = s[0];
  if (c < 0x80) return 1;
  if (c < 0xC2 || c > 0xF4) return 0;
  if (c < 0xE0) return left >= 2 && tail(s[1]) ? 2 : 0;
  if (c < 0xF0) {
    if (left < 3 || !tail(s[1]) || !tail(s[2])) return 0;
    if (c == 0xE0 && s[1] < 0xA0) return 0; /* overlong */
    if (c == 0xED && s[1] > 0x9F) return 0; /* surrogate */
    return 3;
  }
  if (left < 4 || !tail(s[1]) || !tail(s[2]) || !tail(s[3])) return 0;
  if (c == 0xF0 && s[1] < 0x90) return 0; /* overlong */
  if (c == 0xF4 && s[1] > 0x8F) return 0; /* above U+10FFFF */
  return 4;
}

size_t cso_utf8_check(const char *s, size_t len) {
  const unsigned char *p = (const unsigned char *)s;
  const unsigned char *end = p + len;
  while (p < end) {
    uint64_t eight;
    while (end - p >= 8 && (memcpy(&eight, p, 8), (eight & 0x8080808080808080u) == 0)) p += 8;
    if (p == end) break;
    size_t n = cso_utf8_length(p, end);
    if (n == 0) break;
    p += n;
  }
  return (size_t)(p - (const unsigned char *)s);
}

size_t cso_utf8_put(unsigned c, char *out) {
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (char)(0xC0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (char)(0xE0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3F));
  out[2] = (char)(0x80 | (c >> 6 & 0x3F));
  out[3] = (char)(0x80 | (c & 0x3F));
  return 4;
}
