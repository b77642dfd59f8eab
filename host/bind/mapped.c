/* host.mapped: files of values that are read where they lie.
 *   open(path) -> doc | nil, {code=, message=}
 *   doc:get(name, key…) -> value | nil when there is none | nil, {code="corrupt"}
 *   doc:keys([name, key…]) -> sorted keys of an object | nil;  doc:size();  doc:verify() -> boolean
 *   writer(path) -> w;  w:put(name, value);  w:close() -> bytes | nil, err
 *   write(path, { name = value, … }) -> bytes | nil, err */
#include <errno.h>
#include <lauxlib.h>
#include <string.h>

#include "core/mapped.h"

#define DOC "host.mapped"
#define DOC_CLOSED "closed host.mapped"
#define WRITER "host.mapped.writer"
#define DEPTH_MOST 180 /* levels; the deepest real model has about 30 */
#define BUDGET (1 << 21) /* values per get: a damaged file can name one subtree without end */

struct doc {
  cso_mapped *m; /* owned; NULL once closed */
};

struct writer {
  cso_mapper *w; /* owned; NULL once closed */
  int names;     /* how many values were put */
};

static int fail(lua_State *L, const char *code, const char *message) {
  lua_pushnil(L);
  lua_createtable(L, 0, 2);
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  return 2;
}

static int corrupt(lua_State *L) {
  return fail(L, "corrupt", "the catalogue file is damaged: build or install it again");
}

/* Reading */

/* Pushes the value; false (with the stack as it comes) when the file is damaged. [-0, +1, m] */
static bool push(lua_State *L, const cso_mapped *m, cso_mref ref, int depth, int *budget) {
  cso_mview v;
  if (depth > DEPTH_MOST || --*budget < 0 || !cso_mapped_view(m, ref, &v)) return false;
  switch (v.kind) {
    case CSO_V_NULL: lua_pushnil(L); return true;
    case CSO_V_BOOL: lua_pushboolean(L, v.truth); return true;
    case CSO_V_INT: lua_pushinteger(L, v.integer); return true;
    case CSO_V_DOUBLE: lua_pushnumber(L, v.number); return true;
    case CSO_V_STRING: lua_pushlstring(L, v.text, v.n); return true;
    default: break;
  }
  if (v.n > (uint32_t)*budget) return false;
  *budget -= (int)v.n; /* paid before a table of that size is made */
  luaL_checkstack(L, 4, "catalogue value");
  bool array = v.kind == CSO_V_ARRAY;
  lua_createtable(L, array ? (int)v.n : 0, array ? 0 : (int)v.n); /* t */
  for (uint32_t i = 0; i < v.n; i++) {
    cso_mref item;
    if (!cso_mapped_item(m, &v, i, &item)) return false;
    if (!array) {
      const char *key;
      uint32_t len;
      if (!cso_mapped_key(m, &v, i, &key, &len)) return false;
      lua_pushlstring(L, key, len); /* t key */
    }
    if (!push(L, m, item, depth + 1, budget)) return false; /* t [key] value */
    if (array)
      lua_rawseti(L, -2, (lua_Integer)i + 1);
    else
      lua_rawset(L, -3);
  }
  return true;
}

static const cso_mapped *check_doc(lua_State *L) {
  return ((struct doc *)luaL_checkudata(L, 1, DOC))->m;
}

/* Follows the keys in the arguments from 2 on: 1 found, 0 not there, -1 damaged. An integer
 * counts array items from 1. */
static int follow(lua_State *L, const cso_mapped *m, cso_mref *ref) {
  int top = lua_gettop(L);
  *ref = cso_mapped_root(m);
  for (int arg = 2; arg <= top; arg++) {
    cso_mview v;
    if (!cso_mapped_view(m, *ref, &v)) return -1;
    if (lua_type(L, arg) == LUA_TNUMBER) {
      lua_Integer i = luaL_checkinteger(L, arg);
      if (v.kind != CSO_V_ARRAY || i < 1 || i > (lua_Integer)v.n) return 0;
      if (!cso_mapped_item(m, &v, (uint32_t)(i - 1), ref)) return -1;
    } else {
      size_t len;
      const char *key = luaL_checklstring(L, arg, &len);
      int found = cso_mapped_find(m, &v, key, len, ref);
      if (found != 1) return found;
    }
  }
  return 1;
}

static int doc_get(lua_State *L) {
  const cso_mapped *m = check_doc(L);
  luaL_checkstring(L, 2);
  cso_mref ref;
  int budget = BUDGET;
  int found = follow(L, m, &ref);
  if (found < 0) return corrupt(L);
  if (found == 0) {
    lua_pushnil(L);
    return 1;
  }
  int top = lua_gettop(L);
  if (push(L, m, ref, 0, &budget)) return 1;
  lua_settop(L, top);
  return corrupt(L);
}

