/* Files that were packed into the binary at build time (tools/embed), sorted by name. */
#ifndef CSORUN_EMBEDDED_H
#define CSORUN_EMBEDDED_H
#include <stddef.h>
#include <stdint.h>

struct embedded {
  const char *name; /* path in the source tree: "lua/cso/main.lua" */
  uint32_t offset;  /* into csorun_embedded_blob */
  uint32_t size;
};

extern const unsigned char csorun_embedded_blob[];
extern const struct embedded csorun_embedded[];
extern const size_t csorun_embedded_count;

/* The entry of that name, or NULL. */
const struct embedded *embedded_find(const char *name);

#endif
