/* host.proc: the process itself. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leave.h"
#include "state.h"

extern char **environ;

/* no_core(): no core file and no ptrace by others. csorun itself does this at its start. */
static int no_core(lua_State *L) {
  (void)L;
  leave_no_core();
  return 0;
}

/* environ() -> { NAME = value, … } */
static int get_environ(lua_State *L) {
  lua_newtable(L);
  for (char **e = environ; e && *e; e++) {
    const char *equals = strchr(*e, '=');
    if (!equals) continue;
    lua_pushlstring(L, *e, (size_t)(equals - *e));
    lua_pushstring(L, equals + 1);
    lua_rawset(L, -3);
  }
  return 1;
}

/* setenv(name, value|nil) */
static int set_env(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_argcheck(L, name[0] && !strchr(name, '='), 1, "bad name of a variable");
  const char *value = luaL_optstring(L, 2, NULL);
  if (value)
    setenv(name, value, 1);
  else
    unsetenv(name);
  return 0;
}

/* exit(code): closes the state first, so that boxes are closed and files are flushed. */
static int do_exit(lua_State *L) {
  int code = (int)luaL_optinteger(L, 1, 0);
  leave(L, code);
}

static int get_pid(lua_State *L) {
  lua_pushinteger(L, getpid());
  return 1;
}

static const luaL_Reg functions[] = {
  {"no_core", no_core},
  {"environ", get_environ},
  {"setenv", set_env},
  {"exit", do_exit},
  {"pid", get_pid},
  {NULL, NULL},
};

int luaopen_host_proc(lua_State *L) {
  luaL_newlib(L, functions);
  lua_pushliteral(L, CSORUN_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
