/* Text that belongs to somebody else. */
#ifndef CSO_CORE_TEXT_H
#define CSO_CORE_TEXT_H

#include <stddef.h>

typedef struct cso_text {
  const char *data; /* not terminated; NULL: none */
  size_t len;
} cso_text;

#endif
