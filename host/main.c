/* argv -> Lua state -> require("cso.main"). Called as csorun-lua: the stock interpreter. */
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

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

enum { FEWEST_FILES = 32, SOME_FILES = 1024 };

/* libuv aborts where it gets no descriptors. A limit that can be raised is; what is left must be enough for the loop,
 * the state with its log and lock, and a few connections. Returns 0 and says so when it is not. */
static int may_open_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= SOME_FILES) return 1;
  rlim_t most = limit.rlim_max < SOME_FILES ? limit.rlim_max : SOME_FILES;
  if (most > limit.rlim_cur) {
    limit.rlim_cur = most;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= FEWEST_FILES) return 1;
  fprintf(stderr, "csorun: cannot start: %ju files may be open at once, and %d are needed (ulimit -n)\n",
          (uintmax_t)limit.rlim_cur, FEWEST_FILES);
  return 0;
}

int main(int argc, char **argv) {
  hold_standard();
  if (!may_open_files()) return 3;
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
