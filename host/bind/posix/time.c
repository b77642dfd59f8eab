/* posix.time, posix.sys.time, posix.poll */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "bind/posix/posix.h"

#define FUNCTION(name) {#name, px_##name}

/* --- posix.time ------------------------------------------------------------------------------ */

static const struct {
  const char *name;
  size_t offset;
} tm_fields[] = {
  {"tm_sec", offsetof(struct tm, tm_sec)},     {"tm_min", offsetof(struct tm, tm_min)},
  {"tm_hour", offsetof(struct tm, tm_hour)},   {"tm_mday", offsetof(struct tm, tm_mday)},
  {"tm_mon", offsetof(struct tm, tm_mon)},     {"tm_year", offsetof(struct tm, tm_year)},
  {"tm_wday", offsetof(struct tm, tm_wday)},   {"tm_yday", offsetof(struct tm, tm_yday)},
  {"tm_isdst", offsetof(struct tm, tm_isdst)},
};
enum { TM_FIELDS = sizeof tm_fields / sizeof tm_fields[0] };

static int push_tm(lua_State *L, const struct tm *t) {
  if (!t) return posix_error(L, NULL);
  lua_createtable(L, 0, TM_FIELDS);
  for (int i = 0; i < TM_FIELDS; i++)
    posix_set(L, tm_fields[i].name, *(const int *)((const char *)t + tm_fields[i].offset));
  return 1;
}

static void check_tm(lua_State *L, int arg, struct tm *t) {
  memset(t, 0, sizeof *t);
  luaL_checktype(L, arg, LUA_TTABLE);
  for (int i = 0; i < TM_FIELDS; i++) {
    lua_getfield(L, arg, tm_fields[i].name);
    *(int *)((char *)t + tm_fields[i].offset) = (int)luaL_optinteger(L, -1, 0);
    lua_pop(L, 1);
  }
}

static int push_timespec(lua_State *L, int result, const struct timespec *t) {
  if (result != 0) return posix_error(L, NULL);
  lua_createtable(L, 0, 2);
  posix_set(L, "tv_sec", t->tv_sec);
  posix_set(L, "tv_nsec", t->tv_nsec);
  return 1;
}

static int px_clock_gettime(lua_State *L) {
  struct timespec t;
  return push_timespec(L, clock_gettime((clockid_t)posix_int(L, 1), &t), &t);
}

static int px_clock_getres(lua_State *L) {
  struct timespec t;
  return push_timespec(L, clock_getres((clockid_t)posix_int(L, 1), &t), &t);
}

static int px_gmtime(lua_State *L) {
  time_t t = (time_t)luaL_checkinteger(L, 1);
  struct tm tm;
  return push_tm(L, gmtime_r(&t, &tm));
}

static int px_localtime(lua_State *L) {
  time_t t = (time_t)luaL_checkinteger(L, 1);
  struct tm tm;
  return push_tm(L, localtime_r(&t, &tm));
}

static int px_mktime(lua_State *L) {
  struct tm tm;
  check_tm(L, 1, &tm);
  time_t t = mktime(&tm);
  if (t == (time_t)-1) return 0;
  lua_pushinteger(L, t);
  return 1;
}

/* nanosleep{ tv_sec, tv_nsec } -> 0, or nil, message, errno, the rest */
static int px_nanosleep(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  struct timespec request, rest;
  lua_getfield(L, 1, "tv_sec");
  request.tv_sec = (time_t)luaL_optinteger(L, -1, 0);
  lua_getfield(L, 1, "tv_nsec");
  request.tv_nsec = (long)luaL_optinteger(L, -1, 0);
  if (nanosleep(&request, &rest) == 0) return posix_result(L, 0, NULL);
  int interrupted = errno == EINTR;
  int n = posix_error(L, "nanosleep");
  return interrupted ? n + push_timespec(L, 0, &rest) : n;
}

static int px_strftime(lua_State *L) {
  const char *format = luaL_checkstring(L, 1);
  struct tm tm;
  check_tm(L, 2, &tm);
  char text[1024];
  size_t n = strftime(text, sizeof text, format, &tm);
  if (n == 0 && format[0]) return 0;
  lua_pushlstring(L, text, n);
  return 1;
}

