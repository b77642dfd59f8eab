#include "sqlite.h"

#include <string.h>

int cso_sqlite_open(cso_sqlite *db, const char *path, cso_sqlite_options options) {
  /* ATTACH and VACUUM INTO may then name another VFS; a path that looks like one stays a path. */
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI;
  *db = (cso_sqlite){0};
  if (strncmp(path, "file:", 5) == 0) return SQLITE_CANTOPEN;
  db->cover = cso_cover_keep(options.cover);
  flags |= options.readonly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (options.create && !options.readonly) flags |= SQLITE_OPEN_CREATE;
  int code = sqlite3_open_v2(path, &db->handle, flags,
                             db->cover ? cso_cover_name(db->cover) : NULL);
  if (code != SQLITE_OK) return code;
  if (db->cover && (code = cso_sqlite_reserve(db, COVER_RESERVED)) != SQLITE_OK) return code;
  sqlite3_extended_result_codes(db->handle, 1);
  sqlite3_busy_timeout(db->handle, options.busy_ms);
  /* A file from elsewhere must not run functions through its schema, nor be able to damage us. */
  sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return SQLITE_OK;
}

int cso_sqlite_reserve(cso_sqlite *db, int bytes) {
  return sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

void cso_sqlite_close(cso_sqlite *db) {
  for (size_t i = 0; i < CSO_SQLITE_KEPT; i++) sqlite3_finalize(db->kept[i]);
  sqlite3_close_v2(db->handle);
  cso_cover_drop(db->cover);
  *db = (cso_sqlite){0};
}

static sqlite3_stmt *find(cso_sqlite *db, const char *sql, size_t len) {
  for (size_t i = 0; i < CSO_SQLITE_KEPT && db->kept[i]; i++) {
    const char *text = sqlite3_sql(db->kept[i]);
    if (strncmp(text, sql, len) == 0 && text[len] == 0) return db->kept[i];
  }
  return NULL;
}

/* Whether only white space, semicolons and comments follow. */
static bool nothing_more(cso_sqlite *db, const char *tail) {
  sqlite3_stmt *more = NULL;
  int code = sqlite3_prepare_v3(db->handle, tail, -1, 0, &more, NULL);
  bool none = code == SQLITE_OK && !more;
  sqlite3_finalize(more);
  return none;
}

int cso_sqlite_prepare(cso_sqlite *db, const char *sql, size_t len, sqlite3_stmt **statement) {
  const char *tail = NULL;
  sqlite3_stmt *s = find(db, sql, len);
  cso_sqlite_finish(db);
  *statement = NULL;
  if (s) {
    sqlite3_clear_bindings(s);
  } else {
    if (strlen(sql) != len) return SQLITE_MISUSE; /* a zero byte inside */
    int code = sqlite3_prepare_v3(db->handle, sql, (int)len + 1, SQLITE_PREPARE_PERSISTENT, &s,
                                  &tail);
    if (code != SQLITE_OK) return code;
    if (!s || strlen(sqlite3_sql(s)) != len) {
      /* A statement that does not use all of the text is kept under its own, shorter text, which
       * is fine as long as nothing else follows. */
      if (!s || !nothing_more(db, tail)) {
        sqlite3_finalize(s);
        return SQLITE_MISUSE;
      }
    }
    unsigned place = db->next++ % CSO_SQLITE_KEPT;
    sqlite3_finalize(db->kept[place]);
    db->kept[place] = s;
  }
  db->active = s;
  *statement = s;
  return SQLITE_OK;
}

int cso_sqlite_finish(cso_sqlite *db) {
  int code = db->active ? sqlite3_reset(db->active) : SQLITE_OK;
  db->active = NULL;
  return code;
}
