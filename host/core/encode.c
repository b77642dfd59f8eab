/* Hex and base64, both ways (hash.h), and percent encoding. */
#include "encode.h"

#include <string.h>

#include "hash.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void cso_hex(const unsigned char *data, size_t len, char *out) {
  for (size_t i = 0; i < len; i++) {
    *out++ = hex_digits[data[i] >> 4];
    *out++ = hex_digits[data[i] & 15];
  }
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cso_unhex(const char *text, size_t len, unsigned char *out) {
  if (len % 2) return false;
  for (size_t i = 0; i < len; i += 2) {
    int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    *out++ = (unsigned char)(high << 4 | low);
  }
  return true;
}

size_t cso_base64(const unsigned char *data, size_t len, char *out) {
  char *p = out;
  for (; len >= 3; len -= 3, data += 3) {
    unsigned v = (unsigned)data[0] << 16 | (unsigned)data[1] << 8 | data[2];
    *p++ = base64_digits[v >> 18];
    *p++ = base64_digits[v >> 12 & 63];
    *p++ = base64_digits[v >> 6 & 63];
    *p++ = base64_digits[v & 63];
  }
  if (len > 0) {
    unsigned v = (unsigned)data[0] << 16 | (len > 1 ? (unsigned)data[1] << 8 : 0);
    *p++ = base64_digits[v >> 18];
    *p++ = base64_digits[v >> 12 & 63];
    *p++ = len > 1 ? base64_digits[v >> 6 & 63] : '=';
    *p++ = '=';
  }
  return (size_t)(p - out);
}

static int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

size_t cso_unbase64(const char *text, size_t len, unsigned char *out) {
  unsigned char *p = out;
  unsigned v = 0;
  int have = 0, padding = 0;
  for (size_t i = 0; i < len; i++) {
    char c = text[i];
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      padding++;
      continue;
    }
    int digit = base64_value(c);
    if (digit < 0 || padding) return SIZE_MAX;
    v = v << 6 | (unsigned)digit;
    if (++have == 4) {
      *p++ = (unsigned char)(v >> 16);
      *p++ = (unsigned char)(v >> 8);
      *p++ = (unsigned char)v;
      v = 0;
      have = 0;
    }
  }
  if (have == 1 || padding > (have ? 4 - have : 0)) return SIZE_MAX;
  if (padding && padding != 4 - have) return SIZE_MAX;
  if (have == 2) *p++ = (unsigned char)(v >> 4);
  if (have == 3) {
    *p++ = (unsigned char)(v >> 10);
    *p++ = (unsigned char)(v >> 2);
  }
  return (size_t)(p - out);
}

static bool unreserved(unsigned char c, bool keep_slash) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~' || (keep_slash && c == '/');
}

size_t cso_percent_count(const char *text, size_t len, bool keep_slash) {
  size_t n = 0;
  for (size_t i = 0; i < len; i++) n += !unreserved((unsigned char)text[i], keep_slash);
  return n;
}

void cso_percent_write(const char *text, size_t len, bool keep_slash, char *out) {
  static const char hex[] = "0123456789ABCDEF";
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)text[i];
    if (unreserved(c, keep_slash)) {
      *out++ = (char)c;
      continue;
    }
    *out++ = '%';
    *out++ = hex[c >> 4];
    *out++ = hex[c & 15];
  }
}

void cso_percent(cso_buf *out, const char *text, size_t len, bool keep_slash) {
  size_t room = len + 2 * cso_percent_count(text, len, keep_slash);
  if (!cso_buf_reserve(out, room)) return;
  cso_percent_write(text, len, keep_slash, out->data + out->len);
  out->len += room;
}
