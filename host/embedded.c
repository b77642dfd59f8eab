#include "embedded.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *key, const void *entry) {
  return strcmp(key, ((const struct embedded *)entry)->name);
}

const struct embedded *embedded_find(const char *name) {
  return bsearch(name, csorun_embedded, csorun_embedded_count, sizeof csorun_embedded[0], compare);
}
