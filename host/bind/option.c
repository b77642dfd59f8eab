#include "option.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

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

/* The value on top becomes the field. */
static void read_field(lua_State *L, const cso_field *f, void *into) {
  static const char *const words[] = {"a string", "a boolean", "an integer", "a number"};
  void *place = (char *)into + f->at;
  int ok = 1;
  if (f->kind == CSO_TEXT) {
    cso_text *t = place;
    ok = lua_type(L, -1) == LUA_TSTRING;
    if (ok) t->data = lua_tolstring(L, -1, &t->len);
  } else if (f->kind == CSO_FLAG) {
    ok = lua_isboolean(L, -1);
    *(bool *)place = lua_toboolean(L, -1);
  } else if (f->kind == CSO_INTEGER) {
    *(int64_t *)place = lua_tointegerx(L, -1, &ok);
  } else if (f->kind == CSO_NUMBER) {
    *(double *)place = lua_tonumberx(L, -1, &ok);
  }
  if (!ok) luaL_argerror(L, 1, lua_pushfstring(L, "%s must be %s", f->name, words[f->kind]));
}

unsigned long cso_read_fields(lua_State *L, const cso_field *fields, size_t count, void *into) {
  unsigned long there = 0;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, 1)) { /* key value */
    size_t len = 0, i = 0;
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : NULL;
    while (key && i < count && (fields[i].len != len || memcmp(fields[i].name, key, len) != 0)) i++;
    if (!key || i == count)
      luaL_argerror(L, 1, lua_pushfstring(L, "unknown option '%s'", luaL_tolstring(L, -2, NULL)));
    read_field(L, &fields[i], into);
    there |= 1ul << i;
    lua_pop(L, 1);
  }
  return there;
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
