/* What a plain YAML scalar means in the 1.2 core schema, without Lua. */
#ifndef CSO_CORE_YAML_H
#define CSO_CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum cso_yaml_type {
  CSO_YAML_STRING,
  CSO_YAML_NULL,
  CSO_YAML_BOOLEAN,
  CSO_YAML_INTEGER,
  CSO_YAML_FLOAT,
  CSO_YAML_LEADING_ZERO /* digits that begin with 0: an identifier that would lose its zero */
} cso_yaml_type;

typedef struct cso_yaml_scalar {
  cso_yaml_type type;
  bool boolean;
  int64_t integer;
  double number;
} cso_yaml_scalar;

/* text[len] must be 0. A whole number beyond 64 bits is a float. */
cso_yaml_scalar cso_yaml_resolve(const char *text, size_t len);

#endif
