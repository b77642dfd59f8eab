/* JSON words without Lua: a scanner that hands out tokens, and the writers of strings and
 * numbers. The binding builds the tables; a fuzzer can drive the scanner alone. */
#ifndef CSO_CORE_JSON_H
#define CSO_CORE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

typedef enum cso_json_token {
  CSO_JSON_END,
  CSO_JSON_ERROR, /* scan.error says what, scan.at where */
  CSO_JSON_OBJECT,
  CSO_JSON_OBJECT_END,
  CSO_JSON_ARRAY,
  CSO_JSON_ARRAY_END,
  CSO_JSON_COMMA,
  CSO_JSON_COLON,
  CSO_JSON_STRING,  /* scan.text, scan.len */
  CSO_JSON_INTEGER, /* scan.integer */
  CSO_JSON_FLOAT,   /* scan.number */
  CSO_JSON_TRUE,
  CSO_JSON_FALSE,
  CSO_JSON_NULL
} cso_json_token;

typedef struct cso_json_scan {
  const char *begin, *end, *p;
  const char *at;    /* where the current token began, or where the fault is */
  const char *error; /* static text */
  const char *text;  /* into the input, or into scratch when the string had escapes */
  size_t len;
  int64_t integer;
  double number;
  cso_buf scratch; /* owned; released by cso_json_scan_free */
} cso_json_scan;

/* The byte at text[len] must be readable and 0 (a Lua string's is). text stays the caller's. */
void cso_json_scan_open(cso_json_scan *s, const char *text, size_t len);
void cso_json_scan_free(cso_json_scan *s);
cso_json_token cso_json_next(cso_json_scan *s);
/* After the token that opens an object or array: goes behind its end, by brackets and quotes alone. False with a fault
 * when it has none. */
bool cso_json_pass(cso_json_scan *s);
/* Line and column (both from 1; column counts bytes) of a place in the input. */
void cso_json_place(const cso_json_scan *s, const char *at, long *line, long *column);

/* Appends the quoted string; false (nothing usable appended) when it is not UTF-8. */
bool cso_json_put_string(cso_buf *b, const char *text, size_t len);
void cso_json_put_integer(cso_buf *b, int64_t value);
/* The shortest decimal that reads back as the same double, always with a '.' or an exponent.
 * value must be finite. */
void cso_json_put_number(cso_buf *b, double value);

#endif
