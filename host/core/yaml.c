#include "yaml.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

static const char *digits(const char *p) {
  while (digit(*p)) p++;
  return p;
}

static bool is_float(const char *p) {
  if (*p == '-' || *p == '+') p++;
  const char *whole = p;
  p = digits(p);
  bool any = p > whole;
  if (*p == '.') {
    const char *fraction = ++p;
    p = digits(p);
    any = any || p > fraction;
  }
  if (!any) return false;
  if (*p == 'e' || *p == 'E') {
    p++;
    if (*p == '-' || *p == '+') p++;
    const char *exponent = p;
    p = digits(p);
    if (p == exponent) return false;
  }
  return *p == 0;
}

static double read_double(const char *text) {
  static locale_t c_locale;
  if (!c_locale) c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return c_locale ? strtod_l(text, NULL, c_locale) : strtod(text, NULL);
}

/* Digits of the base up to the end of the text; false when there are others or none. A value
 * beyond 64 bits has *wide as its double. */
static bool read_digits(const char *p, unsigned base, uint64_t *value, double *wide) {
  if (!*p) return false;
  uint64_t v = 0;
  double w = 0;
  bool over = false;
  for (; *p; p++) {
    unsigned d = (unsigned char)*p - '0';
    if (d > 9) d = ((unsigned char)*p | 0x20u) - 'a' + 10u;
    if (d >= base) return false;
    if (v > (UINT64_MAX - d) / base) over = true;
    v = v * base + d;
    w = w * base + d;
  }
  *value = v;
  *wide = over ? w : 0;
  return true;
}

static cso_yaml_scalar integer(const char *text, const char *p, unsigned base, bool negative) {
  uint64_t value = 0;
  double wide = 0;
  cso_yaml_scalar s = {.type = CSO_YAML_STRING};
  if (!read_digits(p, base, &value, &wide)) return s;
  if (wide == 0 && value <= (uint64_t)INT64_MAX + negative) {
    s.type = CSO_YAML_INTEGER;
    s.integer = negative ? (int64_t)(0 - value) : (int64_t)value;
  } else {
    s.type = CSO_YAML_FLOAT;
    s.number = base == 10 ? read_double(text) : wide > 0 ? wide : (double)value;
  }
  return s;
}

typedef struct word {
  const char *text;
  cso_yaml_scalar meaning;
} word;

static const word words[] = {
  {"", {.type = CSO_YAML_NULL}},
  {"~", {.type = CSO_YAML_NULL}},
  {"null", {.type = CSO_YAML_NULL}},
  {"Null", {.type = CSO_YAML_NULL}},
  {"NULL", {.type = CSO_YAML_NULL}},
  {"true", {.type = CSO_YAML_BOOLEAN, .boolean = true}},
  {"True", {.type = CSO_YAML_BOOLEAN, .boolean = true}},
  {"TRUE", {.type = CSO_YAML_BOOLEAN, .boolean = true}},
  {"false", {.type = CSO_YAML_BOOLEAN, .boolean = false}},
  {"False", {.type = CSO_YAML_BOOLEAN, .boolean = false}},
  {"FALSE", {.type = CSO_YAML_BOOLEAN, .boolean = false}},
  {".inf", {.type = CSO_YAML_FLOAT, .number = INFINITY}},
  {".Inf", {.type = CSO_YAML_FLOAT, .number = INFINITY}},
  {".INF", {.type = CSO_YAML_FLOAT, .number = INFINITY}},
  {"+.inf", {.type = CSO_YAML_FLOAT, .number = INFINITY}},
  {"+.Inf", {.type = CSO_YAML_FLOAT, .number = INFINITY}},
  {"+.INF", {.type = CSO_YAML_FLOAT, .number = INFINITY}},
  {"-.inf", {.type = CSO_YAML_FLOAT, .number = -INFINITY}},
  {"-.Inf", {.type = CSO_YAML_FLOAT, .number = -INFINITY}},
  {"-.INF", {.type = CSO_YAML_FLOAT, .number = -INFINITY}},
  {".nan", {.type = CSO_YAML_FLOAT, .number = NAN}},
  {".NaN", {.type = CSO_YAML_FLOAT, .number = NAN}},
  {".NAN", {.type = CSO_YAML_FLOAT, .number = NAN}},
};

cso_yaml_scalar cso_yaml_resolve(const char *text, size_t len) {
  const cso_yaml_scalar string = {.type = CSO_YAML_STRING};
  if (strlen(text) != len) return string; /* holds a zero byte */
  for (size_t i = 0; len <= 5 && i < sizeof words / sizeof *words; i++)
    if (strcmp(text, words[i].text) == 0) return words[i].meaning;
  if (!digit(*text) && !strchr("+-.", *text)) return string;
  if (text[0] == '0' && text[1] == 'o') return integer(text, text + 2, 8, false);
  if (text[0] == '0' && text[1] == 'x') return integer(text, text + 2, 16, false);
  const char *p = text + (*text == '-' || *text == '+');
  if (digit(*p) && *digits(p) == 0) {
    if (p[0] == '0' && p[1]) return (cso_yaml_scalar){.type = CSO_YAML_LEADING_ZERO};
    return integer(text, p, 10, *text == '-');
  }
  if (!is_float(text)) return string;
  return (cso_yaml_scalar){.type = CSO_YAML_FLOAT, .number = read_double(text)};
}
