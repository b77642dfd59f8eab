/* require "posix": everything of the submodules in one table. */
#include "bind/posix/posix.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define POSIX_MODULES(X)                                                                        \
  X(dirent, "posix.dirent") X(errno, "posix.errno") X(fcntl, "posix.fcntl")                     \
  X(fnmatch, "posix.fnmatch") X(glob, "posix.glob") X(grp, "posix.grp")                         \
  X(libgen, "posix.libgen") X(poll, "posix.poll") X(pwd, "posix.pwd")                           \
  X(signal, "posix.signal") X(stdio, "posix.stdio") X(stdlib, "posix.stdlib")                   \
  X(sys_resource, "posix.sys.resource") X(sys_stat, "posix.sys.stat")                           \
  X(sys_time, "posix.sys.time") X(sys_utsname, "posix.sys.utsname")                             \
  X(sys_wait, "posix.sys.wait") X(termio, "posix.termio") X(time, "posix.time")                 \
  X(unistd, "posix.unistd")

#define DECLARE(id, name) int luaopen_posix_##id(lua_State *L);
POSIX_MODULES(DECLARE)

#define ENTRY(id, name) {name, luaopen_posix_##id},
const luaL_Reg posix_modules[] = {POSIX_MODULES(ENTRY){NULL, NULL}};

int posix_module(lua_State *L, const luaL_Reg *functions, const struct posix_constant *constants) {
  lua_newtable(L);
  if (functions) luaL_setfuncs(L, functions, 0);
  for (; constants && constants->name; constants++)
    posix_set(L, constants->name, constants->value);
  return 1;
}

int posix_error(lua_State *L, const char *info) {
  int number = errno;
  lua_pushnil(L);
  if (info)
    lua_pushfstring(L, "%s: %s", info, strerror(number));
  else
    lua_pushstring(L, strerror(number));
  lua_pushinteger(L, number);
  return 3;
}

int posix_result(lua_State *L, lua_Integer result, const char *info) {
  if (result == -1) return posix_error(L, info);
  lua_pushinteger(L, result);
  return 1;
}

int posix_int(lua_State *L, int arg) {
  lua_Integer value = luaL_checkinteger(L, arg);
  luaL_argcheck(L, value >= INT_MIN && value <= INT_MAX, arg, "out of range");
  return (int)value;
}

int posix_opt_int(lua_State *L, int arg, int otherwise) {
  return lua_isnoneornil(L, arg) ? otherwise : posix_int(L, arg);
}

void posix_set(lua_State *L, const char *name, lua_Integer value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

void posix_set_string(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

/* all[key] = value for every field of the module on top. */
static void copy_fields(lua_State *L, int all) {
  lua_pushnil(L);
  while (lua_next(L, -2)) { /* module key value */
    lua_pushvalue(L, -2);
    lua_insert(L, -2); /* module key key value */
    lua_rawset(L, all);
  }
}

int luaopen_posix(lua_State *L) {
  lua_newtable(L); /* all */
  int all = lua_gettop(L);
  for (const luaL_Reg *m = posix_modules; m->name; m++) {
    lua_getglobal(L, "require");
    lua_pushstring(L, m->name);
    lua_call(L, 1, 1);
    copy_fields(L, all);
    lua_settop(L, all);
  }
  posix_set_string(L, "version", "posix for csorun " CSORUN_VERSION);
  return 1;
}
