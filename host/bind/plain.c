/* host.plain: whether plain data is the same: texts, numbers, truths, and tables of such. Whatever has a
 * metatable of another sort than an array's is something else, and like nothing but itself. */
#include <lauxlib.h>

#include "bind/json.h"

enum { DEEPEST = 150 };

/* Whether the table at an index is no more than its members; array_mt: the index of an array's metatable. */
static int is_plain(lua_State *L, int index, int array_mt) {
  if (!lua_getmetatable(L, index)) return 1;
  int plain = lua_rawequal(L, -1, array_mt);
  lua_pop(L, 1);
  return plain;
}

static lua_Integer members(lua_State *L, int table) {
  lua_Integer n = 0;
  lua_pushnil(L);
  for (; lua_next(L, table); n++) lua_pop(L, 1);
  return n;
}

static int alike(lua_State *L, int a, int b, int array_mt, int depth) {
  if (lua_rawequal(L, a, b)) return 1;
  if (!lua_istable(L, a) || !lua_istable(L, b) || depth > DEEPEST) return 0;
  if (!is_plain(L, a, array_mt) || !is_plain(L, b, array_mt)) return 0;
  luaL_checkstack(L, 8, "plain data");
  lua_Integer n = 0;
  int top = lua_gettop(L);
  lua_pushnil(L);
  for (; lua_next(L, a); n++) { /* key value */
    lua_pushvalue(L, -2);
    lua_rawget(L, b); /* key value other */
    if (!alike(L, top + 2, top + 3, array_mt, depth + 1)) {
      lua_settop(L, top);
      return 0;
    }
    lua_settop(L, top + 1);
  }
  return n == members(L, b);
}

/* alike(a, b) -> boolean */
static int plain_alike(lua_State *L) {
  lua_settop(L, 2);
  cso_json_push_array_mt(L);
  lua_pushboolean(L, alike(L, 1, 2, 3, 0));
  return 1;
}

/* stays(want, was, have) -> boolean: whether `want` has the very members of `was`, and each is alike in `have`,
 * which may have more */
static int plain_stays(lua_State *L) {
  enum { WANT = 1, WAS, HAVE, ARRAY_MT, KEY, VALUE, OTHER };
  for (int i = WANT; i <= HAVE; i++) luaL_checktype(L, i, LUA_TTABLE);
  lua_settop(L, HAVE);
  cso_json_push_array_mt(L);
  lua_Integer n = 0;
  int same = 1;
  lua_pushnil(L);
  for (; same && lua_next(L, WANT); n++) { /* want was have mt key value */
    lua_pushvalue(L, KEY);
    same = lua_rawget(L, WAS) != LUA_TNIL;
    lua_pop(L, 1);
    lua_pushvalue(L, KEY);
    lua_rawget(L, HAVE);
    same = same && alike(L, VALUE, OTHER, ARRAY_MT, 0);
    lua_settop(L, KEY);
  }
  lua_pushboolean(L, same && n == members(L, WAS));
  return 1;
}

static const luaL_Reg functions[] = {{"alike", plain_alike}, {"stays", plain_stays}, {NULL, NULL}};

int luaopen_host_plain(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
