/* host.sqlite: open(path[, {readonly=, create=true, busy_ms=5000, cover=}]) -> db | nil, err
 *   db:exec(sql) -> true | nil, err                 any number of statements
 *   db:run(sql, ...) -> changes, last row id | nil, err
 *   db:query(sql, ...) -> list of rows by column name | nil, err
 *   db:columns(sql, ...) -> a list of each column's values, none of which is NULL | nil, err
 *   db:one(sql, ...) -> row | nil (no row) | nil, err
 *   db:bytes() -> string | nil, err                 all pages, opened, as a database file in clear
 *   db:become(bytes) -> true | nil, err             a database in memory takes such a file's content
 *   db:reserve(n)                                   bytes free in each page of copies that are made of it
 *   db:close()                                      safe twice
 * cover(key, block) -> cover: a file whose first bytes are block is sealed with key, page by page;
 *   cover:name() is what `vfs=` takes in the URI of ATTACH and VACUUM INTO, while the cover lives.
 * err = {code="sqlite", sqlite=<extended result code>, message=}.
 * Parameters: nil and json.null are NULL, booleans 0 and 1, strings are text when they are UTF-8
 * without zero bytes, else blobs. NULL comes back as nil, text and blobs as strings.
 * `methods` is the table behind db's colon, for cso.std.sqlite. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "core/sqlite.h"
#include "core/utf8.h"
#include "json.h"
#include "option.h"

static const struct box_type database;

static cso_sqlite *check_db(lua_State *L) {
  return box_check(L, 1, &database);
}

static int fail(lua_State *L, cso_sqlite *db, int code) {
  const char *message = code == SQLITE_MISUSE ? "exactly one statement is expected here"
                        : db->handle          ? sqlite3_errmsg(db->handle)
                                              : sqlite3_errstr(code);
  cso_fail(L, "sqlite", "%s", message); /* nil err */
  lua_pushinteger(L, code);
  lua_setfield(L, -2, "sqlite");
  cso_sqlite_finish(db);
  return 2;
}

static int f_exec(lua_State *L) {
  cso_sqlite *db = check_db(L);
  const char *sql = luaL_checkstring(L, 2);
  cso_sqlite_finish(db);
  int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
  if (code != SQLITE_OK) return fail(L, db, code);
  lua_pushboolean(L, 1);
  return 1;
}

static int bind_one(lua_State *L, sqlite3_stmt *s, int parameter, int arg) {
  size_t len;
  const char *text;
  switch (lua_type(L, arg)) {
    case LUA_TNIL: return sqlite3_bind_null(s, parameter);
    case LUA_TBOOLEAN: return sqlite3_bind_int(s, parameter, lua_toboolean(L, arg));
    case LUA_TNUMBER:
      if (lua_isinteger(L, arg)) return sqlite3_bind_int64(s, parameter, lua_tointeger(L, arg));
      return sqlite3_bind_double(s, parameter, lua_tonumber(L, arg));
    case LUA_TSTRING:
      text = lua_tolstring(L, arg, &len);
      /* The arguments outlive the statement's use: no copy is needed. */
      if (cso_utf8_check(text, len) == len && !memchr(text, 0, len))
        return sqlite3_bind_text64(s, parameter, text, len, SQLITE_STATIC, SQLITE_UTF8);
      return sqlite3_bind_blob64(s, parameter, text, len, SQLITE_STATIC);
    case LUA_TLIGHTUSERDATA:
      cso_json_push_null(L);
      if (lua_rawequal(L, -1, arg)) {
        lua_pop(L, 1);
        return sqlite3_bind_null(s, parameter);
      }
      break;
    default: break;
  }
  return luaL_argerror(L, arg, "expected nil, boolean, number or string");
}

/* The statement for the sql at 2 with the arguments behind it bound; NULL after *code was set. */
static sqlite3_stmt *begin(lua_State *L, cso_sqlite *db, int *code) {
  size_t len;
  sqlite3_stmt *s;
  const char *sql = luaL_checklstring(L, 2, &len);
  *code = cso_sqlite_prepare(db, sql, len, &s);
  if (*code != SQLITE_OK) return NULL;
  int given = lua_gettop(L) - 2, wanted = sqlite3_bind_parameter_count(s);
  if (given != wanted)
    luaL_error(L, "the statement has %d parameters, %d were given", wanted, given);
  for (int i = 1; i <= given; i++)
    if ((*code = bind_one(L, s, i, i + 2)) != SQLITE_OK) return NULL;
  return s;
}

