/* Values that were decoded into plain tables (JSON), typed by a shape. The tables are the caller's to give
 * away: they are changed in place, and most of an answer then stays as it is. */
#include <lauxlib.h>
#include <string.h>

#include "core/xml.h"
#include "json.h"
#include "shape.h"

enum { AT_NULL = 3, AT_ARRAY_MT = 4 };

static void type_value(lua_State *L, int at);

static void wrong(lua_State *L, const char *what) {
  lua_createtable(L, 0, 1);
  lua_pushfstring(L, "expected %s", what);
  lua_setfield(L, -2, "malformed");
  lua_error(L);
}

/* Whether the value on top is what the kind wants already. */
static bool fits(lua_State *L, cso_shape_kind kind) {
  switch (kind) {
    case CSO_SHAPE_ANY: return true;
    case CSO_SHAPE_TEXT: return lua_type(L, -1) == LUA_TSTRING;
    case CSO_SHAPE_BOOLEAN: return lua_isboolean(L, -1);
    case CSO_SHAPE_FLOAT: return lua_type(L, -1) == LUA_TNUMBER;
    case CSO_SHAPE_INTEGER:
    case CSO_SHAPE_TIME: return lua_isinteger(L, -1);
    default: return false;
  }
}

/* Makes the value on top what the end of an edge wants; false when it was that already. */
static bool type_end(lua_State *L, int at, int edge) {
  const cso_shape *s = lua_touserdata(L, at);
  if (fits(L, s->edges[edge].end)) return false;
  cso_shape_follow(L, at, edge); /* value end */
  lua_insert(L, -2);
  type_value(L, lua_gettop(L) - 1);
  lua_remove(L, -2);
  return true;
}

static bool is_array(lua_State *L, int idx) {
  if (!lua_getmetatable(L, idx)) return false;
  bool is = lua_rawequal(L, -1, AT_ARRAY_MT);
  lua_pop(L, 1);
  return is;
}

/* An object is on top: raises when it is something else, and takes an empty array for an empty one. */
static void check_object(lua_State *L, const char *what) {
  if (!lua_istable(L, -1)) wrong(L, what);
  if (!is_array(L, -1)) return;
  if (lua_rawlen(L, -1) > 0) wrong(L, what);
  lua_pop(L, 1);
  lua_newtable(L);
}

/* table … key value -> table … key, and the table's field is gone. */
static void drop(lua_State *L, int table) {
  lua_pop(L, 1);
  lua_pushvalue(L, -1);
  lua_pushnil(L);
  lua_rawset(L, table);
}

static int find(lua_State *L, const cso_shape *s, int key) {
  if (lua_type(L, key) != LUA_TSTRING) return -1;
  size_t len;
  const char *name = lua_tolstring(L, key, &len);
  uint32_t hash = CSO_XML_SEED;
  for (size_t i = 0; i < len; i++) hash = cso_xml_hash(hash, name[i]);
  return cso_shape_find(s, name, len, hash);
}

/* Sets to[name of the edge] to the value on top, or leaves it where its key says the same.
 * key value -> key */
static void put(lua_State *L, int at, int edge, int to, bool changed, bool renamed) {
  if (renamed) {
    cso_shape_push_name(L, at, edge);
    lua_insert(L, -2);
    lua_rawset(L, to);
  } else if (changed) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, to);
  } else {
    lua_pop(L, 1);
  }
}

static void type_structure(lua_State *L, int at) {
  const cso_shape *s = lua_touserdata(L, at);
  check_object(L, "an object");
  int from = lua_gettop(L), to = from;
  lua_pushnil(L); /* from strange */
  if (s->renames) {
    lua_newtable(L);
    to = from + 2;
  }
  lua_pushnil(L);
  while (lua_next(L, from)) { /* key value */
    int edge = lua_rawequal(L, -1, AT_NULL) ? -2 : find(L, s, -2);
    if (edge >= 0) {
      bool changed = type_end(L, at, edge);
      put(L, at, edge, to, changed, s->renames);
      continue;
    }
    if (edge == -1 && s->is_union && lua_type(L, -2) == LUA_TSTRING &&
        strcmp(lua_tostring(L, -2), "__type") != 0) {
      lua_pushvalue(L, -2);
      lua_replace(L, from + 1);
    }
    drop(L, from);
  }
  lua_pushnil(L);
  if (!lua_isnil(L, from + 1) && !lua_next(L, to)) {
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, from + 1);
    lua_setfield(L, -2, "name");
    lua_pushliteral(L, "SDK_UNKNOWN_MEMBER");
    lua_insert(L, -2);
    lua_rawset(L, to);
  }
  lua_pushvalue(L, to);
  lua_replace(L, from);
  lua_settop(L, from);
}

static void type_list(lua_State *L, int at) {
  int list = lua_gettop(L);
  if (!lua_istable(L, list)) wrong(L, "a list");
  if (!is_array(L, list)) {
    lua_pushnil(L);
    if (lua_next(L, list)) wrong(L, "a list");
    lua_pushvalue(L, AT_ARRAY_MT);
    lua_setmetatable(L, list);
  }
  lua_Integer n = (lua_Integer)lua_rawlen(L, list);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, list, i);
    if (!lua_rawequal(L, -1, AT_NULL) && type_end(L, at, 0)) lua_rawseti(L, list, i);
    else lua_pop(L, 1);
  }
}

static void type_map(lua_State *L, int at) {
  const cso_shape *s = lua_touserdata(L, at);
  check_object(L, "a map");
  int map = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, map)) { /* key value */
    if (!lua_rawequal(L, -1, AT_NULL)) {
      bool changed = type_end(L, at, 1);
      put(L, at, 1, map, changed, false);
    } else if (s->sparse) {
      lua_pop(L, 1);
    } else {
      drop(L, map);
    }
  }
}

/* Has the function of the leaf at `at` read the value on top; without one there is no other way. */
static void convert(lua_State *L, int at, cso_shape_kind kind) {
  cso_shape_push_function(L, at);
  if (lua_isnil(L, -1))
    wrong(L, kind == CSO_SHAPE_TEXT ? "a string" : kind == CSO_SHAPE_BOOLEAN ? "true or false" : "a number");
  lua_insert(L, -2);
  lua_call(L, 1, 1);
}

/* Replaces the value on top by what it means to the shape at `at`. Values are nested as deep as their
 * decoder allows. */
static void type_value(lua_State *L, int at) {
  const cso_shape *s = lua_touserdata(L, at);
  luaL_checkstack(L, 16, "shape");
  switch (s->kind) {
    case CSO_SHAPE_STRUCTURE: type_structure(L, at); break;
    case CSO_SHAPE_LIST: type_list(L, at); break;
    case CSO_SHAPE_MAP: type_map(L, at); break;
    default:
      if (!fits(L, s->kind)) convert(L, at, s->kind);
  }
}

int cso_shape_apply(lua_State *L) {
  cso_shape_check(L, 1);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  cso_json_push_null(L);
  cso_json_push_array_mt(L);
  lua_pushvalue(L, 2);
  type_value(L, 1);
  return 1;
}
