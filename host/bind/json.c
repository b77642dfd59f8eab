/* host.json: decode, skim, encode, null, array, array_mt. */
#include "json.h"

#include <lauxlib.h>

/* Its address is null: the same in every Lua state of the process. */
static char null_place;
static char array_mt_place;

void cso_json_push_null(lua_State *L) {
  lua_pushlightuserdata(L, &null_place);
}

void cso_json_push_array_mt(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_mt_place) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_createtable(L, 0, 2); /* mt */
  lua_pushboolean(L, 1);    /* tells tree helpers that this metatable changes no behaviour */
  lua_setfield(L, -2, "__cso_plain");
  lua_pushliteral(L, "json.array");
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &array_mt_place);
}

/* array([t]) -> t marked as an array, so that it encodes as [] even when it is empty */
static int f_array(lua_State *L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    lua_newtable(L);
    lua_replace(L, 1);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  cso_json_push_array_mt(L);
  lua_setmetatable(L, 1);
  return 1;
}

/* is_array(v) -> true when v carries the mark */
static int f_is_array(lua_State *L) {
  luaL_checkany(L, 1);
  cso_json_push_array_mt(L);
  lua_pushboolean(L, lua_getmetatable(L, 1) && lua_rawequal(L, -1, -2));
  return 1;
}

int luaopen_host_json(lua_State *L) {
  static const luaL_Reg lib[] = {
    {"array", f_array},       {"decode", cso_json_decode}, {"encode", cso_json_encode},
    {"is_array", f_is_array}, {"skim", cso_json_skim},     {NULL, NULL},
  };
  luaL_newlib(L, lib);
  cso_json_push_null(L);
  lua_setfield(L, -2, "null");
  cso_json_push_array_mt(L);
  lua_setfield(L, -2, "array_mt");
  return 1;
}
