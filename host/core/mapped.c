/* Reading a mapped file. See mapped.h. */
#include "mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

struct cso_mapped {
  const unsigned char *base;
  size_t size;
  cso_mref root;
};

static uint32_t word_at(const cso_mapped *m, size_t at) {
  uint32_t w;
  memcpy(&w, m->base + at, sizeof w);
  return w;
}

/* Whether n bytes from at lie in the body. */
static bool inside(const cso_mapped *m, size_t at, size_t n) {
  return at >= CSO_MAPPED_HEADER && at <= m->size && n <= m->size - at;
}

static const char *check_header(cso_mapped *m) {
  if (m->size < CSO_MAPPED_HEADER || memcmp(m->base, CSO_MAPPED_MAGIC, 8) != 0) return "not a catalogue file";
  if (word_at(m, 8) != CSO_MAPPED_VERSION) return "made by another version of csorun";
  if (word_at(m, 60) != (uint32_t)crc32(0, m->base, 60)) return "its header is damaged";
  uint64_t size;
  memcpy(&size, m->base + 16, sizeof size);
  if (size != m->size) return "it is cut short";
  m->root = word_at(m, 24);
  return NULL;
}

cso_mapped *cso_mapped_open(const char *path, const char **why, int *error) {
  cso_mapped *m = NULL;
  void *base = MAP_FAILED;
  struct stat st = {0};
  *error = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) != 0) {
    *error = errno;
    *why = strerror(errno);
    goto fail;
  }
  if (st.st_size < (off_t)CSO_MAPPED_HEADER || !S_ISREG(st.st_mode)) {
    *why = "not a catalogue file";
    goto fail;
  }
  base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  m = malloc(sizeof *m);
  if (base == MAP_FAILED || !m) {
    *error = ENOMEM;
    *why = "not enough memory";
    goto fail;
  }
  *m = (cso_mapped){.base = base, .size = (size_t)st.st_size};
  *why = check_header(m);
  if (*why) goto fail;
  close(fd);
  return m;
fail:
  if (fd >= 0) close(fd);
  if (base != MAP_FAILED) munmap(base, (size_t)st.st_size);
  free(m);
  return NULL;
}

void cso_mapped_close(cso_mapped *m) {
  if (!m) return;
  munmap((void *)(uintptr_t)m->base, m->size);
  free(m);
}

void cso_mapped_rest(const cso_mapped *m) {
  madvise((void *)(uintptr_t)m->base, m->size, MADV_DONTNEED);
}

cso_mref cso_mapped_root(const cso_mapped *m) {
  return m->root;
}

size_t cso_mapped_size(const cso_mapped *m) {
  return m->size;
}

bool cso_mapped_verify(const cso_mapped *m) {
  uint32_t sum = (uint32_t)crc32_z(0, m->base + CSO_MAPPED_HEADER, m->size - CSO_MAPPED_HEADER);
  return sum == word_at(m, 32);
}

static bool string_at(const cso_mapped *m, size_t at, const char **text, uint32_t *len) {
  if (!inside(m, at, 4)) return false;
  *len = word_at(m, at);
  *text = (const char *)m->base + at + 4;
  return inside(m, at + 4, *len);
}

bool cso_mapped_view(const cso_mapped *m, cso_mref ref, cso_mview *out) {
  uint32_t payload = ref >> 3;
  size_t at = (size_t)payload * 4;
  *out = (cso_mview){.kind = CSO_V_NULL};
  switch (ref & 7u) {
    case CSO_M_WORD:
      if (payload > 0) out->kind = CSO_V_BOOL;
      out->truth = payload == 2;
      return payload <= 2;
    case CSO_M_SMALL:
      out->kind = CSO_V_INT;
      out->integer = payload & 0x10000000u ? (int64_t)payload - 0x20000000 : (int64_t)payload;
      return true;
    case CSO_M_INT:
      out->kind = CSO_V_INT;
      if (!inside(m, at, 8)) return false;
      memcpy(&out->integer, m->base + at, 8);
      return true;
    case CSO_M_DOUBLE:
      out->kind = CSO_V_DOUBLE;
      if (!inside(m, at, 8)) return false;
      memcpy(&out->number, m->base + at, 8);
      return true;
    case CSO_M_STRING:
      out->kind = CSO_V_STRING;
      return string_at(m, at, &out->text, &out->n);
    case CSO_M_ARRAY:
      out->kind = CSO_V_ARRAY;
      if (!inside(m, at, 4)) return false;
      out->n = word_at(m, at);
      out->values = (uint32_t)(at + 4);
      return inside(m, at + 4, (size_t)out->n * 4);
    case CSO_M_OBJECT: {
      out->kind = CSO_V_OBJECT;
      if (!inside(m, at, 4)) return false;
      size_t keys = (size_t)word_at(m, at) * 4;
      if (!inside(m, keys, 4)) return false;
      out->n = word_at(m, keys);
      out->keys = (uint32_t)(keys + 4);
      out->values = (uint32_t)(at + 4);
      return inside(m, keys + 4, (size_t)out->n * 4) && inside(m, at + 4, (size_t)out->n * 4);
    }
    default:
      return false;
  }
}

bool cso_mapped_item(const cso_mapped *m, const cso_mview *v, uint32_t i, cso_mref *out) {
  if (i >= v->n || !inside(m, (size_t)v->values + (size_t)i * 4, 4)) return false;
  *out = word_at(m, (size_t)v->values + (size_t)i * 4);
  return true;
}

bool cso_mapped_key(const cso_mapped *m, const cso_mview *v, uint32_t i, const char **key, uint32_t *len) {
  if (i >= v->n || !inside(m, (size_t)v->keys + (size_t)i * 4, 4)) return false;
  return string_at(m, (size_t)word_at(m, (size_t)v->keys + (size_t)i * 4) * 4, key, len);
}

int cso_mapped_find(const cso_mapped *m, const cso_mview *v, const char *key, size_t len, cso_mref *out) {
  if (v->kind != CSO_V_OBJECT) return 0;
  uint32_t low = 0, high = v->n;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    const char *other;
    uint32_t n;
    if (!cso_mapped_key(m, v, middle, &other, &n)) return -1;
    int order = memcmp(key, other, len < n ? len : n);
    if (order == 0) order = len < n ? -1 : len > n;
    if (order == 0) return cso_mapped_item(m, v, middle, out) ? 1 : -1;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return 0;
}
