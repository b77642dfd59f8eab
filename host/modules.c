/* The one list of modules that the host gives to Lua. A line here is all that a new C module
 * needs; the file that defines it lies in host/bind. */
#include <lauxlib.h>

#include "state.h"

int luaopen_host_json(lua_State *L);
int luaopen_lfs(lua_State *L);
int luaopen_lpeg(lua_State *L);

static const luaL_Reg modules[] = {
  {"host.embed", luaopen_host_embed},
  {"host.json", luaopen_host_json},
  {"host.proc", luaopen_host_proc},
  {"lfs", luaopen_lfs},
  {"lpeg", luaopen_lpeg},
  {NULL, NULL},
};

void modules_preload(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  luaL_setfuncs(L, modules, 0);
  lua_pop(L, 1);
}
