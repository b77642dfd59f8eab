/* posix.unistd */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind/posix/posix.h"

/* Functions of one shape each. */
#define GET_ID(name)                       \
  static int px_##name(lua_State *L) {     \
    lua_pushinteger(L, (lua_Integer)name()); \
    return 1;                              \
  }
#define ON_PATH(name)                                        \
  static int px_##name(lua_State *L) {                       \
    const char *path = luaL_checkstring(L, 1);               \
    return posix_result(L, name(path), path);                \
  }
#define ON_FD(name)                                          \
  static int px_##name(lua_State *L) {                       \
    return posix_result(L, name(posix_int(L, 1)), NULL);     \
  }

GET_ID(getegid)
GET_ID(geteuid)
GET_ID(getgid)
GET_ID(gethostid)
GET_ID(getpgrp)
GET_ID(getpid)
GET_ID(getppid)
GET_ID(getuid)
ON_PATH(chdir)
ON_PATH(rmdir)
ON_PATH(unlink)
ON_FD(close)
ON_FD(dup)
ON_FD(fdatasync)
ON_FD(fsync)
ON_FD(nice)
ON_FD(tcgetpgrp)

static int px_access(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int mode = F_OK;
  for (const char *s = luaL_optstring(L, 2, "f"); *s; s++) {
    if (*s == 'r') mode |= R_OK;
    else if (*s == 'w') mode |= W_OK;
    else if (*s == 'x') mode |= X_OK;
    else if (*s != 'f' && *s != ' ') return luaL_argerror(L, 2, "invalid mode option");
  }
  return posix_result(L, access(path, mode), path);
}

static int px_alarm(lua_State *L) {
  lua_pushinteger(L, alarm((unsigned)posix_int(L, 1)));
  return 1;
}

static int px__exit(lua_State *L) { _exit(posix_int(L, 1)); }

/* A user or group by number; nil or -1 leaves it. */
static int px_chown(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return posix_result(
      L, chown(path, (uid_t)luaL_optinteger(L, 2, -1), (gid_t)luaL_optinteger(L, 3, -1)), path);
}

static int px_dup2(lua_State *L) {
  return posix_result(L, dup2(posix_int(L, 1), posix_int(L, 2)), NULL);
}

/* exec(path, argt): argt[0] is the program's own name; by default it is the path. */
static int run_exec(lua_State *L, int (*exec)(const char *, char *const[])) {
  const char *path = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  int n = (int)luaL_len(L, 2);
  char **argv = lua_newuserdatauv(L, sizeof *argv * (size_t)(n + 2), 0);
  argv[0] = (char *)path;
  luaL_checkstack(L, n + 4, "too many arguments");
  if (lua_geti(L, 2, 0) == LUA_TSTRING) argv[0] = (char *)lua_tostring(L, -1);
  for (int i = 1; i <= n; i++) {
    lua_geti(L, 2, i);
    argv[i] = (char *)luaL_checkstring(L, -1); /* stays on the stack: exec reads it */
  }
  argv[n + 1] = NULL;
  exec(path, argv);
  return posix_error(L, path);
}

static int px_exec(lua_State *L) { return run_exec(L, execv); }
static int px_execp(lua_State *L) { return run_exec(L, execvp); }
static int px_fork(lua_State *L) { return posix_result(L, fork(), NULL); }

static int px_ftruncate(lua_State *L) {
  return posix_result(L, ftruncate(posix_int(L, 1), luaL_checkinteger(L, 2)), NULL);
}

static int px_truncate(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return posix_result(L, truncate(path, luaL_checkinteger(L, 2)), path);
}

static int px_getcwd(lua_State *L) {
  char *path = getcwd(NULL, 0);
  if (!path) return posix_error(L, ".");
  lua_pushstring(L, path);
  free(path);
  return 1;
}

