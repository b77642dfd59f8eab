/* A file in memory, for what SQLite would put beside a sealed database without need (cover.h). */
#include <stdlib.h>
#include <string.h>

#include "cover.h"
#include "hash.h"

struct memory_file {
  sqlite3_file base;
  unsigned char *data; /* owned */
  size_t len, room;
};

int cover_memory_size(void) { return (int)sizeof(struct memory_file); }

static int f_close(sqlite3_file *file) {
  struct memory_file *m = (struct memory_file *)file;
  if (m->data) cso_wipe(m->data, m->room);
  free(m->data);
  m->data = NULL;
  return SQLITE_OK;
}

static int f_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at) {
  struct memory_file *m = (struct memory_file *)file;
  size_t have = (size_t)at < m->len ? m->len - (size_t)at : 0, want = (size_t)n;
  size_t take = have < want ? have : want;
  if (take) memcpy(out, m->data + at, take);
  memset((unsigned char *)out + take, 0, want - take);
  return take == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int grow(struct memory_file *m, size_t need) {
  size_t room = m->room ? m->room : 65536;
  while (room < need) room *= 2;
  unsigned char *data = calloc(1, room);
  if (!data) return SQLITE_NOMEM;
  if (m->data) {
    memcpy(data, m->data, m->len);
    cso_wipe(m->data, m->room);
    free(m->data);
  }
  m->data = data;
  m->room = room;
  return SQLITE_OK;
}

static int f_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at) {
  struct memory_file *m = (struct memory_file *)file;
  size_t end = (size_t)at + (size_t)n;
  if (end > m->room) {
    int code = grow(m, end);
    if (code != SQLITE_OK) return code;
  }
  memcpy(m->data + at, data, (size_t)n);
  if (end > m->len) m->len = end;
  return SQLITE_OK;
}

static int f_truncate(sqlite3_file *file, sqlite3_int64 size) {
  struct memory_file *m = (struct memory_file *)file;
  if ((size_t)size < m->len) {
    cso_wipe(m->data + size, m->len - (size_t)size);
    m->len = (size_t)size;
  }
  return SQLITE_OK;
}

static int f_size(sqlite3_file *file, sqlite3_int64 *out) {
  *out = (sqlite3_int64)((struct memory_file *)file)->len;
  return SQLITE_OK;
}

static int f_flags(sqlite3_file *file, int flags) {
  (void)file;
  (void)flags;
  return SQLITE_OK;
}

static int f_reserved(sqlite3_file *file, int *out) {
  (void)file;
  *out = 0;
  return SQLITE_OK;
}

static int f_control(sqlite3_file *file, int op, void *arg) {
  (void)file;
  (void)op;
  (void)arg;
  return SQLITE_NOTFOUND;
}

static int f_sector(sqlite3_file *file) {
  (void)file;
  return 512;
}

static int f_traits(sqlite3_file *file) {
  (void)file;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int cover_memory_open(sqlite3_file *file) {
  static const sqlite3_io_methods methods = {
    .iVersion = 1, .xClose = f_close, .xRead = f_read, .xWrite = f_write, .xTruncate = f_truncate,
    .xSync = f_flags, .xFileSize = f_size, .xLock = f_flags, .xUnlock = f_flags,
    .xCheckReservedLock = f_reserved, .xFileControl = f_control, .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_traits,
  };
  memset(file, 0, sizeof(struct memory_file));
  file->pMethods = &methods;
  return SQLITE_OK;
}