/* strptime(text, format) -> tm, index after what was read; nothing when it does not match */
static int px_strptime(lua_State *L) {
  const char *text = luaL_checkstring(L, 1), *format = luaL_checkstring(L, 2);
  struct tm tm = {0};
  const char *end = strptime(text, format, &tm);
  if (!end) return 0;
  push_tm(L, &tm);
  lua_pushinteger(L, end - text + 1);
  return 2;
}

static int px_time(lua_State *L) {
  return posix_result(L, time(NULL), "time");
}

static const luaL_Reg time_functions[] = {
  FUNCTION(clock_getres), FUNCTION(clock_gettime), FUNCTION(gmtime), FUNCTION(localtime),
  FUNCTION(mktime), FUNCTION(nanosleep), FUNCTION(strftime), FUNCTION(strptime), FUNCTION(time),
  {NULL, NULL},
};
static const struct posix_constant time_constants[] = {
  POSIX_CONSTANT(CLOCK_MONOTONIC), POSIX_CONSTANT(CLOCK_PROCESS_CPUTIME_ID),
  POSIX_CONSTANT(CLOCK_REALTIME), POSIX_CONSTANT(CLOCK_THREAD_CPUTIME_ID), {NULL, 0},
};
int luaopen_posix_time(lua_State *L) { return posix_module(L, time_functions, time_constants); }

/* --- posix.sys.time -------------------------------------------------------------------------- */

static int px_gettimeofday(lua_State *L) {
  struct timeval t;
  if (gettimeofday(&t, NULL) != 0) return posix_error(L, "gettimeofday");
  lua_createtable(L, 0, 2);
  posix_set(L, "tv_sec", t.tv_sec);
  posix_set(L, "tv_usec", t.tv_usec);
  return 1;
}

static const luaL_Reg sys_time_functions[] = {FUNCTION(gettimeofday), {NULL, NULL}};
int luaopen_posix_sys_time(lua_State *L) { return posix_module(L, sys_time_functions, NULL); }

/* --- posix.poll ------------------------------------------------------------------------------ */

static const struct {
  const char *name;
  short flag;
} events[] = {
  {"IN", POLLIN}, {"PRI", POLLPRI}, {"OUT", POLLOUT},
  {"ERR", POLLERR}, {"HUP", POLLHUP}, {"NVAL", POLLNVAL},
};
enum { EVENTS = sizeof events / sizeof events[0] };

static short check_events(lua_State *L) {
  short flags = 0;
  if (lua_getfield(L, -1, "events") == LUA_TTABLE) {
    for (int i = 0; i < EVENTS; i++) {
      lua_getfield(L, -1, events[i].name);
      if (lua_toboolean(L, -1)) flags = (short)(flags | events[i].flag);
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  return flags;
}

/* poll({ [fd] = { events = { IN = true } } }[, ms]) -> how many; sets each fd's revents */
static int px_poll(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int timeout = posix_opt_int(L, 2, -1);
  size_t n = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) n++;
  struct pollfd *list = lua_newuserdatauv(L, sizeof *list * (n + 1), 0);
  size_t i = 0;
  for (lua_pushnil(L); lua_next(L, 1) && i < n; lua_pop(L, 1)) {
    luaL_argcheck(L, lua_isinteger(L, -2) && lua_istable(L, -1), 1, "fd = table expected");
    list[i].fd = (int)lua_tointeger(L, -2);
    list[i].events = check_events(L);
    list[i++].revents = 0;
  }
  int ready = poll(list, (nfds_t)i, timeout);
  for (size_t k = 0; ready >= 0 && k < i; k++) {
    lua_geti(L, 1, list[k].fd);
    lua_createtable(L, 0, EVENTS);
    for (int e = 0; e < EVENTS; e++) {
      lua_pushboolean(L, list[k].revents & events[e].flag);
      lua_setfield(L, -2, events[e].name);
    }
    lua_setfield(L, -2, "revents");
    lua_pop(L, 1);
  }
  return posix_result(L, ready, NULL);
}

/* rpoll(fd, ms) -> 1 when it can be read, 0 when not in time */
static int px_rpoll(lua_State *L) {
  struct pollfd one = {.fd = posix_int(L, 1), .events = POLLIN};
  return posix_result(L, poll(&one, 1, posix_int(L, 2)), NULL);
}

static const luaL_Reg poll_functions[] = {FUNCTION(poll), FUNCTION(rpoll), {NULL, NULL}};
int luaopen_posix_poll(lua_State *L) { return posix_module(L, poll_functions, NULL); }
