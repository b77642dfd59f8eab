/* Reading a mapped file, page by page. See mapped.h. */
#include "mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* A page of the file as it was read. Pages whose numbers end alike share a set, and the one that was used
 * longest ago makes room for another. */
enum { PAGE = 4096, SETS = 32, WAYS = 4 };

struct page {
  uint32_t number; /* from 1; 0: nothing is here */
  unsigned char *bytes; /* PAGE of them, owned; NULL until there is something */
};

struct pages {
  struct page sets[SETS][WAYS]; /* the one used last comes first */
  unsigned char *joined;      /* owned: what lies on more than one page, put together */
  size_t room;
};

struct cso_mapped {
  int fd; /* owned */
  size_t size;
  cso_mref root;
  struct pages *pages; /* owned */
};

static bool read_at(int fd, unsigned char *to, size_t n, size_t at) {
  while (n > 0) {
    ssize_t got = pread(fd, to, n, (off_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false; /* 0: it was cut while we had it */
    to += got;
    at += (size_t)got;
    n -= (size_t)got;
  }
  return true;
}

static const unsigned char *page_at(const cso_mapped *m, size_t at) {
  uint32_t number = (uint32_t)(at / PAGE) + 1;
  struct page *set = m->pages->sets[number % SETS];
  size_t way = 0;
  while (way < WAYS - 1 && set[way].number != number) way++;
  struct page page = set[way];
  if (page.number != number) {
    size_t start = at / PAGE * PAGE, n = m->size - start < PAGE ? m->size - start : PAGE;
    if (!page.bytes) page.bytes = malloc(PAGE);
    page.number = page.bytes && read_at(m->fd, page.bytes, n, start) ? number : 0;
  }
  for (; way > 0; way--) set[way] = set[way - 1];
  set[0] = page;
  return page.number ? page.bytes : NULL;
}

/* n bytes from at, which are inside of the file, or NULL. They stay until the next call. */
static const unsigned char *bytes_at(const cso_mapped *m, size_t at, size_t n) {
  size_t first = PAGE - at % PAGE;
  if (n <= first) {
    const unsigned char *page = page_at(m, at);
    return page ? page + at % PAGE : NULL;
  }
  struct pages *pages = m->pages;
  if (n > pages->room) {
    unsigned char *more = realloc(pages->joined, n);
    if (!more) return NULL;
    pages->joined = more;
    pages->room = n;
  }
  for (size_t done = 0; done < n;) {
    size_t left = PAGE - (at + done) % PAGE, some = n - done < left ? n - done : left;
    const unsigned char *page = page_at(m, at + done);
    if (!page) return NULL;
    memcpy(pages->joined + done, page + (at + done) % PAGE, some);
    done += some;
  }
  return pages->joined;
}

/* Whether n bytes from at lie in the body. */
static bool inside(const cso_mapped *m, size_t at, size_t n) {
  return at >= CSO_MAPPED_HEADER && at <= m->size && n <= m->size - at;
}

static bool word_at(const cso_mapped *m, size_t at, uint32_t *out) {
  const unsigned char *bytes = inside(m, at, 4) ? bytes_at(m, at, 4) : NULL;
  if (bytes) memcpy(out, bytes, 4);
  return bytes != NULL;
}

static const char *check_header(cso_mapped *m) {
  unsigned char head[CSO_MAPPED_HEADER];
  uint32_t version, sum;
  uint64_t size;
  if (!read_at(m->fd, head, sizeof head, 0) || memcmp(head, CSO_MAPPED_MAGIC, 8) != 0) return "not a catalogue file";
  memcpy(&version, head + 8, 4);
  if (version != CSO_MAPPED_VERSION) return "made by another version of csorun";
  memcpy(&sum, head + 60, 4);
  if (sum != (uint32_t)crc32(0, head, 60)) return "its header is damaged";
  memcpy(&size, head + 16, sizeof size);
  if (size != m->size) return "it is cut short";
  memcpy(&m->root, head + 24, sizeof m->root);
  return NULL;
}

cso_mapped *cso_mapped_open(const char *path, const char **why, int *error) {
  struct stat st = {0};
  *error = 0;
  cso_mapped *m = calloc(1, sizeof *m);
  struct pages *pages = calloc(1, sizeof *pages);
  if (!m || !pages) {
    *error = ENOMEM;
    *why = "not enough memory";
    free(pages);
    free(m);
    return NULL;
  }
  m->pages = pages;
  m->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (m->fd < 0 || fstat(m->fd, &st) != 0) {
    *error = errno;
    *why = strerror(errno);
    goto fail;
  }
  m->size = (size_t)st.st_size;
  *why = S_ISREG(st.st_mode) ? check_header(m) : "not a catalogue file";
  if (!*why) return m;
fail:
  cso_mapped_close(m);
  return NULL;
}

void cso_mapped_close(cso_mapped *m) {
  if (!m) return;
  for (size_t i = 0; i < SETS; i++)
    for (size_t k = 0; k < WAYS; k++) free(m->pages->sets[i][k].bytes);
  free(m->pages->joined);
  free(m->pages);
  if (m->fd >= 0) close(m->fd);
  free(m);
}

cso_mref cso_mapped_root(const cso_mapped *m) {
  return m->root;
}

size_t cso_mapped_size(const cso_mapped *m) {
  return m->size;
}

bool cso_mapped_verify(const cso_mapped *m) {
  unsigned char head[CSO_MAPPED_HEADER], some[PAGE];
  uint32_t expected, sum = 0;
  if (!read_at(m->fd, head, sizeof head, 0)) return false;
  memcpy(&expected, head + 32, 4);
  for (size_t at = CSO_MAPPED_HEADER; at < m->size;) {
    size_t n = m->size - at < sizeof some ? m->size - at : sizeof some;
    if (!read_at(m->fd, some, n, at)) return false;
    sum = (uint32_t)crc32_z(sum, some, n);
    at += n;
  }
  return sum == expected;
}

static bool string_at(const cso_mapped *m, size_t at, const char **text, uint32_t *len) {
  if (!word_at(m, at, len) || !inside(m, at + 4, *len)) return false;
  *text = *len > 0 ? (const char *)bytes_at(m, at + 4, *len) : "";
  return *text != NULL;
}

static bool eight_at(const cso_mapped *m, size_t at, void *out) {
  const unsigned char *bytes = inside(m, at, 8) ? bytes_at(m, at, 8) : NULL;
  if (bytes) memcpy(out, bytes, 8);
  return bytes != NULL;
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
      return eight_at(m, at, &out->integer);
    case CSO_M_DOUBLE:
      out->kind = CSO_V_DOUBLE;
      return eight_at(m, at, &out->number);
    case CSO_M_STRING:
      out->kind = CSO_V_STRING;
      return string_at(m, at, &out->text, &out->n);
    case CSO_M_ARRAY:
      out->kind = CSO_V_ARRAY;
      out->values = (uint32_t)(at + 4);
      return word_at(m, at, &out->n) && inside(m, at + 4, (size_t)out->n * 4);
    case CSO_M_OBJECT: {
      out->kind = CSO_V_OBJECT;
      uint32_t where;
      if (!word_at(m, at, &where)) return false;
      size_t keys = (size_t)where * 4;
      if (!word_at(m, keys, &out->n)) return false;
      out->keys = (uint32_t)(keys + 4);
      out->values = (uint32_t)(at + 4);
      return inside(m, keys + 4, (size_t)out->n * 4) && inside(m, at + 4, (size_t)out->n * 4);
    }
    default:
      return false;
  }
}

bool cso_mapped_item(const cso_mapped *m, const cso_mview *v, uint32_t i, cso_mref *out) {
  return i < v->n && word_at(m, (size_t)v->values + (size_t)i * 4, out);
}

bool cso_mapped_key(const cso_mapped *m, const cso_mview *v, uint32_t i, const char **key, uint32_t *len) {
  uint32_t where;
  if (i >= v->n || !word_at(m, (size_t)v->keys + (size_t)i * 4, &where)) return false;
  return string_at(m, (size_t)where * 4, key, len);
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
