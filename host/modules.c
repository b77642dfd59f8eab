/* The one list of modules that the host gives to Lua is modules.def: a line there is all that a
 * new C module needs; the file that defines its function lies in host/bind. */
#include <lauxlib.h>

#include "state.h"

#define MODULE(name, open) int open(lua_State *L);
#include "modules.def"
#undef MODULE

static const luaL_Reg modules[] = {
#define MODULE(name, open) {name, open},
#include "modules.def"
#undef MODULE
  {NULL, NULL},
};

void modules_preload(lua_State *L) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  luaL_setfuncs(L, modules, 0);
  lua_pop(L, 1);
}
