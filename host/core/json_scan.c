#include "json.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* What a byte means inside a string: 0 plain, 1 needs a look. */
static const unsigned char special[256] = {
  [0 ... 31] = 1, ['"'] = 1, ['\\'] = 1, [128 ... 255] = 1,
};

static cso_json_token fault(cso_json_scan *s, const char *at, const char *why) {
  s->at = at;
  s->error = why;
  return CSO_JSON_ERROR;
}

void cso_json_scan_open(cso_json_scan *s, const char *text, size_t len) {
  *s = (cso_json_scan){.begin = text, .end = text + len, .p = text, .at = text};
  if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) s->p += 3; /* editors' byte order mark */
}

void cso_json_scan_free(cso_json_scan *s) {
  cso_buf_free(&s->scratch);
}

void cso_json_place(const cso_json_scan *s, const char *at, long *line, long *column) {
  const char *start = s->begin;
  *line = 1;
  for (const char *q = s->begin; (q = memchr(q, '\n', (size_t)(at - q))) != NULL; q++) {
    ++*line;
    start = q + 1;
  }
  *column = (long)(at - start) + 1;
}

static int hex4(const char *p, const char *end, unsigned *out) {
  if (end - p < 4) return 0;
  unsigned v = 0;
  for (int i = 0; i < 4; i++) {
    unsigned char c = (unsigned char)p[i];
    unsigned d = (unsigned)c - '0';
    if (d > 9) {
      d = (c | 0x20u) - 'a' + 10u;
      if (d < 10 || d > 15) return 0;
    }
    v = v << 4 | d;
  }
  *out = v;
  return 1;
}

/* One escape; p stands behind the backslash. Returns the new p, or NULL after a fault. */
static const char *escape(cso_json_scan *s, const char *p) {
  static const char plain[256] = {
    ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
  };
  const char *from = p - 1;
  if (p == s->end) return fault(s, p, "the text ends inside a string"), NULL;
  char simple = plain[(unsigned char)*p];
  if (simple) {
    cso_buf_char(&s->scratch, simple);
    return p + 1;
  }
  unsigned code, low;
  if (*p != 'u') return fault(s, from, "unknown escape in a string"), NULL;
  if (!hex4(p + 1, s->end, &code)) return fault(s, from, "\\u needs four hex digits"), NULL;
  p += 5;
  if (code >= 0xD800 && code <= 0xDFFF) {
    bool pair = code < 0xDC00 && s->end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
                hex4(p + 2, s->end, &low) && low >= 0xDC00 && low <= 0xDFFF;
    if (!pair) return fault(s, from, "half of a surrogate pair in a string"), NULL;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    p += 6;
  }
  char utf8[4];
  cso_buf_add(&s->scratch, utf8, cso_utf8_put(code, utf8));
  return p;
}

/* p stands behind the opening quote. */
static cso_json_token scan_string(cso_json_scan *s, const char *p) {
  const char *run = p; /* start of the bytes not yet copied */
  bool copied = false;
  s->scratch.len = 0;
  for (;;) {
    while (!special[(unsigned char)*p]) p++; /* stops at the 0 behind the end at the latest */
    unsigned char c = (unsigned char)*p;
    if (c == '"') break;
    if (c >= 0x80) {
      size_t n = cso_utf8_length((const unsigned char *)p, (const unsigned char *)s->end);
      if (n == 0) return fault(s, p, "a string is not valid UTF-8");
      p += n;
    } else if (c == '\\') {
      copied = true;
      cso_buf_add(&s->scratch, run, (size_t)(p - run));
      p = run = escape(s, p + 1);
      if (!p) return CSO_JSON_ERROR;
    } else {
      return fault(s, p, p >= s->end ? "the text ends inside a string"
                                     : "a raw control character in a string (write it as \\u00XX)");
    }
  }
  if (copied) {
    cso_buf_add(&s->scratch, run, (size_t)(p - run));
    if (s->scratch.failed) return fault(s, p, "out of memory");
    s->text = s->scratch.data ? s->scratch.data : "";
    s->len = s->scratch.len;
  } else {
    s->text = run;
    s->len = (size_t)(p - run);
  }
  s->p = p + 1;
  return CSO_JSON_STRING;
}

/* strtod of the "C" locale, whatever a library did to the process's own. */
static double slow_number(const char *p) {
  static locale_t c_locale;
  if (!c_locale) c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return c_locale ? strtod_l(p, NULL, c_locale) : strtod(p, NULL);
}

static inline bool digit(char c) {
  return (unsigned)(c - '0') < 10;
}

/* A mantissa below 2^53 and a power of ten up to 22 are exact doubles, so one operation
 * between them is correctly rounded: the common case needs no strtod. */
