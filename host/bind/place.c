/* host.place: where in the user's files something happens. Every declaration asks, and what debug.getinfo
 * puts together costs more than the rest of it. */
#include <lauxlib.h>

enum { DEEPEST = 1 << 20 };

/* at([level]) -> file, line of the nearest frame that `of` gives a file for; nothing when there is none.
 * Upvalues: a table function -> file | false, and what fills it: of(function) -> file | false. */
static int at(lua_State *L) {
  lua_Debug ar;
  lua_Integer level = luaL_optinteger(L, 1, 2);
  luaL_argcheck(L, level >= 0 && level <= DEEPEST, 1, "no level");
  for (int i = (int)level; lua_getstack(L, i, &ar); i++) {
    lua_getinfo(L, "fl", &ar); /* function */
    lua_pushvalue(L, -1);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) { /* function nil */
      lua_pushvalue(L, lua_upvalueindex(2));
      lua_pushvalue(L, -3);
      lua_call(L, 1, 1); /* function nil file */
    }
    if (lua_toboolean(L, -1)) {
      lua_pushinteger(L, ar.currentline);
      return 2;
    }
    lua_settop(L, 1);
  }
  return 0;
}

/* finder(known, of) -> at */
static int finder(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_pushcclosure(L, at, 2);
  return 1;
}

static const luaL_Reg functions[] = {{"finder", finder}, {NULL, NULL}};

int luaopen_host_place(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
