#include "bind/arg.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void arg_options(lua_State *L, int idx, const char *const *known) {
  luaL_checktype(L, idx, LUA_TTABLE);
  idx = lua_absindex(L, idx);
  lua_pushnil(L);
  while (lua_next(L, idx)) {
    const char *const *k = known;
    if (lua_type(L, -2) == LUA_TSTRING)
      while (*k && strcmp(*k, lua_tostring(L, -2)) != 0) k++;
    else
      while (*k) k++;
    if (!*k)
      luaL_argerror(L, idx, lua_pushfstring(L, "unknown option '%s'", luaL_tolstring(L, -2, NULL)));
    lua_pop(L, 1);
  }
}

/* Pushes the field; returns whether it is there. Raises when it is of another type. */
static int option(lua_State *L, int idx, const char *name, int type) {
  int got = lua_getfield(L, idx, name);
  if (got == LUA_TNIL) return 0;
  if (got != type)
    luaL_argerror(L, idx, lua_pushfstring(L, "bad option '%s' (%s expected, got %s)", name,
                                          lua_typename(L, type), lua_typename(L, got)));
  return 1;
}

const char *arg_string(lua_State *L, int idx, const char *name, const char *otherwise,
                       size_t *len) {
  const char *value = otherwise;
  if (len) *len = otherwise ? strlen(otherwise) : 0;
  if (option(L, idx, name, LUA_TSTRING)) value = lua_tolstring(L, -1, len);
  lua_pop(L, 1);
  return value;
}

lua_Number arg_number(lua_State *L, int idx, const char *name, lua_Number otherwise) {
  lua_Number value = option(L, idx, name, LUA_TNUMBER) ? lua_tonumber(L, -1) : otherwise;
  lua_pop(L, 1);
  return value;
}

lua_Integer arg_integer(lua_State *L, int idx, const char *name, lua_Integer otherwise) {
  lua_Integer value = otherwise;
  if (option(L, idx, name, LUA_TNUMBER)) {
    int whole;
    value = lua_tointegerx(L, -1, &whole);
    if (!whole)
      luaL_argerror(L, idx, lua_pushfstring(L, "bad option '%s' (integer expected)", name));
  }
  lua_pop(L, 1);
  return value;
}

int arg_boolean(lua_State *L, int idx, const char *name, int otherwise) {
  int value = option(L, idx, name, LUA_TBOOLEAN) ? lua_toboolean(L, -1) : otherwise;
  lua_pop(L, 1);
  return value;
}

void arg_push_error(lua_State *L, const char *code, const char *message) {
  lua_createtable(L, 0, 2);
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
}

int arg_fail(lua_State *L, const char *code, const char *message) {
  lua_pushnil(L);
  arg_push_error(L, code, message);
  return 2;
}

int arg_fail_errno(lua_State *L, const char *what, const char *path, int number) {
  char code[32];
  const char *name = strerrorname_np(number);
  snprintf(code, sizeof code, "%s", name ? name : "errno");
  for (char *p = code; *p; p++) *p = (char)tolower((unsigned char)*p);
  const char *message =
      path ? lua_pushfstring(L, "cannot %s %s: %s", what, path, strerror(number))
           : lua_pushfstring(L, "cannot %s: %s", what, strerror(number));
  return arg_fail(L, code, message);
}
