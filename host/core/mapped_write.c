/* Writing a mapped file: every node is interned by its bytes. See mapped.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "mapped.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "mapped files are little-endian"
#endif

#define MOST (((size_t)1 << 29) * 4 - 64) /* what 29 bits of offset / 4 can reach */

struct slot {
  uint32_t hash;
  uint32_t at; /* 0: free (the header lies there) */
  uint32_t size;
};

struct cso_mapper {
  unsigned char *data; /* the file to be; starts with an empty header */
  size_t len, cap;
  struct slot *slots;
  size_t slot_count, used; /* slot_count is a power of two */
  unsigned char *scratch;  /* a node while it is put together */
  size_t scratch_cap;
};

cso_mapper *cso_mapper_new(void) {
  cso_mapper *w = calloc(1, sizeof *w);
  if (!w) return NULL;
  w->cap = (size_t)1 << 20;
  w->slot_count = (size_t)1 << 16;
  w->data = calloc(1, w->cap);
  w->slots = calloc(w->slot_count, sizeof *w->slots);
  w->len = CSO_MAPPED_HEADER;
  if (w->data && w->slots) return w;
  cso_mapper_free(w);
  return NULL;
}

void cso_mapper_free(cso_mapper *w) {
  if (!w) return;
  free(w->data);
  free(w->slots);
  free(w->scratch);
  free(w);
}

static bool grow_slots(cso_mapper *w) {
  size_t count = w->slot_count * 2;
  struct slot *slots = calloc(count, sizeof *slots);
  if (!slots) return false;
  for (size_t i = 0; i < w->slot_count; i++) {
    if (!w->slots[i].at) continue;
    size_t k = w->slots[i].hash & (count - 1);
    while (slots[k].at) k = (k + 1) & (count - 1);
    slots[k] = w->slots[i];
  }
  free(w->slots);
  w->slots = slots;
  w->slot_count = count;
  return true;
}

static bool reserve(cso_mapper *w, size_t more) {
  if (more > MOST || w->len + more > MOST) return false;
  if (w->len + more <= w->cap) return true;
  size_t cap = w->cap;
  while (cap < w->len + more) cap *= 2;
  unsigned char *data = realloc(w->data, cap);
  if (!data) return false;
  w->data = data;
  w->cap = cap;
  return true;
}

/* The place of a node with these bytes: an old one, or a new one at the end. */
static bool intern(cso_mapper *w, const void *bytes, size_t size, uint32_t *at) {
  if (size > MOST) return false;
  uint32_t hash = (uint32_t)crc32_z(0, bytes, size) * 2654435761u;
  size_t k = hash & (w->slot_count - 1);
  for (; w->slots[k].at; k = (k + 1) & (w->slot_count - 1)) {
    const struct slot *s = &w->slots[k];
    if (s->hash == hash && s->size == size && memcmp(w->data + s->at, bytes, size) == 0) {
      *at = s->at;
      return true;
    }
  }
  size_t padded = (size + 3) & ~(size_t)3;
  if (!reserve(w, padded)) return false;
  memcpy(w->data + w->len, bytes, size);
  memset(w->data + w->len + size, 0, padded - size);
  *at = (uint32_t)w->len;
  w->slots[k] = (struct slot){hash, *at, (uint32_t)size};
  w->len += padded;
  return ++w->used * 2 < w->slot_count || grow_slots(w);
}

static unsigned char *scratch(cso_mapper *w, size_t size) {
  if (size > w->scratch_cap) {
    unsigned char *p = realloc(w->scratch, size);
    if (!p) return NULL;
    w->scratch = p;
    w->scratch_cap = size;
  }
  return w->scratch;
}

static cso_mref ref_of(enum cso_mkind kind, uint32_t at) {
  return (cso_mref)(at / 4) << 3 | (cso_mref)kind;
}

bool cso_mapper_word(cso_mapper *w, int word, cso_mref *out) {
  (void)w;
  *out = (cso_mref)word << 3 | CSO_M_WORD;
  return true;
}

bool cso_mapper_integer(cso_mapper *w, int64_t value, cso_mref *out) {
  if (value >= -0x10000000 && value < 0x10000000) {
    *out = ((cso_mref)value & 0x1fffffffu) << 3 | CSO_M_SMALL;
    return true;
  }
  uint32_t at;
  if (!intern(w, &value, sizeof value, &at)) return false;
  *out = ref_of(CSO_M_INT, at);
  return true;
}

bool cso_mapper_number(cso_mapper *w, double value, cso_mref *out) {
  uint32_t at;
  if (!intern(w, &value, sizeof value, &at)) return false;
  *out = ref_of(CSO_M_DOUBLE, at);
  return true;
}

