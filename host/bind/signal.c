/* host.signal: open(name) -> box | nil, err. Completions: { id, signal = name }. */
#include <lauxlib.h>
#include <signal.h>
#include <string.h>

#include "bind/box.h"
#include "bind/option.h"
#include "core/loop.h"
#include "core/signals.h"
#include "state.h"

static const struct {
  const char *name;
  int number;
} names[] = {
  {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},   {"SIGTERM", SIGTERM}, {"SIGQUIT", SIGQUIT},
  {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGWINCH", SIGWINCH}, {"SIGCONT", SIGCONT},
};
enum { NAMES = sizeof names / sizeof names[0] };

static int id(lua_State *L);
static const luaL_Reg methods[] = {{"id", id}, {NULL, NULL}};
static const struct box_type watch_type = {"signal watch", "closed signal watch", methods,
                                           signal_watch_close};

/* box:id() -> the id of its completions */
static int id(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)signal_watch_id(box_check(L, 1, &watch_type)));
  return 1;
}

static void push(void *state, const struct completion *c) {
  lua_State *L = state;
  lua_createtable(L, 0, 2);
  for (int i = 0; i < NAMES; i++)
    if (names[i].number == signal_completion_number(c)) lua_pushstring(L, names[i].name);
  lua_setfield(L, -2, "signal");
}

static int watch_open(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  int number = 0, error;
  for (int i = 0; i < NAMES; i++)
    if (strcmp(names[i].name, name) == 0) number = names[i].number;
  luaL_argcheck(L, number, 1, "no signal that can be watched");
  void **box = box_new(L, &watch_type);
  struct signal_watch *w = signal_watch_open(number, &error);
  if (!w) return cso_fail(L, uv_err_name(error), "cannot watch %s: %s", name, uv_strerror(error));
  box_fill(box, w);
  return 1;
}

static const luaL_Reg functions[] = {{"open", watch_open}, {NULL, NULL}};

int luaopen_host_signal(lua_State *L) {
  signal_completion_push = push;
  luaL_newlib(L, functions);
  return 1;
}