static int px_getgroups(lua_State *L) {
  gid_t list[256];
  int n = getgroups(256, list);
  if (n < 0) return posix_error(L, NULL);
  lua_createtable(L, n, 0);
  for (int i = 0; i < n; i++) {
    lua_pushinteger(L, list[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int px_isatty(lua_State *L) {
  return posix_result(L, isatty(posix_int(L, 1)) ? 1 : -1, "isatty");
}

static int px_link(lua_State *L) {
  const char *target = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  int soft = lua_toboolean(L, 3);
  return posix_result(L, (soft ? symlink : link)(target, path), NULL);
}

static int px_lseek(lua_State *L) {
  return posix_result(L, lseek(posix_int(L, 1), luaL_checkinteger(L, 2), posix_int(L, 3)), NULL);
}

static int px_pipe(lua_State *L) {
  int fd[2];
  if (pipe(fd) != 0) return posix_error(L, NULL);
  lua_pushinteger(L, fd[0]);
  lua_pushinteger(L, fd[1]);
  return 2;
}

static int px_read(lua_State *L) {
  int fd = posix_int(L, 1);
  lua_Integer count = luaL_checkinteger(L, 2);
  luaL_argcheck(L, count >= 0, 2, "must not be negative");
  luaL_Buffer b;
  char *to = luaL_buffinitsize(L, &b, (size_t)count);
  ssize_t n = read(fd, to, (size_t)count);
  if (n < 0) return posix_error(L, NULL);
  luaL_pushresultsize(&b, (size_t)n);
  return 1;
}

/* write(fd, data[, count[, offset]]) -> bytes written */
static int px_write(lua_State *L) {
  int fd = posix_int(L, 1);
  size_t len;
  const char *data = luaL_checklstring(L, 2, &len);
  lua_Integer offset = luaL_optinteger(L, 4, 0);
  luaL_argcheck(L, offset >= 0 && (size_t)offset <= len, 4, "out of bounds");
  lua_Integer count = luaL_optinteger(L, 3, (lua_Integer)len - offset);
  luaL_argcheck(L, count >= 0 && (size_t)(offset + count) <= len, 3, "out of bounds");
  return posix_result(L, write(fd, data + offset, (size_t)count), NULL);
}

static int px_readlink(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char target[4096];
  ssize_t n = readlink(path, target, sizeof target);
  if (n < 0) return posix_error(L, path);
  lua_pushlstring(L, target, (size_t)n);
  return 1;
}

/* setpid(what, id[, gid]): "u" uid, "U" euid, "g" gid, "G" egid, "s" session, "p" group (id, id) */
static int px_setpid(lua_State *L) {
  const char *what = luaL_checkstring(L, 1);
  int id = *what == 's' ? 0 : posix_int(L, 2);
  switch (*what) {
    case 'u': return posix_result(L, setuid((uid_t)id), NULL);
    case 'U': return posix_result(L, seteuid((uid_t)id), NULL);
    case 'g': return posix_result(L, setgid((gid_t)id), NULL);
    case 'G': return posix_result(L, setegid((gid_t)id), NULL);
    case 's': return posix_result(L, setsid(), NULL);
    case 'p': return posix_result(L, setpgid(id, posix_int(L, 3)), NULL);
    default: return luaL_argerror(L, 1, "bad id option");
  }
}

static int px_sleep(lua_State *L) {
  lua_pushinteger(L, sleep((unsigned)posix_int(L, 1)));
  return 1;
}

static int px_sync(lua_State *L) {
  (void)L;
  sync();
  return 0;
}

static int px_sysconf(lua_State *L) {
  return posix_result(L, sysconf(posix_int(L, 1)), "sysconf");
}

static int px_pathconf(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return posix_result(L, pathconf(path, posix_int(L, 2)), path);
}

static int px_tcsetpgrp(lua_State *L) {
  return posix_result(L, tcsetpgrp(posix_int(L, 1), posix_int(L, 2)), NULL);
}

static int px_ttyname(lua_State *L) {
  const char *name = ttyname(posix_opt_int(L, 1, 0));
  if (!name) return posix_error(L, "not a tty");
  lua_pushstring(L, name);
  return 1;
}

#define FUNCTION(name) {#name, px_##name}
static const luaL_Reg functions[] = {
  FUNCTION(_exit),     FUNCTION(access),    FUNCTION(alarm),     FUNCTION(chdir),
  FUNCTION(chown),     FUNCTION(close),     FUNCTION(dup),       FUNCTION(dup2),
  FUNCTION(exec),      FUNCTION(execp),     FUNCTION(fdatasync), FUNCTION(fork),
  FUNCTION(fsync),     FUNCTION(ftruncate), FUNCTION(getcwd),    FUNCTION(getegid),
  FUNCTION(geteuid),   FUNCTION(getgid),    FUNCTION(getgroups), FUNCTION(gethostid),
  FUNCTION(getpgrp),   FUNCTION(getpid),    FUNCTION(getppid),   FUNCTION(getuid),
  FUNCTION(isatty),    FUNCTION(link),      FUNCTION(lseek),     FUNCTION(nice),
  FUNCTION(pathconf),  FUNCTION(pipe),      FUNCTION(read),      FUNCTION(readlink),
  FUNCTION(rmdir),     FUNCTION(setpid),    FUNCTION(sleep),     FUNCTION(sync),
  FUNCTION(sysconf),   FUNCTION(tcgetpgrp), FUNCTION(tcsetpgrp), FUNCTION(truncate),
  FUNCTION(ttyname),   FUNCTION(unlink),    FUNCTION(write),     {NULL, NULL},
};

static const struct posix_constant constants[] = {
  POSIX_CONSTANT(F_OK), POSIX_CONSTANT(R_OK), POSIX_CONSTANT(W_OK), POSIX_CONSTANT(X_OK),
  POSIX_CONSTANT(SEEK_SET), POSIX_CONSTANT(SEEK_CUR), POSIX_CONSTANT(SEEK_END),
  POSIX_CONSTANT(STDIN_FILENO), POSIX_CONSTANT(STDOUT_FILENO), POSIX_CONSTANT(STDERR_FILENO),
  POSIX_CONSTANT(_PC_LINK_MAX), POSIX_CONSTANT(_PC_NAME_MAX), POSIX_CONSTANT(_PC_PATH_MAX),
  POSIX_CONSTANT(_PC_PIPE_BUF), POSIX_CONSTANT(_SC_ARG_MAX), POSIX_CONSTANT(_SC_CHILD_MAX),
  POSIX_CONSTANT(_SC_CLK_TCK), POSIX_CONSTANT(_SC_NGROUPS_MAX), POSIX_CONSTANT(_SC_NPROCESSORS_ONLN),
  POSIX_CONSTANT(_SC_OPEN_MAX), POSIX_CONSTANT(_SC_PAGESIZE), {NULL, 0},
};

int luaopen_posix_unistd(lua_State *L) { return posix_module(L, functions, constants); }
