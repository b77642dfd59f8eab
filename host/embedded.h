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

/* Copies n bytes of an entry, from `at` on, which are within it. They are read from the program's file: what is
 * touched where it is mapped counts as memory of each process, with all that the kernel keeps in one piece
 * with it, and a module is needed once. Where the file can't be read the mapping serves. */
void embedded_read(const struct embedded *e, size_t at, void *to, size_t n);

#endif