static int doc_keys(lua_State *L) {
  const cso_mapped *m = check_doc(L);
  cso_mref ref;
  cso_mview v;
  int found = follow(L, m, &ref);
  if (found < 0 || (found > 0 && !cso_mapped_view(m, ref, &v))) return corrupt(L);
  if (found == 0 || v.kind != CSO_V_OBJECT) {
    lua_pushnil(L);
    return 1;
  }
  if (v.n > BUDGET) return corrupt(L);
  lua_createtable(L, (int)v.n, 0);
  for (uint32_t i = 0; i < v.n; i++) {
    const char *key;
    uint32_t len;
    if (!cso_mapped_key(m, &v, i, &key, &len)) return corrupt(L);
    lua_pushlstring(L, key, len);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

static int doc_size(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)cso_mapped_size(check_doc(L)));
  return 1;
}

static int doc_verify(lua_State *L) {
  lua_pushboolean(L, cso_mapped_verify(check_doc(L)));
  return 1;
}

static int doc_close(lua_State *L) {
  struct doc *d = luaL_testudata(L, 1, DOC_CLOSED);
  if (d) return 0;
  d = luaL_checkudata(L, 1, DOC);
  cso_mapped_close(d->m);
  d->m = NULL;
  lua_settop(L, 1); /* __close passes an error value too: it must not get the metatable */
  luaL_setmetatable(L, DOC_CLOSED);
  return 0;
}

static int open_doc(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct doc *d = lua_newuserdatauv(L, sizeof *d, 0);
  d->m = NULL;
  luaL_setmetatable(L, DOC_CLOSED);
  const char *why = NULL;
  int error = 0;
  d->m = cso_mapped_open(path, &why, &error);
  if (!d->m) {
    lua_pushfstring(L, "%s: %s", path, why);
    return fail(L, error == ENOENT ? "missing" : error ? "io" : "corrupt", lua_tostring(L, -1));
  }
  luaL_setmetatable(L, DOC);
  return 1;
}

/* Writing */

/* json.array's mark: an empty table without it is an object. */
static bool is_array(lua_State *L, int index) {
  if (lua_rawlen(L, index) > 0) return true;
  if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING) {
    lua_settop(L, index);
    return false;
  }
  bool marked = strcmp(lua_tostring(L, -1), "json.array") == 0;
  lua_settop(L, index);
  return marked;
}

static void check_memory(lua_State *L, bool ok) {
  if (!ok) luaL_error(L, "not enough memory for the mapped file (or a key is there twice)");
}

static cso_mref intern(lua_State *L, cso_mapper *w, int depth);

/* The table on top as an array. The buffer is Lua's, so that an error frees it. [-0, +0, e] */
static cso_mref intern_array(lua_State *L, cso_mapper *w, int depth) {
  int t = lua_gettop(L);
  size_t n = lua_rawlen(L, t), seen = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) seen++;
  if (seen != n) luaL_error(L, "a table is either a list or a map");
  cso_mref *items = lua_newuserdatauv(L, (n ? n : 1) * sizeof *items, 0); /* t items */
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, t, (lua_Integer)i + 1);
    items[i] = intern(L, w, depth + 1);
    lua_pop(L, 1);
  }
  cso_mref ref = 0;
  check_memory(L, cso_mapper_array(w, items, n, &ref));
  lua_settop(L, t);
  return ref;
}

/* Values are interned in the order of their keys, not in the table's own order, which changes
 * from run to run: equal values then give equal files. */
static cso_mref intern_object(lua_State *L, cso_mapper *w, int depth) {
  int t = lua_gettop(L);
  size_t n = 0, i = 0;
  for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1)) n++;
  cso_mpair *pairs = lua_newuserdatauv(L, (n ? n : 1) * sizeof *pairs, 0); /* t pairs */
  lua_pushnil(L);
  while (i < n && lua_next(L, t)) { /* t pairs key value */
    if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "a key must be a string");
    pairs[i].key = lua_tolstring(L, -2, &pairs[i].len); /* alive: the table holds it */
    pairs[i++].value = 0;
    lua_pop(L, 1);
  }
  lua_settop(L, t + 1);
  cso_mapper_sort(pairs, i);
  for (size_t k = 0; k < i; k++) {
    lua_pushlstring(L, pairs[k].key, pairs[k].len);
    lua_rawget(L, t); /* t pairs value */
    pairs[k].value = intern(L, w, depth + 1);
    lua_pop(L, 1);
  }
  cso_mref ref = 0;
  check_memory(L, cso_mapper_object(w, pairs, i, &ref));
  lua_settop(L, t);
  return ref;
}

