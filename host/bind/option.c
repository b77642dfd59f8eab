#include "option.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cso_options(lua_State *L, int arg, const char *const *names) {
  if (lua_isnoneornil(L, arg)) return 0;
  luaL_checktype(L, arg, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, arg)) { /* key value */
    lua_pop(L, 1);           /* key */
    const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    size_t i = 0;
    /* The first letter tells most names apart without a call. */
    while (key && names[i] && (names[i][0] != key[0] || strcmp(names[i], key) != 0)) i++;
    if (!key || !names[i])
      luaL_argerror(L, arg, lua_pushfstring(L, "unknown option '%s'", luaL_tolstring(L, -1, NULL)));
  }
  return 1;
}

/* Raw, so that a string that is popped afterwards is still held by the table itself. */
static void field(lua_State *L, int arg, const char *name) {
  lua_pushstring(L, name);
  lua_rawget(L, arg);
}

lua_Integer cso_option_integer(lua_State *L, int arg, const char *name, lua_Integer fallback) {
  field(L, arg, name);
  int ok = 1;
  lua_Integer v = lua_isnil(L, -1) ? fallback : lua_tointegerx(L, -1, &ok);
  if (!ok) luaL_argerror(L, arg, lua_pushfstring(L, "%s must be an integer", name));
  lua_pop(L, 1);
  return v;
}

lua_Number cso_option_number(lua_State *L, int arg, const char *name, lua_Number fallback) {
  lua_getfield(L, arg, name);
  int ok = 1;
  lua_Number v = lua_isnil(L, -1) ? fallback : lua_tonumberx(L, -1, &ok);
  if (!ok) luaL_argerror(L, arg, lua_pushfstring(L, "%s must be a number", name));
  lua_pop(L, 1);
  return v;
}

int cso_option_boolean(lua_State *L, int arg, const char *name, int fallback) {
  field(L, arg, name);
  if (!lua_isnil(L, -1) && !lua_isboolean(L, -1))
    luaL_argerror(L, arg, lua_pushfstring(L, "%s must be a boolean", name));
  int v = lua_isnil(L, -1) ? fallback : lua_toboolean(L, -1);
  lua_pop(L, 1);
  return v;
}

const char *cso_option_string(lua_State *L, int arg, const char *name, size_t *len) {
  field(L, arg, name);
  if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
    luaL_argerror(L, arg, lua_pushfstring(L, "%s must be a string", name));
  const char *v = lua_tolstring(L, -1, len);
  lua_pop(L, 1);
  return v;
}

const char *cso_option_needed(lua_State *L, int arg, const char *name, size_t *len) {
  const char *v = cso_option_string(L, arg, name, len);
  if (!v) luaL_argerror(L, arg, lua_pushfstring(L, "%s is missing", name));
  return v;
}

int cso_fail(lua_State *L, const char *code, const char *format, ...) {
  va_list args;
  lua_pushnil(L);
  lua_createtable(L, 0, 4); /* nil err */
  lua_pushstring(L, code);
  lua_setfield(L, -2, "code");
  va_start(args, format);
  lua_pushvfstring(L, format, args);
  va_end(args);
  lua_setfield(L, -2, "message"); /* nil err */
  return 2;
}

int cso_fail_at(lua_State *L, const char *code, const char *name, long line, long column,
                const char *why) {
  cso_fail(L, code, "%s%sline %I, column %I: %s", name ? name : "", name ? ": " : "",
           (lua_Integer)line, (lua_Integer)column, why); /* nil err */
  lua_pushinteger(L, line);
  lua_setfield(L, -2, "line");
  lua_pushinteger(L, column);
  lua_setfield(L, -2, "column");
  if (name) {
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
  }
  return 2;
}

void *cso_new_scratch(lua_State *L, size_t size, const char *type, lua_CFunction gc) {
  void *box = lua_newuserdatauv(L, size, 0);
  memset(box, 0, size);
  if (luaL_newmetatable(L, type)) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return box;
}

int cso_fail_errno(lua_State *L, int number, const char *what, const char *path) {
  char code[32];
  const char *name = strerrorname_np(number);
  snprintf(code, sizeof code, "%s", name ? name : "errno");
  for (char *p = code; *p; p++) *p = (char)tolower((unsigned char)*p);
  return cso_fail(L, code, "cannot %s%s%s: %s", what, path ? " " : "", path ? path : "",
                  strerror(number));
}