static int f_run(lua_State *L) {
  int code;
  cso_sqlite *db = check_db(L);
  sqlite3_stmt *s = begin(L, db, &code);
  if (!s) return fail(L, db, code);
  do code = sqlite3_step(s);
  while (code == SQLITE_ROW);
  if (code != SQLITE_DONE) return fail(L, db, code);
  cso_sqlite_finish(db);
  lua_pushinteger(L, sqlite3_changes64(db->handle));
  lua_pushinteger(L, sqlite3_last_insert_rowid(db->handle));
  return 2;
}

static void push_column(lua_State *L, sqlite3_stmt *s, int i) {
  switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER: lua_pushinteger(L, sqlite3_column_int64(s, i)); break;
    case SQLITE_FLOAT: lua_pushnumber(L, sqlite3_column_double(s, i)); break;
    case SQLITE_NULL: lua_pushnil(L); break;
    default: { /* text and blob: the pointer first, then its length */
      const char *data = sqlite3_column_blob(s, i);
      lua_pushlstring(L, data ? data : "", (size_t)sqlite3_column_bytes(s, i));
    }
  }
}

/* Pushes the row as a table; the column names stand at `names` and above.  [-0, +1, m] */
static void push_row(lua_State *L, sqlite3_stmt *s, int names, int columns) {
  lua_createtable(L, 0, columns);
  for (int i = 0; i < columns; i++) {
    lua_pushvalue(L, names + i);
    push_column(L, s, i);
    lua_rawset(L, -3);
  }
}

/* Pushes the list of rows, or the first row (nil when there is none). */
static int rows(lua_State *L, int only_one) {
  int code;
  cso_sqlite *db = check_db(L);
  sqlite3_stmt *s = begin(L, db, &code);
  if (!s) return fail(L, db, code);
  code = sqlite3_step(s); /* only now are the columns known: a changed schema is read again here */
  int columns = sqlite3_column_count(s), names = lua_gettop(L) + 1;
  luaL_checkstack(L, columns + 8, "sqlite");
  for (int i = 0; i < columns; i++) lua_pushstring(L, sqlite3_column_name(s, i));
  if (only_one) lua_pushnil(L);
  else lua_newtable(L); /* … names result */
  lua_Integer n = 0;
  for (; code == SQLITE_ROW; code = sqlite3_step(s)) {
    push_row(L, s, names, columns);
    if (only_one) {
      cso_sqlite_finish(db);
      return 1;
    }
    lua_rawseti(L, -2, ++n);
  }
  if (code != SQLITE_DONE) return fail(L, db, code);
  cso_sqlite_finish(db);
  return 1;
}

static int f_query(lua_State *L) { return rows(L, 0); }
static int f_one(lua_State *L) { return rows(L, 1); }

/* For who reads very many rows: as many tables as there are columns. */
static int f_columns(lua_State *L) {
  int code;
  cso_sqlite *db = check_db(L);
  sqlite3_stmt *s = begin(L, db, &code);
  if (!s) return fail(L, db, code);
  code = sqlite3_step(s);
  int columns = sqlite3_column_count(s);
  luaL_checkstack(L, columns + 8, "sqlite");
  lua_createtable(L, columns, 0);
  int lists = lua_gettop(L) + 1;
  for (int i = 0; i < columns; i++) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, lists - 1, i + 1); /* columns list … */
  }
  for (lua_Integer n = 1; code == SQLITE_ROW; n++, code = sqlite3_step(s)) {
    for (int i = 0; i < columns; i++) {
      push_column(L, s, i);
      lua_rawseti(L, lists + i, n);
    }
  }
  if (code != SQLITE_DONE) return fail(L, db, code);
  cso_sqlite_finish(db);
  lua_settop(L, lists - 1);
  return 1;
}

static int free_bytes(lua_State *L) {
  unsigned char **copy = lua_touserdata(L, 1);
  sqlite3_free(*copy);
  *copy = NULL;
  return 0;
}

static int f_bytes(lua_State *L) {
  cso_sqlite *db = check_db(L);
  cso_sqlite_finish(db);
  sqlite3_int64 size = 0;
  /* Pushed before SQLite's copy exists: making the string may raise, and nobody would own that. */
  unsigned char **copy = cso_new_scratch(L, sizeof *copy, "host.sqlite bytes", free_bytes);
  *copy = sqlite3_serialize(db->handle, "main", &size, 0);
  if (!*copy) {
    int code = sqlite3_errcode(db->handle);
    return fail(L, db, code == SQLITE_OK ? SQLITE_NOMEM : code);
  }
  lua_pushlstring(L, (const char *)*copy, (size_t)size);
  return 1;
}