static double make_number(const char *start, uint64_t mantissa, int digits, long exponent,
                          bool negative) {
  static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (digits > 18 || mantissa > (UINT64_C(1) << 53) || exponent < -22 || exponent > 22)
    return slow_number(start);
  double v = (double)mantissa;
  v = exponent < 0 ? v / ten[-exponent] : v * ten[exponent];
  return negative ? -v : v;
}

static cso_json_token scan_number(cso_json_scan *s, const char *p) {
  const char *start = p;
  bool negative = *p == '-', fraction = false;
  uint64_t m = 0;
  int digits = 0; /* significant ones, leading zeros not counted */
  long exponent = 0;
  if (negative) p++;
  if (!digit(*p)) return fault(s, start, "a minus sign without digits");
  if (*p == '0' && digit(p[1])) return fault(s, start, "a number with a leading zero");
  for (; digit(*p); p++) {
    if (digits < 19) m = m * 10 + (uint64_t)(*p - '0');
    digits += digits > 0 || *p != '0';
  }
  int whole = digits;
  if (*p == '.') {
    fraction = true;
    if (!digit(*++p)) return fault(s, start, "a decimal point without digits");
    for (; digit(*p); p++) {
      if (digits < 19) m = m * 10 + (uint64_t)(*p - '0');
      digits += digits > 0 || *p != '0';
      exponent--;
    }
  }
  if (*p == 'e' || *p == 'E') {
    fraction = true;
    p++;
    bool down = *p == '-';
    if (*p == '-' || *p == '+') p++;
    if (!digit(*p)) return fault(s, start, "an exponent without digits");
    long e = 0;
    for (; digit(*p); p++)
      if (e < 100000000) e = e * 10 + (*p - '0');
    exponent += down ? -e : e;
  }
  s->p = p;
  if (!fraction && whole <= 19 && m <= (uint64_t)INT64_MAX + negative) {
    s->integer = negative ? (int64_t)(0 - m) : (int64_t)m;
    return CSO_JSON_INTEGER;
  }
  s->number = make_number(start, m, digits, exponent, negative);
  if (!isfinite(s->number)) return fault(s, start, "a number too large for a double");
  return CSO_JSON_FLOAT;
}

static cso_json_token word(cso_json_scan *s, const char *text, size_t len, cso_json_token token) {
  if ((size_t)(s->end - s->p) < len || memcmp(s->p, text, len) != 0)
    return fault(s, s->p, "an unknown word (only true, false and null are words)");
  s->p += len;
  return token;
}

/* What a byte means to who looks for the end of an object or array. */
enum { QUOTE = 1, OPENING, CLOSING, NOTHING };
static const unsigned char bracket[256] = {
  [0] = NOTHING, ['"'] = QUOTE, ['['] = OPENING, ['{'] = OPENING, [']'] = CLOSING, ['}'] = CLOSING,
};

/* The closing quote of the string that p stands in, or NULL. */
static const char *string_end(const char *p, const char *end) {
  for (;; p++) {
    p = memchr(p, '"', (size_t)(end - p));
    if (!p) return NULL;
    const char *q = p;
    while (q[-1] == '\\') q--; /* ends at the opening quote at the latest */
    if ((p - q) % 2 == 0) return p;
  }
}

bool cso_json_pass(cso_json_scan *s) {
  long depth = 1;
  for (const char *p = s->p;; p++) {
    while (!bracket[(unsigned char)*p]) p++; /* stops at the 0 behind the end at the latest */
    unsigned char what = bracket[(unsigned char)*p];
    if (what == OPENING) depth++;
    if (what == QUOTE) p = string_end(p + 1, s->end);
    if (!p || (what == NOTHING && p >= s->end)) {
      fault(s, s->end, "the text ends within a value");
      return false;
    }
    if (what == CLOSING && --depth == 0) {
      s->p = p + 1;
      return true;
    }
  }
}

cso_json_token cso_json_next(cso_json_scan *s) {
  const char *p = s->p;
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
  s->p = s->at = p;
  switch (*p) {
    case '"': return scan_string(s, p + 1);
    case ',': s->p++; return CSO_JSON_COMMA;
    case ':': s->p++; return CSO_JSON_COLON;
    case '{': s->p++; return CSO_JSON_OBJECT;
    case '}': s->p++; return CSO_JSON_OBJECT_END;
    case '[': s->p++; return CSO_JSON_ARRAY;
    case ']': s->p++; return CSO_JSON_ARRAY_END;
    case 't': return word(s, "true", 4, CSO_JSON_TRUE);
    case 'f': return word(s, "false", 5, CSO_JSON_FALSE);
    case 'n': return word(s, "null", 4, CSO_JSON_NULL);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9': return scan_number(s, p);
    case 0:
      if (p >= s->end) return CSO_JSON_END;
      break;
    default: break;
  }
  return fault(s, p, "a character that begins no JSON value");
}
