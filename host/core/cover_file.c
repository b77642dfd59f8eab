/* The files of a sealed database: the file itself, its WAL, its rollback journal (cover.h). SQLite
 * writes whole pages; it reads parts of some (the first hundred bytes of a database, the checksum
 * of a frame), so reading goes unit by unit and gives what was asked for of each. */
#include <string.h>

#include "cover.h"
#include "hash.h"

#define WAL_START 32
#define FRAME_HEADER 24
#define FRAME (FRAME_HEADER + COVER_PAGE)
#define CHECKS 8 /* where salts and checksums begin in a frame's header */

struct cover_file {
  sqlite3_file base;
  cso_cover *cover;
  enum cover_place place;
  sqlite3_file *under; /* lies right behind */
};

/* What a file consists of, at a place in it. */
struct unit {
  enum { CLEAR, PAGE, HEADER } kind;
  sqlite3_int64 start;
  int size;
};

int cover_file_size(const sqlite3_vfs *under) {
  return (int)sizeof(struct cover_file) + under->szOsFile;
}

static struct cover_file *of(sqlite3_file *file) { return (struct cover_file *)file; }

static sqlite3_int64 shift(const struct cover_file *f) {
  return f->place == COVER_MAIN ? COVER_PAGE : 0; /* the block comes first */
}

/* A journal's pages stand where SQLite puts them: there a page is what has a page's size. */
static struct unit unit_at(const struct cover_file *f, sqlite3_int64 at, int n) {
  if (f->place == COVER_MAIN) return (struct unit){PAGE, at - at % COVER_PAGE, COVER_PAGE};
  if (f->place == COVER_JOURNAL) return (struct unit){n == COVER_PAGE ? PAGE : CLEAR, at, n};
  if (at < WAL_START) return (struct unit){CLEAR, 0, WAL_START};
  sqlite3_int64 frame = at - (at - WAL_START) % FRAME;
  if (at - frame < FRAME_HEADER) return (struct unit){HEADER, frame, FRAME_HEADER};
  return (struct unit){PAGE, frame + FRAME_HEADER, COVER_PAGE};
}

static int read_under(struct cover_file *f, void *out, int n, sqlite3_int64 at) {
  return f->under->pMethods->xRead(f->under, out, n, at + shift(f));
}

/* Reads one unit. A part of it that is not there is a short read when all of it is missing. */
static int read_unit(struct cover_file *f, struct unit u, unsigned char *out) {
  sqlite3_int64 size = 0;
  int code = read_under(f, out, u.size, u.start);
  if (code == SQLITE_IOERR_SHORT_READ && u.kind == PAGE &&
      f->under->pMethods->xFileSize(f->under, &size) == SQLITE_OK && size > u.start + shift(f) &&
      f->place == COVER_MAIN)
    return SQLITE_CORRUPT;
  if (code != SQLITE_OK || u.kind == CLEAR) return code;
  if (u.kind == HEADER)
    return cover_header(f->cover, u.start, out + CHECKS, true) ? SQLITE_OK : SQLITE_IOERR_READ;
  return cover_open(f->cover, f->place, u.start, out) ? SQLITE_OK : SQLITE_CORRUPT;
}

static int f_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at) {
  struct cover_file *f = of(file);
  /* Whole frames and a journal's pages are read to see how far they are good: what was torn by a
   * power cut must look as it does to SQLite in clear, which is a wrong checksum. */
  const bool lenient = f->place == COVER_JOURNAL || (f->place == COVER_WAL && n > COVER_PAGE);
  unsigned char *to = out, whole[COVER_PAGE] = {0};
  sqlite3_int64 end = at + n;
  while (at < end) {
    struct unit u = unit_at(f, at, n);
    int skip = (int)(at - u.start), take = u.size - skip;
    if (take > end - at) take = (int)(end - at);
    bool direct = u.kind == CLEAR || take == u.size;
    if (u.kind == CLEAR) u = (struct unit){CLEAR, at, take};
    int code = read_unit(f, u, direct ? to : whole);
    if (code == SQLITE_CORRUPT && lenient) {
      memset(direct ? to : whole, 0, (size_t)u.size);
      code = SQLITE_OK;
    }
    if (code != SQLITE_OK) {
      memset(to, 0, (size_t)(end - at));
      return code;
    }
    if (!direct) memcpy(to, whole + skip, (size_t)take);
    to += take;
    at += take;
  }
  return SQLITE_OK;
}

static bool is_ours(const struct cover_file *f, const unsigned char *page, sqlite3_int64 at) {
  for (int i = COVER_PAGE - COVER_RESERVED; i < COVER_PAGE; i++)
    if (page[i]) return false; /* SQLite was not told to leave these alone */
  if (f->place != COVER_MAIN || at != 0) return true;
  return page[16] == COVER_PAGE >> 8 && page[17] == 0 && page[20] == COVER_RESERVED;
}

static int write_unit(struct cover_file *f, struct unit u, const unsigned char *data) {
  unsigned char sealed[COVER_PAGE];
  if (u.kind == PAGE) {
    if (!is_ours(f, data, u.start) || !cover_seal(f->cover, f->place, u.start, data, sealed))
      return SQLITE_IOERR_WRITE;
    data = sealed;
  } else if (u.kind == HEADER) {
    memcpy(sealed, data, FRAME_HEADER);
    if (!cover_header(f->cover, u.start, sealed + CHECKS, false)) return SQLITE_IOERR_WRITE;
    data = sealed;
  }
  return f->under->pMethods->xWrite(f->under, data, u.size, u.start + shift(f));
}

