#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "utf8.h"

/* 0: copied as it is. 'u': \u00XX. 1: start of a multi-byte sequence. Else: backslash and this. */
static const unsigned char form[256] = {
  [0 ... 7] = 'u', ['\b'] = 'b', ['\t'] = 't',   ['\n'] = 'n',  [11] = 'u',        ['\f'] = 'f',
  ['\r'] = 'r',    [14 ... 31] = 'u', ['"'] = '"', ['\\'] = '\\', [127] = 'u', [128 ... 255] = 1,
};

bool cso_json_put_string(cso_buf *b, const char *text, size_t len) {
  static const char hex[] = "0123456789abcdef";
  const unsigned char *p = (const unsigned char *)text;
  const unsigned char *end = p + len;
  const unsigned char *run = p;
  if (!cso_buf_reserve(b, len + 2)) return true; /* the buffer remembers its failure */
  cso_buf_char(b, '"');
  while (p < end) {
    unsigned char f = form[*p];
    if (f == 0) {
      p++;
    } else if (f == 1) {
      size_t n = cso_utf8_length(p, end);
      if (n == 0) return false;
      p += n;
    } else {
      cso_buf_add(b, run, (size_t)(p - run));
      cso_buf_char(b, '\\');
      cso_buf_char(b, (char)f);
      if (f == 'u') {
        char tail[4] = {'0', '0', hex[*p >> 4], hex[*p & 15]};
        cso_buf_add(b, tail, 4);
      }
      run = ++p;
    }
  }
  cso_buf_add(b, run, (size_t)(p - run));
  cso_buf_char(b, '"');
  return true;
}

void cso_json_put_integer(cso_buf *b, int64_t value) {
  char text[24];
  char *p = text + sizeof text;
  uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do *--p = (char)('0' + v % 10);
  while (v /= 10);
  if (value < 0) *--p = '-';
  cso_buf_add(b, p, (size_t)(text + sizeof text - p));
}

void cso_json_put_number(cso_buf *b, double value) {
  char text[40];
  int n = 0;
  for (int digits = 15; digits <= 17; digits++) {
    n = snprintf(text, sizeof text - 2, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  /* The check above used the process's locale, so a comma is only turned afterwards. */
  char *comma = strchr(text, ',');
  if (comma) *comma = '.';
  if (!strpbrk(text, ".e")) {
    memcpy(text + n, ".0", 3); /* so that a float is read back as a float */
    n += 2;
  }
  cso_buf_add(b, text, (size_t)n);
}
