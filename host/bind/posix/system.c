/* posix.stdlib, posix.pwd, posix.grp, posix.sys.utsname, posix.sys.resource, posix.errno */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bind/posix/posix.h"

extern char **environ;

/* --- posix.stdlib ---------------------------------------------------------------------------- */

static int px_getenv(lua_State *L) {
  if (!lua_isnoneornil(L, 1)) {
    lua_pushstring(L, getenv(luaL_checkstring(L, 1)));
    return 1;
  }
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

static int px_setenv(lua_State *L) {
  const char *name = luaL_checkstring(L, 1), *value = luaL_optstring(L, 2, NULL);
  int overwrite = lua_isnoneornil(L, 3) || lua_toboolean(L, 3);
  return posix_result(L, value ? setenv(name, value, overwrite) : unsetenv(name), NULL);
}

/* The template is written into: a copy of it in a userdata. */
static char *copy_template(lua_State *L, const char **given) {
  size_t len;
  *given = luaL_checklstring(L, 1, &len);
  char *copy = lua_newuserdatauv(L, len + 1, 0);
  memcpy(copy, *given, len + 1);
  return copy;
}

static int px_mkstemp(lua_State *L) {
  const char *given;
  char *path = copy_template(L, &given);
  int fd = mkstemp(path);
  if (fd == -1) return posix_error(L, given);
  lua_pushinteger(L, fd);
  lua_pushstring(L, path);
  return 2;
}

static int px_mkdtemp(lua_State *L) {
  const char *given;
  char *path = copy_template(L, &given);
  if (!mkdtemp(path)) return posix_error(L, given);
  lua_pushstring(L, path);
  return 1;
}

static int px_realpath(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char *real = realpath(path, NULL);
  if (!real) return posix_error(L, path);
  lua_pushstring(L, real);
  free(real);
  return 1;
}

static int px_abort(lua_State *L) {
  (void)L;
  abort();
}

#define FUNCTION(name) {#name, px_##name}
static const luaL_Reg stdlib_functions[] = {
  FUNCTION(abort), FUNCTION(getenv), FUNCTION(setenv), FUNCTION(mkstemp), FUNCTION(mkdtemp),
  FUNCTION(realpath), {NULL, NULL},
};
static const struct posix_constant stdlib_constants[] = {
  POSIX_CONSTANT(EXIT_FAILURE), POSIX_CONSTANT(EXIT_SUCCESS), {NULL, 0},
};
int luaopen_posix_stdlib(lua_State *L) {
  return posix_module(L, stdlib_functions, stdlib_constants);
}

/* --- posix.pwd, posix.grp -------------------------------------------------------------------- */

static int push_passwd(lua_State *L, const struct passwd *p) {
  if (!p) return errno ? posix_error(L, NULL) : 0;
  lua_createtable(L, 0, 7);
  posix_set_string(L, "pw_name", p->pw_name);
  posix_set_string(L, "pw_passwd", p->pw_passwd);
  posix_set(L, "pw_uid", p->pw_uid);
  posix_set(L, "pw_gid", p->pw_gid);
  posix_set_string(L, "pw_gecos", p->pw_gecos);
  posix_set_string(L, "pw_dir", p->pw_dir);
  posix_set_string(L, "pw_shell", p->pw_shell);
  return 1;
}

static int px_getpwnam(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  errno = 0;
  return push_passwd(L, getpwnam(name));
}

static int px_getpwuid(lua_State *L) {
  uid_t uid = (uid_t)luaL_checkinteger(L, 1);
  errno = 0;
  return push_passwd(L, getpwuid(uid));
}

static int px_getpwent(lua_State *L) {
  errno = 0;
  return push_passwd(L, getpwent());
}

static int px_setpwent(lua_State *L) {
  (void)L;
  setpwent();
  return 0;
}

static int px_endpwent(lua_State *L) {
  (void)L;
  endpwent();
  return 0;
}

static const luaL_Reg pwd_functions[] = {
  FUNCTION(getpwnam), FUNCTION(getpwuid), FUNCTION(getpwent), FUNCTION(setpwent),
  FUNCTION(endpwent), {NULL, NULL},
};
int luaopen_posix_pwd(lua_State *L) { return posix_module(L, pwd_functions, NULL); }

static int push_group(lua_State *L, const struct group *g) {
  if (!g) return errno ? posix_error(L, NULL) : 0;
  lua_createtable(L, 0, 4);
  posix_set_string(L, "gr_name", g->gr_name);
  posix_set_string(L, "gr_passwd", g->gr_passwd);
  posix_set(L, "gr_gid", g->gr_gid);
  lua_newtable(L);
  for (int i = 0; g->gr_mem[i]; i++) {
    lua_pushstring(L, g->gr_mem[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "gr_mem");
  return 1;
}

static int px_getgrnam(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  errno = 0;
  return push_group(L, getgrnam(name));
}

static int px_getgrgid(lua_State *L) {
  gid_t gid = (gid_t)luaL_checkinteger(L, 1);
  errno = 0;
  return push_group(L, getgrgid(gid));
}

static int px_getgrent(lua_State *L) {
  errno = 0;
  return push_group(L, getgrent());
}

static int px_setgrent(lua_State *L) {
  (void)L;
  setgrent();
  return 0;
}

static int px_endgrent(lua_State *L) {
  (void)L;
  endgrent();
  return 0;
}

static const luaL_Reg grp_functions[] = {
  FUNCTION(getgrnam), FUNCTION(getgrgid), FUNCTION(getgrent), FUNCTION(setgrent),
  FUNCTION(endgrent), {NULL, NULL},
};
int luaopen_posix_grp(lua_State *L) { return posix_module(L, grp_functions, NULL); }

/* --- posix.sys.utsname, posix.sys.resource --------------------------------------------------- */

static int px_uname(lua_State *L) {
  struct utsname u;
  if (uname(&u) == -1) return posix_error(L, NULL);
  lua_createtable(L, 0, 5);
  posix_set_string(L, "machine", u.machine);
  posix_set_string(L, "nodename", u.nodename);
  posix_set_string(L, "release", u.release);
  posix_set_string(L, "sysname", u.sysname);
  posix_set_string(L, "version", u.version);
  return 1;
}

static const luaL_Reg utsname_functions[] = {FUNCTION(uname), {NULL, NULL}};
int luaopen_posix_sys_utsname(lua_State *L) { return posix_module(L, utsname_functions, NULL); }

static int px_getrlimit(lua_State *L) {
  struct rlimit limit;
  if (getrlimit((__rlimit_resource_t)posix_int(L, 1), &limit) != 0) return posix_error(L, NULL);
  lua_createtable(L, 0, 2);
  posix_set(L, "rlim_cur", (lua_Integer)limit.rlim_cur);
  posix_set(L, "rlim_max", (lua_Integer)limit.rlim_max);
  return 1;
}

static int px_setrlimit(lua_State *L) {
  luaL_checktype(L, 2, LUA_TTABLE);
  struct rlimit limit;
  lua_getfield(L, 2, "rlim_cur");
  limit.rlim_cur = (rlim_t)luaL_checkinteger(L, -1);
  lua_getfield(L, 2, "rlim_max");
  limit.rlim_max = (rlim_t)luaL_checkinteger(L, -1);
  return posix_result(L, setrlimit((__rlimit_resource_t)posix_int(L, 1), &limit), NULL);
}

static const luaL_Reg resource_functions[] = {
  FUNCTION(getrlimit), FUNCTION(setrlimit), {NULL, NULL},
};
static const struct posix_constant resource_constants[] = {
  POSIX_CONSTANT(RLIMIT_CORE), POSIX_CONSTANT(RLIMIT_CPU), POSIX_CONSTANT(RLIMIT_DATA),
  POSIX_CONSTANT(RLIMIT_FSIZE), POSIX_CONSTANT(RLIMIT_NOFILE), POSIX_CONSTANT(RLIMIT_STACK),
  POSIX_CONSTANT(RLIMIT_AS), {"RLIM_INFINITY", (lua_Integer)RLIM_INFINITY}, {NULL, 0},
};
int luaopen_posix_sys_resource(lua_State *L) {
  return posix_module(L, resource_functions, resource_constants);
}

/* --- posix.errno ----------------------------------------------------------------------------- */

/* errno([number]) -> message, number */
static int px_errno(lua_State *L) {
  int number = posix_opt_int(L, 1, errno);
  lua_pushstring(L, strerror(number));
  lua_pushinteger(L, number);
  return 2;
}

static int px_set_errno(lua_State *L) {
  errno = posix_int(L, 1);
  return 0;
}

int luaopen_posix_errno(lua_State *L) {
  static const luaL_Reg functions[] = {{"errno", px_errno}, {"set_errno", px_set_errno}, {NULL, NULL}};
  posix_module(L, functions, NULL);
  /* The C library knows its own list; "E" is no error. */
  for (int i = 1; i < 256; i++) {
    const char *name = strerrorname_np(i);
    if (name) posix_set(L, name, i);
  }
  posix_set(L, "EWOULDBLOCK", EWOULDBLOCK);
  return 1;
}
