#include "bind/box.h"

/* Upvalue 1: the type. */
static int box_close(lua_State *L) {
  const struct box_type *type = lua_touserdata(L, lua_upvalueindex(1));
  void **box = luaL_testudata(L, 1, type->name);
  if (!box) {
    luaL_checkudata(L, 1, type->closed_name);
    return 0;
  }
  luaL_getmetatable(L, type->closed_name);
  lua_setmetatable(L, 1);
  void *content = *box;
  *box = NULL;
  if (content) type->close(content);
  return 0;
}

/* Makes both metatables of the type; they share one table of methods. */
static void make_metatables(lua_State *L, const struct box_type *type) {
  lua_newtable(L); /* methods */
  luaL_setfuncs(L, type->methods, 0);
  lua_pushlightuserdata(L, (void *)type);
  lua_pushcclosure(L, box_close, 1); /* methods close */
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "close");
  const char *names[] = {type->closed_name, type->name};
  for (int i = 0; i < 2; i++) {
    luaL_newmetatable(L, names[i]); /* methods close mt */
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__gc");
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__close");
    lua_pushliteral(L, "box");
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
}

void **box_new(lua_State *L, const struct box_type *type) {
  void **box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = NULL;
  if (luaL_getmetatable(L, type->name) == LUA_TNIL) {
    make_metatables(L, type);
    luaL_getmetatable(L, type->name);
    lua_remove(L, -2);
  }
  lua_setmetatable(L, -2);
  return box;
}

void box_fill(void **box, void *content) { *box = content; }

void *box_check(lua_State *L, int idx, const struct box_type *type) {
  void **box = luaL_checkudata(L, idx, type->name);
  if (!*box) luaL_argerror(L, idx, type->closed_name);
  return *box;
}
