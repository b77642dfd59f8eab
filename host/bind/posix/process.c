/* posix.sys.wait, posix.signal */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "bind/posix/posix.h"

/* --- posix.sys.wait -------------------------------------------------------------------------- */

/* wait([pid[, options]]) -> pid, "exited" | "killed" | "stopped" | "running", status */
static int px_wait(lua_State *L) {
  int status = 0;
  pid_t pid = waitpid(posix_opt_int(L, 1, -1), &status, posix_opt_int(L, 2, 0));
  if (pid == -1) return posix_error(L, NULL);
  lua_pushinteger(L, pid);
  if (pid == 0) {
    lua_pushliteral(L, "running");
    return 2;
  }
  if (WIFEXITED(status)) {
    lua_pushliteral(L, "exited");
    lua_pushinteger(L, WEXITSTATUS(status));
  } else if (WIFSIGNALED(status)) {
    lua_pushliteral(L, "killed");
    lua_pushinteger(L, WTERMSIG(status));
  } else {
    lua_pushliteral(L, "stopped");
    lua_pushinteger(L, WSTOPSIG(status));
  }
  return 3;
}

static const luaL_Reg wait_functions[] = {{"wait", px_wait}, {NULL, NULL}};
static const struct posix_constant wait_constants[] = {
  POSIX_CONSTANT(WNOHANG), POSIX_CONSTANT(WUNTRACED), {NULL, 0},
};
int luaopen_posix_sys_wait(lua_State *L) { return posix_module(L, wait_functions, wait_constants); }

/* --- posix.signal ---------------------------------------------------------------------------- */

enum { SIGNALS = 65 };

/* A signal may come at any instruction, Lua may only be entered between two of its own: the
 * handler notes the signal and asks for a hook, the hook calls the Lua function. */
static volatile sig_atomic_t pending[SIGNALS];
static lua_State *signal_state;
static const char handlers_key = 0;

static void deliver(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  for (int i = 1; i < SIGNALS; i++) {
    if (!pending[i]) continue;
    pending[i] = 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &handlers_key);
    lua_rawgeti(L, -1, i);
    lua_remove(L, -2);
    lua_pushinteger(L, i);
    lua_call(L, 1, 0);
  }
}

static void on_signal(int number) {
  pending[number] = 1;
  lua_sethook(signal_state, deliver, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

/* signal(number[, handler[, flags]]) -> the handler before; handler: a function, SIG_DFL ("SIG_DFL")
 * or SIG_IGN ("SIG_IGN") */
static int px_signal(lua_State *L) {
  static const char *const words[] = {"SIG_DFL", "SIG_IGN", NULL};
  int number = posix_int(L, 1);
  luaL_argcheck(L, number > 0 && number < SIGNALS, 1, "no such signal");
  struct sigaction action = {.sa_flags = posix_opt_int(L, 3, 0)}, before;
  sigemptyset(&action.sa_mask);
  lua_settop(L, 2);
  int is_function = lua_isfunction(L, 2);
  if (is_function)
    action.sa_handler = on_signal;
  else
    action.sa_handler = luaL_checkoption(L, 2, "SIG_DFL", words) == 0 ? SIG_DFL : SIG_IGN;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  signal_state = lua_tothread(L, -1);
  lua_pop(L, 1);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &handlers_key) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &handlers_key);
  } /* number handler handlers */
  lua_rawgeti(L, 3, number); /* … before */
  if (is_function) {
    lua_pushvalue(L, 2);
    lua_rawseti(L, 3, number);
  }
  if (sigaction(number, &action, &before) != 0) return posix_error(L, NULL);
  if (before.sa_handler != on_signal)
    lua_pushstring(L, before.sa_handler == SIG_IGN ? "SIG_IGN" : "SIG_DFL");
  return 1;
}

static int px_kill(lua_State *L) {
  return posix_result(L, kill(posix_int(L, 1), posix_opt_int(L, 2, SIGTERM)), NULL);
}

static int px_killpg(lua_State *L) {
  return posix_result(L, killpg(posix_int(L, 1), posix_opt_int(L, 2, SIGTERM)), NULL);
}

static int px_raise(lua_State *L) { return posix_result(L, raise(posix_int(L, 1)), NULL); }

static const luaL_Reg signal_functions[] = {
  {"signal", px_signal}, {"kill", px_kill}, {"killpg", px_killpg}, {"raise", px_raise}, {NULL, NULL},
};
static const struct posix_constant signal_constants[] = {
  POSIX_CONSTANT(SIGABRT), POSIX_CONSTANT(SIGALRM), POSIX_CONSTANT(SIGBUS),
  POSIX_CONSTANT(SIGCHLD), POSIX_CONSTANT(SIGCONT), POSIX_CONSTANT(SIGFPE),
  POSIX_CONSTANT(SIGHUP), POSIX_CONSTANT(SIGILL), POSIX_CONSTANT(SIGINT),
  POSIX_CONSTANT(SIGKILL), POSIX_CONSTANT(SIGPIPE), POSIX_CONSTANT(SIGQUIT),
  POSIX_CONSTANT(SIGSEGV), POSIX_CONSTANT(SIGSTOP), POSIX_CONSTANT(SIGTERM),
  POSIX_CONSTANT(SIGTSTP), POSIX_CONSTANT(SIGTTIN), POSIX_CONSTANT(SIGTTOU),
  POSIX_CONSTANT(SIGUSR1), POSIX_CONSTANT(SIGUSR2), POSIX_CONSTANT(SIGSYS),
  POSIX_CONSTANT(SIGTRAP), POSIX_CONSTANT(SIGURG), POSIX_CONSTANT(SIGVTALRM),
  POSIX_CONSTANT(SIGXCPU), POSIX_CONSTANT(SIGXFSZ), POSIX_CONSTANT(SIGWINCH),
  POSIX_CONSTANT(SA_NOCLDSTOP), POSIX_CONSTANT(SA_NOCLDWAIT), POSIX_CONSTANT(SA_RESETHAND),
  POSIX_CONSTANT(SA_NODEFER), {NULL, 0},
};
int luaopen_posix_signal(lua_State *L) {
  posix_module(L, signal_functions, signal_constants);
  posix_set_string(L, "SIG_DFL", "SIG_DFL");
  posix_set_string(L, "SIG_IGN", "SIG_IGN");
  return 1;
}
