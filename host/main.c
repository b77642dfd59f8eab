/* argv -> Lua state -> require("cso.main"). Called as csorun-lua: the stock interpreter. */
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leave.h"
#include "state.h"

/* require("cso.main")(args...) -> exit status (integer, true, or nothing) */
static int run(lua_State *L, int argc, char **argv) {
  leave_no_core();
  state_set_arg(L, argc, argv, 0);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cso.main");
  if (state_call(L, 1, 1) != LUA_OK) {
    state_report(L, "csorun");
    return 1;
  }
  luaL_checkstack(L, argc + 4, "too many arguments");
  for (int i = 1; i < argc; i++) lua_pushstring(L, argv[i]);
  if (state_call(L, argc - 1, 1) != LUA_OK) {
    state_report(L, "csorun");
    return 1;
  }
  int status = lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : 0;
  lua_pop(L, 1);
  return status;
}

/* Who starts us without one of the standard three must not find that a file of ours has taken its place:
 * whatever is read there, or written, fails. */
static void hold_standard(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) return;
}

int main(int argc, char **argv) {
  hold_standard();
  /* A reader that went away is a write error for the writer, not a death. */
  signal(SIGPIPE, SIG_IGN);
  /* A file that reached its limit likewise: state has to be told of it, and stay whole. */
  signal(SIGXFSZ, SIG_IGN);
  leave_prepare();
  lua_State *L = state_new();
  if (!L) {
    fputs("csorun: cannot start: out of memory\n", stderr);
    return 1;
  }
  const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
  name = name ? name + 1 : argc > 0 ? argv[0] : "csorun";
  int status =
      strcmp(name, "csorun-lua") == 0 ? interpreter_main(L, argc, argv) : run(L, argc, argv);
  leave(L, status);
}
