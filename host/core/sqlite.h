/* One SQLite connection with its prepared statements kept, without Lua. */
#ifndef CSO_CORE_SQLITE_H
#define CSO_CORE_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "cover.h"

#define CSO_SQLITE_KEPT 64

typedef struct cso_sqlite {
  sqlite3 *handle;                     /* NULL: closed */
  sqlite3_stmt *kept[CSO_SQLITE_KEPT]; /* owned; found again by their text */
  sqlite3_stmt *active;                /* in use; one of kept */
  unsigned next;                       /* the place to reuse when all are taken */
  cso_cover *cover;                    /* counted; NULL: the file lies in clear */
} cso_sqlite;

typedef struct cso_sqlite_options {
  bool readonly;
  bool create;  /* make the file when it is not there */
  int busy_ms;  /* how long to wait for another process's lock */
  cso_cover *cover; /* what the file is sealed with; NULL: nothing */
} cso_sqlite_options;

/* SQLITE_OK, or an extended code; db->handle may then be non-NULL and holds the message. The
 * caller closes db in either case. */
int cso_sqlite_open(cso_sqlite *db, const char *path, cso_sqlite_options options);
/* Leaves bytes free at the end of each page of what is made of this database from now on: the
 * sealed copy of one in clear needs them. */
int cso_sqlite_reserve(cso_sqlite *db, int bytes);
/* Safe twice. */
void cso_sqlite_close(cso_sqlite *db);

/* The statement for sql, reset and without bindings; owned by db and valid until the next call.
 * An interrupted use of an earlier one ends here. Only one statement may be in sql: else
 * SQLITE_MISUSE. sql that is empty gives SQLITE_MISUSE too. */
int cso_sqlite_prepare(cso_sqlite *db, const char *sql, size_t len, sqlite3_stmt **statement);
/* Ends the use of the statement that was prepared last; returns its result code. */
int cso_sqlite_finish(cso_sqlite *db);

#endif