static int f_become(lua_State *L) {
  cso_sqlite *db = check_db(L);
  size_t len;
  const char *bytes = luaL_checklstring(L, 2, &len);
  cso_sqlite_finish(db);
  unsigned char *copy = sqlite3_malloc64(len ? len : 1);
  if (!copy) return fail(L, db, SQLITE_NOMEM);
  memcpy(copy, bytes, len);
  /* SQLite owns the copy from here on, also when it refuses. */
  int code = sqlite3_deserialize(db->handle, "main", copy, (sqlite3_int64)len, (sqlite3_int64)len,
                                 SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
  if (code != SQLITE_OK) return fail(L, db, code);
  lua_pushboolean(L, 1);
  return 1;
}

static int f_reserve(lua_State *L) {
  cso_sqlite *db = check_db(L);
  lua_Integer n = luaL_checkinteger(L, 2);
  luaL_argcheck(L, n >= 0 && n <= 255, 2, "0 to 255 bytes");
  cso_sqlite_finish(db);
  int code = cso_sqlite_reserve(db, (int)n);
  if (code != SQLITE_OK) return fail(L, db, code);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg methods[] = {
  {"become", f_become}, {"bytes", f_bytes}, {"columns", f_columns}, {"exec", f_exec},       {"one", f_one},
  {"query", f_query},   {"run", f_run},     {"reserve", f_reserve}, {NULL, NULL},
};

static void close_database(void *content) {
  cso_sqlite_close(content);
  free(content);
}

static const struct box_type database = {
  "sqlite database", "closed sqlite database", methods, close_database,
};

/* --- covers --- */

static const struct box_type cover;

static int f_name(lua_State *L) {
  lua_pushstring(L, cso_cover_name(box_check(L, 1, &cover)));
  return 1;
}

static const luaL_Reg cover_methods[] = {{"name", f_name}, {NULL, NULL}};

static void close_cover(void *content) { cso_cover_drop(content); }

static const struct box_type cover = {
  "sqlite cover", "closed sqlite cover", cover_methods, close_cover,
};

static int f_cover(lua_State *L) {
  size_t key_len, block_len;
  const char *key = luaL_checklstring(L, 1, &key_len), *block = luaL_checklstring(L, 2, &block_len);
  luaL_argcheck(L, key_len == COVER_KEY, 1, "32 bytes are a key");
  luaL_argcheck(L, block_len == COVER_PAGE, 2, "4096 bytes are a block");
  void **box = box_new(L, &cover);
  cso_cover *made = cso_cover_new((const unsigned char *)key, (const unsigned char *)block);
  if (!made) return luaL_error(L, "not enough memory");
  box_fill(box, made);
  return 1;
}

/* The database keeps what it is sealed with. */
static cso_cover *cover_option(lua_State *L) {
  cso_cover *found = NULL;
  lua_pushliteral(L, "cover");
  if (lua_rawget(L, 2) != LUA_TNIL) found = box_check(L, lua_gettop(L), &cover);
  lua_pop(L, 1);
  return found;
}

static int f_open(lua_State *L) {
  static const char *const names[] = {"busy_ms", "cover", "create", "readonly", NULL};
  const char *path = luaL_checkstring(L, 1);
  cso_sqlite_options options = {.create = true, .busy_ms = 5000};
  if (cso_options(L, 2, names)) {
    options.readonly = cso_option_boolean(L, 2, "readonly", 0);
    options.create = cso_option_boolean(L, 2, "create", 1);
    options.busy_ms = (int)cso_option_integer(L, 2, "busy_ms", 5000);
    options.cover = cover_option(L);
  }
  void **box = box_new(L, &database);
  cso_sqlite *db = calloc(1, sizeof *db);
  if (!db) return luaL_error(L, "not enough memory");
  box_fill(box, db); /* before it is open: whatever happens, the box closes it */
  int code = cso_sqlite_open(db, path, options);
  if (code == SQLITE_OK) return 1;
  fail(L, db, code); /* box nil err */
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "path");
  cso_sqlite_close(db); /* at once; the collector finds it empty */
  return 2;
}

int luaopen_host_sqlite(lua_State *L) {
  static const luaL_Reg lib[] = {{"cover", f_cover}, {"open", f_open}, {NULL, NULL}};
  luaL_newlib(L, lib);
  box_new(L, &database); /* lib box: the first one makes the type */
  lua_getmetatable(L, -1);
  lua_getfield(L, -1, "__index");
  lua_setfield(L, -4, "methods");
  lua_settop(L, -3); /* lib */
  return 1;
}