/* The value on top of the stack as a ref. [-0, +0, e] */
static cso_mref intern(lua_State *L, cso_mapper *w, int depth) {
  cso_mref ref = 0;
  bool ok = true;
  size_t len;
  const char *text;
  if (depth > DEPTH_MOST) luaL_error(L, "the value is nested too deep");
  luaL_checkstack(L, 8, "mapped value");
  switch (lua_type(L, -1)) {
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA: ok = cso_mapper_word(w, 0, &ref); break; /* json.null */
    case LUA_TBOOLEAN: ok = cso_mapper_word(w, lua_toboolean(L, -1) ? 2 : 1, &ref); break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, -1))
        ok = cso_mapper_integer(w, lua_tointeger(L, -1), &ref);
      else
        ok = cso_mapper_number(w, lua_tonumber(L, -1), &ref);
      break;
    case LUA_TSTRING:
      text = lua_tolstring(L, -1, &len);
      ok = cso_mapper_string(w, text, len, &ref);
      break;
    case LUA_TTABLE:
      return is_array(L, lua_gettop(L)) ? intern_array(L, w, depth) : intern_object(L, w, depth);
    default: luaL_error(L, "a %s can't be stored", luaL_typename(L, -1));
  }
  check_memory(L, ok);
  return ref;
}

static struct writer *check_writer(lua_State *L) {
  struct writer *w = luaL_checkudata(L, 1, WRITER);
  luaL_argcheck(L, w->w != NULL, 1, "closed writer");
  return w;
}

/* put(name, value): at once interned; the Lua value may go. */
static int writer_put(lua_State *L) {
  struct writer *w = check_writer(L);
  luaL_checkstring(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  cso_mref ref = intern(L, w->w, 0);
  lua_getiuservalue(L, 1, 2); /* self name value names */
  lua_pushvalue(L, 2);
  if (lua_rawget(L, -2) != LUA_TNIL) return luaL_argerror(L, 2, "that name is there already");
  lua_pop(L, 1);
  lua_pushvalue(L, 2);
  lua_pushinteger(L, (lua_Integer)ref);
  lua_rawset(L, -3);
  w->names++;
  return 0;
}

static int writer_gc(lua_State *L) {
  struct writer *w = luaL_checkudata(L, 1, WRITER);
  cso_mapper_free(w->w);
  w->w = NULL;
  return 0;
}

static int writer_close(lua_State *L) {
  struct writer *w = check_writer(L);
  lua_settop(L, 1);
  lua_getiuservalue(L, 1, 1); /* self path */
  lua_getiuservalue(L, 1, 2); /* self path names */
  size_t n = (size_t)w->names, i = 0;
  cso_mpair *pairs = lua_newuserdatauv(L, (n ? n : 1) * sizeof *pairs, 0);
  lua_pushnil(L);
  while (i < n && lua_next(L, 3)) {
    pairs[i].key = lua_tolstring(L, -2, &pairs[i].len);
    pairs[i++].value = (cso_mref)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  cso_mref root = 0;
  size_t bytes = 0;
  check_memory(L, cso_mapper_object(w->w, pairs, i, &root));
  const char *path = lua_tostring(L, 2);
  int error = cso_mapper_save(w->w, root, path, &bytes);
  writer_gc(L);
  if (error) {
    lua_pushfstring(L, "%s: %s", path, strerror(error));
    return fail(L, "io", lua_tostring(L, -1));
  }
  lua_pushinteger(L, (lua_Integer)bytes);
  return 1;
}

static int new_writer(lua_State *L) {
  luaL_checkstring(L, 1);
  struct writer *w = lua_newuserdatauv(L, sizeof *w, 2);
  *w = (struct writer){0};
  luaL_setmetatable(L, WRITER);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  lua_newtable(L);
  lua_setiuservalue(L, -2, 2);
  w->w = cso_mapper_new();
  if (!w->w) return luaL_error(L, "not enough memory");
  return 1;
}

static int write_doc(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  new_writer(L); /* path t w */
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return luaL_argerror(L, 2, "names must be strings");
    lua_pushcfunction(L, writer_put);
    lua_pushvalue(L, 3);
    lua_pushvalue(L, -4);
    lua_pushvalue(L, -4); /* … name value put w name value */
    lua_call(L, 3, 0);
  }
  lua_pushcfunction(L, writer_close);
  lua_pushvalue(L, 3);
  lua_call(L, 1, LUA_MULTRET);
  return lua_gettop(L) - 3;
}

static void make_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close) {
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, close);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, close);
  lua_setfield(L, -2, "__close");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

int luaopen_host_mapped(lua_State *L) {
  static const luaL_Reg doc_methods[] = {
    {"get", doc_get},       {"keys", doc_keys},   {"size", doc_size},
    {"verify", doc_verify}, {"close", doc_close}, {NULL, NULL},
  };
  static const luaL_Reg writer_methods[] = {{"put", writer_put}, {"close", writer_close}, {NULL, NULL}};
  static const luaL_Reg lib[] = {
    {"open", open_doc}, {"writer", new_writer}, {"write", write_doc}, {NULL, NULL}};
  make_class(L, DOC, doc_methods, doc_close);
  make_class(L, DOC_CLOSED, doc_methods, doc_close); /* each then names what is closed */
  make_class(L, WRITER, writer_methods, writer_gc);
  luaL_newlib(L, lib);
  return 1;
}