bool cso_mapper_string(cso_mapper *w, const char *text, size_t len, cso_mref *out) {
  if (len > MOST) return false;
  unsigned char *p = scratch(w, len + 4);
  if (!p) return false;
  uint32_t n = (uint32_t)len, at;
  memcpy(p, &n, 4);
  if (len) memcpy(p + 4, text, len);
  if (!intern(w, p, len + 4, &at)) return false;
  *out = ref_of(CSO_M_STRING, at);
  return true;
}

/* A node of one word and n refs. */
static bool counted(cso_mapper *w, uint32_t first, const cso_mref *items, size_t n, uint32_t *at) {
  unsigned char *p = scratch(w, (n + 1) * 4);
  if (!p) return false;
  memcpy(p, &first, 4);
  if (n) memcpy(p + 4, items, n * 4);
  return intern(w, p, (n + 1) * 4, at);
}

bool cso_mapper_array(cso_mapper *w, const cso_mref *items, size_t n, cso_mref *out) {
  uint32_t at;
  if (n > MOST / 8 || !counted(w, (uint32_t)n, items, n, &at)) return false;
  *out = ref_of(CSO_M_ARRAY, at);
  return true;
}

static int order_pairs(const void *a, const void *b) {
  const cso_mpair *x = a, *y = b;
  int order = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);
  if (order) return order;
  return x->len < y->len ? -1 : x->len > y->len;
}

void cso_mapper_sort(cso_mpair *pairs, size_t n) {
  if (n) qsort(pairs, n, sizeof *pairs, order_pairs);
}

bool cso_mapper_object(cso_mapper *w, cso_mpair *pairs, size_t n, cso_mref *out) {
  bool ok = false;
  uint32_t at;
  if (n > MOST / 8) return false;
  cso_mref *words = calloc(n ? n : 1, sizeof *words);
  if (!words) return false;
  cso_mapper_sort(pairs, n);
  for (size_t i = 0; i < n; i++) {
    if (i > 0 && order_pairs(&pairs[i - 1], &pairs[i]) == 0) goto done;
    if (!cso_mapper_string(w, pairs[i].key, pairs[i].len, &words[i])) goto done;
    words[i] >>= 3; /* a keyset holds places, not refs */
  }
  if (!counted(w, (uint32_t)n, words, n, &at)) goto done;
  for (size_t i = 0; i < n; i++) words[i] = pairs[i].value;
  if (!counted(w, at / 4, words, n, &at)) goto done;
  *out = ref_of(CSO_M_OBJECT, at);
  ok = true;
done:
  free(words);
  return ok;
}

static void make_header(const cso_mapper *w, cso_mref root, unsigned char header[CSO_MAPPED_HEADER]) {
  uint32_t version = CSO_MAPPED_VERSION, sum;
  uint64_t size = w->len;
  memset(header, 0, CSO_MAPPED_HEADER);
  memcpy(header, CSO_MAPPED_MAGIC, 8);
  memcpy(header + 8, &version, 4);
  memcpy(header + 16, &size, 8);
  memcpy(header + 24, &root, 4);
  sum = (uint32_t)crc32_z(0, w->data + CSO_MAPPED_HEADER, w->len - CSO_MAPPED_HEADER);
  memcpy(header + 32, &sum, 4);
  sum = (uint32_t)crc32(0, header, 60);
  memcpy(header + 60, &sum, 4);
}

static int write_all(int fd, const unsigned char *p, size_t n) {
  while (n > 0) {
    ssize_t done = write(fd, p, n);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno;
    p += done;
    n -= (size_t)done;
  }
  return 0;
}

int cso_mapper_save(const cso_mapper *w, cso_mref root, const char *path, size_t *bytes) {
  unsigned char header[CSO_MAPPED_HEADER];
  make_header(w, root, header);
  size_t room = strlen(path) + 32;
  char *beside = malloc(room);
  if (!beside) return ENOMEM;
  snprintf(beside, room, "%s.%ld.new", path, (long)getpid());
  int error = 0;
  int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) {
    error = errno;
    goto done;
  }
  error = write_all(fd, header, sizeof header);
  if (!error) error = write_all(fd, w->data + CSO_MAPPED_HEADER, w->len - CSO_MAPPED_HEADER);
  if (close(fd) != 0 && !error) error = errno;
  if (!error && rename(beside, path) != 0) error = errno;
  if (error) unlink(beside);
  *bytes = w->len;
done:
  free(beside);
  return error;
}
