/* The interface of luaposix for Lua 5.4: same modules, names and results. An installed luaposix
 * takes precedence (see host/state.c). Failures are nil, message, errno. */
#ifndef CSORUN_BIND_POSIX_H
#define CSORUN_BIND_POSIX_H
#include <lauxlib.h>

struct posix_constant {
  const char *name;
  lua_Integer value;
};

#define POSIX_CONSTANT(name) {#name, name}

/* Pushes a table of the functions and the constants (either list may be NULL; the constants end
 * with a NULL name). Returns 1. */
int posix_module(lua_State *L, const luaL_Reg *functions, const struct posix_constant *constants);

/* nil, "info: message", errno; info may be NULL. */
int posix_error(lua_State *L, const char *info);

/* The number, or posix_error when it is -1. */
int posix_result(lua_State *L, lua_Integer result, const char *info);

/* An int argument; raises when it does not fit. */
int posix_int(lua_State *L, int arg);
int posix_opt_int(lua_State *L, int arg, int otherwise);

/* t[name] = value, for the table on top. */
void posix_set(lua_State *L, const char *name, lua_Integer value);
void posix_set_string(lua_State *L, const char *name, const char *value);

/* The name of the submodules, NULL-ended, for `require "posix"` and the searcher. */
extern const luaL_Reg posix_modules[];

/* All of them in one table. */
int luaopen_posix(lua_State *L);

#endif
