/* host.loop: waiting for what the host has finished; and luv on the same loop. */
#include "core/loop.h"

#include <lauxlib.h>
#include <luv/luv.h>
#include <math.h>
#include <time.h>

#include "bind/option.h"
#include "state.h"

/* Holds the completion that is being pushed, so that an error while pushing does not leak it. */
static void release(struct completion **held) {
  if (*held) (*held)->kind->free(*held);
  *held = NULL;
}

static int holder_gc(lua_State *L) {
  release(lua_touserdata(L, 1));
  return 0;
}

/* The first error that a luv callback raised, as a string in the registry. */
static const char callback_error = 0;

/* Events of luv come through here instead of luv's own pcall, which would print and go on. */
static int call_luv(lua_State *L, int nargs, int nresults, int flags) {
  (void)flags;
  int base = lua_gettop(L) - nargs;
  loop_wake();
  int status = state_call(L, nargs, nresults);
  if (status == LUA_OK) return nresults == LUA_MULTRET ? lua_gettop(L) - base + 1 : nresults;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &callback_error) == LUA_TNIL) {
    lua_pushvalue(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &callback_error);
  }
  lua_pop(L, 2);
  return -status;
}

/* wait(ms|nil) -> list of completions. Raises what a luv callback raised. */
static int wait(lua_State *L) {
  lua_Number ms = luaL_optnumber(L, 1, -1);
  luaL_argcheck(L, ms == ms, 1, "not a number");
  loop_wait(ms < 0 ? -1 : ms > 1e12 ? (int64_t)1e12 : (int64_t)ceil(ms));
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &callback_error) != LUA_TNIL) {
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &callback_error);
    return lua_error(L);
  }
  lua_settop(L, 0);
  lua_newtable(L); /* list */
  struct completion **held = lua_touserdata(L, lua_upvalueindex(1));
  release(held); /* what could not be pushed the last time */
  for (lua_Integer n = 1; (*held = loop_take()); n++) {
    (*held)->kind->push(L, *held); /* list completion */
    lua_pushinteger(L, (lua_Integer)(*held)->id);
    lua_setfield(L, -2, "id");
    lua_seti(L, 1, n);
    release(held);
  }
  lua_settop(L, 1);
  return 1;
}

/* now() -> seconds of a clock that never jumps */
static int now(lua_State *L) {
  lua_pushnumber(L, (lua_Number)uv_hrtime() / 1e9);
  return 1;
}

/* time() -> seconds since 1970 */
static int wall_time(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
  return 1;
}

/* busy() -> number of requests, jobs and the like that are under way */
static int busy(lua_State *L) {
  lua_pushinteger(L, loop_busy());
  return 1;
}

/* alive() -> whether waiting without a limit could ever return */
static int alive(lua_State *L) {
  lua_pushboolean(L, loop_alive());
  return 1;
}

/* handles() -> number of open handles, for leak checks */
static int handles(lua_State *L) {
  lua_pushinteger(L, loop_handles());
  return 1;
}

static const luaL_Reg functions[] = {
  {"wait", wait},   {"now", now},     {"time", wall_time}, {"busy", busy},
  {"alive", alive}, {"handles", handles}, {NULL, NULL},
};

int luaopen_host_loop(lua_State *L) {
  luaL_newlibtable(L, functions);
  cso_new_scratch(L, sizeof(struct completion *), "host.loop holder", holder_gc); /* lib holder */
  luaL_setfuncs(L, functions, 1);
  return 1;
}

/* luv keeps the state it is opened in for its callbacks: that must be the main one, whichever
 * coroutine happens to require it first. */
int luaopen_luv_on_loop(lua_State *L);
int luaopen_luv_on_loop(lua_State *L) {
  luaL_requiref(L, "host.loop", luaopen_host_loop, 0);
  lua_pop(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_State *main = lua_tothread(L, -1);
  lua_pop(L, 1);
  luaL_checkstack(main, 8, "opening luv");
  luv_set_loop(main, loop_uv());
  luv_set_callback(main, call_luv);
  lua_pushcfunction(main, luaopen_luv);
  lua_call(main, 0, 1);
  if (main != L) lua_xmove(main, L, 1);
  return 1;
}