static int f_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at) {
  struct cover_file *f = of(file);
  const unsigned char *from = data;
  sqlite3_int64 end = at + n;
  while (at < end) {
    struct unit u = unit_at(f, at, n);
    if (u.kind == CLEAR) u = (struct unit){CLEAR, at, u.size < end - at ? u.size : (int)(end - at)};
    if (u.start != at || u.size > end - at) return SQLITE_IOERR_WRITE; /* SQLite never does */
    int code = write_unit(f, u, from);
    if (code != SQLITE_OK) return code;
    from += u.size;
    at += u.size;
  }
  return SQLITE_OK;
}

static int f_close(sqlite3_file *file) {
  struct cover_file *f = of(file);
  int code = f->under->pMethods ? f->under->pMethods->xClose(f->under) : SQLITE_OK;
  cso_cover_drop(f->cover);
  return code;
}

static int f_truncate(sqlite3_file *file, sqlite3_int64 size) {
  struct cover_file *f = of(file);
  return f->under->pMethods->xTruncate(f->under, size + shift(f));
}

static int f_size(sqlite3_file *file, sqlite3_int64 *out) {
  struct cover_file *f = of(file);
  int code = f->under->pMethods->xFileSize(f->under, out);
  if (code == SQLITE_OK) *out = *out > shift(f) ? *out - shift(f) : 0;
  return code;
}

static int f_sector(sqlite3_file *file) {
  (void)file;
  return 512; /* never a page's size: that is how a journal's pages are known */
}

static int f_traits(sqlite3_file *file) {
  const int atomic = SQLITE_IOCAP_ATOMIC | SQLITE_IOCAP_BATCH_ATOMIC;
  struct cover_file *f = of(file);
  /* A page and its block are no unit of the disk. Padding to sectors would make pages of headers. */
  return (f->under->pMethods->xDeviceCharacteristics(f->under) & ~atomic) |
         SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- what the system's file does ---------------------------------------------------------------- */

static int f_sync(sqlite3_file *file, int flags) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xSync(u, flags);
}

static int f_lock(sqlite3_file *file, int level) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xLock(u, level);
}

static int f_unlock(sqlite3_file *file, int level) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xUnlock(u, level);
}

static int f_reserved(sqlite3_file *file, int *out) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xCheckReservedLock(u, out);
}

static int f_control(sqlite3_file *file, int op, void *arg) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xFileControl(u, op, arg);
}

static int f_map(sqlite3_file *file, int region, int size, int extend, void volatile **out) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xShmMap(u, region, size, extend, out);
}

static int f_map_lock(sqlite3_file *file, int offset, int n, int flags) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xShmLock(u, offset, n, flags);
}

static void f_map_barrier(sqlite3_file *file) {
  sqlite3_file *u = of(file)->under;
  u->pMethods->xShmBarrier(u);
}

static int f_unmap(sqlite3_file *file, int remove) {
  sqlite3_file *u = of(file)->under;
  return u->pMethods->xShmUnmap(u, remove);
}

/* No version 3: a mapped file would be read past us. */
static const sqlite3_io_methods methods = {
  .iVersion = 2, .xClose = f_close, .xRead = f_read, .xWrite = f_write, .xTruncate = f_truncate,
  .xSync = f_sync, .xFileSize = f_size, .xLock = f_lock, .xUnlock = f_unlock,
  .xCheckReservedLock = f_reserved, .xFileControl = f_control, .xSectorSize = f_sector,
  .xDeviceCharacteristics = f_traits, .xShmMap = f_map, .xShmLock = f_map_lock,
  .xShmBarrier = f_map_barrier, .xShmUnmap = f_unmap,
};

/* An empty file gets the block; any other has to have this very one. */
static int check_block(struct cover_file *f, int flags) {
  unsigned char there[COVER_PAGE];
  const sqlite3_io_methods *m = f->under->pMethods;
  sqlite3_int64 size = 0;
  int code = m->xFileSize(f->under, &size);
  if (code != SQLITE_OK) return code;
  if (size == 0) {
    if (!(flags & SQLITE_OPEN_READWRITE)) return SQLITE_NOTADB;
    return m->xWrite(f->under, cover_block(f->cover), COVER_PAGE, 0);
  }
  code = m->xRead(f->under, there, COVER_PAGE, 0);
  if (code == SQLITE_IOERR_SHORT_READ) return SQLITE_NOTADB;
  if (code != SQLITE_OK) return code;
  return memcmp(there, cover_block(f->cover), COVER_PAGE) == 0 ? SQLITE_OK : SQLITE_NOTADB;
}

int cover_file_open(cso_cover *cover, const char *name, sqlite3_file *file, int flags, int *out) {
  struct cover_file *f = of(file);
  sqlite3_vfs *vfs = cover_under(cover);
  memset(f, 0, sizeof *f);
  f->under = (sqlite3_file *)(f + 1);
  f->cover = cover;
  f->place = flags & SQLITE_OPEN_MAIN_DB ? COVER_MAIN
             : flags & SQLITE_OPEN_WAL   ? COVER_WAL
                                         : COVER_JOURNAL;
  int given = flags, code = vfs->xOpen(vfs, name, f->under, flags, &given);
  if (code != SQLITE_OK) return code;
  if (out) *out = given;
  if (f->place == COVER_MAIN) code = check_block(f, given);
  if (code != SQLITE_OK) {
    f->under->pMethods->xClose(f->under);
    return code;
  }
  cso_cover_keep(cover);
  f->base.pMethods = &methods;
  return SQLITE_OK;
}
