/* A read-only file of JSON-like values, a map of them that is used where it lies: opening it costs
 * nothing, a look-up reads only the pages it needs, equal values are stored once. It is read, not
 * mmapped: a kernel that keeps a file in large pieces would put all of it into each process, and a file
 * that is cut while it is open would be a signal instead of an error. Of what was read half a MiB
 * is kept.
 *
 * Layout, all words little-endian, all nodes on 4-byte boundaries:
 *   header  64 bytes: magic, version, file size, root, checksum of the body, own checksum
 *   ref     32 bits: 3 bits of kind, 29 bits of payload (a small integer, or an offset / 4)
 *   string  length, bytes            int64, double  8 bytes
 *   array   n, n refs                object         keyset offset / 4, n refs
 *   keyset  n, n string offsets / 4, in the byte order of the strings (shared by all objects
 *           that have the same keys)
 * Nothing in the file is believed: each read checks its bounds, and says "corrupt" otherwise. */
#ifndef CSO_CORE_MAPPED_H
#define CSO_CORE_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSO_MAPPED_MAGIC "csomap\r\n"
#define CSO_MAPPED_VERSION 1u
#define CSO_MAPPED_HEADER 64u

typedef uint32_t cso_mref;

enum cso_mkind {
  CSO_M_WORD, /* payload 0 null, 1 false, 2 true */
  CSO_M_SMALL, /* payload is a signed integer of 29 bits */
  CSO_M_INT,
  CSO_M_DOUBLE,
  CSO_M_STRING,
  CSO_M_ARRAY,
  CSO_M_OBJECT
};

/* What a ref stands for. A text stays until the next call for the same file. */
typedef struct cso_mview {
  enum { CSO_V_NULL, CSO_V_BOOL, CSO_V_INT, CSO_V_DOUBLE, CSO_V_STRING, CSO_V_ARRAY, CSO_V_OBJECT } kind;
  bool truth;
  int64_t integer;
  double number;
  const char *text;
  uint32_t n;      /* bytes of a string, items of an array or object */
  uint32_t values; /* offset of the first item's ref */
  uint32_t keys;   /* offset of the first key's word */
} cso_mview;

typedef struct cso_mapped cso_mapped;

/* Opens and checks the header only. On failure NULL, and *why is a static text (*error is errno,
 * or 0 when the file is not one of ours). The caller closes it. */
cso_mapped *cso_mapped_open(const char *path, const char **why, int *error);
void cso_mapped_close(cso_mapped *m); /* NULL is fine */
cso_mref cso_mapped_root(const cso_mapped *m);
size_t cso_mapped_size(const cso_mapped *m);
/* Compares the body with its checksum: reads the whole file. */
bool cso_mapped_verify(const cso_mapped *m);

/* These say false (find: -1) when the file is corrupt there, or can no longer be read. */
bool cso_mapped_view(const cso_mapped *m, cso_mref ref, cso_mview *out);
bool cso_mapped_item(const cso_mapped *m, const cso_mview *v, uint32_t i, cso_mref *out);
bool cso_mapped_key(const cso_mapped *m, const cso_mview *v, uint32_t i, const char **key, uint32_t *len);
/* 1 and *out when the object has the key, 0 when it has not. O(log n). */
int cso_mapped_find(const cso_mapped *m, const cso_mview *v, const char *key, size_t len, cso_mref *out);

/* Writing: values are interned bottom up, so that only the file itself is held in memory. */
typedef struct cso_mapper cso_mapper;
typedef struct cso_mpair {
  const char *key; /* the caller's; must live until the call returns */
  size_t len;
  cso_mref value;
} cso_mpair;

cso_mapper *cso_mapper_new(void); /* NULL: no memory */
void cso_mapper_free(cso_mapper *w);
/* Each says false when memory ran out, the file grew over 2 GB, or (object) a key is there twice. */
bool cso_mapper_word(cso_mapper *w, int word, cso_mref *out);
bool cso_mapper_integer(cso_mapper *w, int64_t value, cso_mref *out);
bool cso_mapper_number(cso_mapper *w, double value, cso_mref *out);
bool cso_mapper_string(cso_mapper *w, const char *text, size_t len, cso_mref *out);
bool cso_mapper_array(cso_mapper *w, const cso_mref *items, size_t n, cso_mref *out);
void cso_mapper_sort(cso_mpair *pairs, size_t n); /* by key, as an object needs them */
/* Sorts pairs in place. */
bool cso_mapper_object(cso_mapper *w, cso_mpair *pairs, size_t n, cso_mref *out);
/* Writes the file beside path and renames it there. 0, or errno. *bytes is the file's size. */
int cso_mapper_save(const cso_mapper *w, cso_mref root, const char *path, size_t *bytes);

#endif
