/* host.fs: files that must not be half written, locks, and a look at what is there. */
#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind/box.h"
#include "bind/option.h"
#include "core/files.h"

static int done(lua_State *L, int error, const char *what, const char *path) {
  if (error) return cso_fail_errno(L, error, what, path);
  lua_pushboolean(L, 1);
  return 1;
}

static int buffer_gc(lua_State *L) {
  cso_buf_free(lua_touserdata(L, 1));
  return 0;
}

/* read(path[, max]) -> bytes | nil, err */
static int fs_read(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  lua_Integer max = luaL_optinteger(L, 2, 1 << 30);
  luaL_argcheck(L, max >= 0, 2, "must not be negative");
  cso_buf *b = cso_new_scratch(L, sizeof *b, "host.fs buffer", buffer_gc);
  int error = files_read(path, (size_t)max, b);
  if (error) return cso_fail_errno(L, error, "read", path);
  lua_pushlstring(L, b->data ? b->data : "", b->len);
  cso_buf_free(b);
  return 1;
}

/* write_atomic(path, data[, mode]) -> true | nil, err */
static int fs_write_atomic(lua_State *L) {
  size_t len;
  const char *path = luaL_checkstring(L, 1);
  const char *data = luaL_checklstring(L, 2, &len);
  mode_t mode = (mode_t)luaL_optinteger(L, 3, 0644);
  return done(L, files_write_atomic(path, data, len, mode), "write", path);
}

/* append_sync(path, data) -> true | nil, err */
static int fs_append_sync(lua_State *L) {
  size_t len;
  const char *path = luaL_checkstring(L, 1);
  const char *data = luaL_checklstring(L, 2, &len);
  return done(L, files_append_sync(path, data, len), "append to", path);
}

/* mkdir_p(path[, mode]) -> true | nil, err */
static int fs_mkdir_p(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return done(L, files_mkdir_p(path, (mode_t)luaL_optinteger(L, 2, 0755)), "create directory", path);
}

/* remove(path) -> true | nil, err: a file or an empty directory */
static int fs_remove(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int error = unlink(path) == 0 ? 0 : errno;
  if (error == EISDIR || error == EPERM) error = rmdir(path) == 0 ? 0 : errno;
  return done(L, error, "remove", path);
}

/* rename(from, to) -> true | nil, err: on disk when it returns */
static int fs_rename(lua_State *L) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  return done(L, files_rename(from, to), "rename", from);
}

static const char *type_name(mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "directory";
  if (S_ISLNK(mode)) return "link";
  return "other";
}

/* stat(path) -> { type, size, mode, mtime } | nil, err; follows links */
static int fs_stat(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct stat st;
  if (stat(path, &st) != 0) return cso_fail_errno(L, errno, "look at", path);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, type_name(st.st_mode));
  lua_setfield(L, -2, "type");
  lua_pushinteger(L, st.st_size);
  lua_setfield(L, -2, "size");
  lua_pushinteger(L, st.st_mode & 07777);
  lua_setfield(L, -2, "mode");
  lua_pushnumber(L, (lua_Number)st.st_mtim.tv_sec + (lua_Number)st.st_mtim.tv_nsec / 1e9);
  lua_setfield(L, -2, "mtime");
  return 1;
}

static int directory_gc(lua_State *L) {
  DIR **d = lua_touserdata(L, 1);
  if (*d) closedir(*d);
  *d = NULL;
  return 0;
}

/* list(path) -> sorted names, without "." and ".." | nil, err */
static int fs_list(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  DIR **d = cso_new_scratch(L, sizeof *d, "host.fs directory", directory_gc);
  *d = opendir(path);
  if (!*d) return cso_fail_errno(L, errno, "list", path);
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "sort");
  lua_newtable(L); /* … sort names */
  lua_Integer n = 0;
  for (struct dirent *e; (e = readdir(*d));) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    lua_pushstring(L, e->d_name);
    lua_rawseti(L, -2, ++n);
  }
  closedir(*d);
  *d = NULL;
  lua_pushvalue(L, -1);
  lua_insert(L, -3); /* … names sort names */
  lua_call(L, 1, 0);
  return 1;
}

/* real(path) -> the path without links and dots | nil, err */
static int fs_real(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char resolved[PATH_MAX];
  if (!realpath(path, resolved)) return cso_fail_errno(L, errno, "find", path);
  lua_pushstring(L, resolved);
  return 1;
}

/* exe_dir() -> directory of the running binary */
static int fs_exe_dir(lua_State *L) {
  char path[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n < 0) return cso_fail_errno(L, errno, "find", "the program's own file");
  path[n] = 0;
  char *slash = strrchr(path, '/');
  lua_pushlstring(L, path, slash ? (size_t)(slash - path) : 0);
  return 1;
}

static void lock_close(void *content) { close((int)(intptr_t)content - 1); }

static const luaL_Reg lock_methods[] = {{NULL, NULL}};
static const struct box_type lock_type = {"file lock", "closed file lock", lock_methods,
                                          lock_close};

/* lock(path) -> box | nil, { code = "locked", pid } */
static int fs_lock(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  void **box = box_new(L, &lock_type);
  int fd;
  long holder;
  int error = files_lock(path, &fd, &holder);
  if (error == EWOULDBLOCK) {
    cso_fail(L, "locked", "%s is locked by another process", path);
    if (holder) {
      lua_pushinteger(L, holder);
      lua_setfield(L, -2, "pid");
    }
    return 2;
  }
  if (error) return cso_fail_errno(L, error, "lock", path);
  box_fill(box, (void *)(intptr_t)(fd + 1)); /* + 1: descriptor 0 is no NULL */
  return 1;
}

static const luaL_Reg functions[] = {
  {"read", fs_read},     {"write_atomic", fs_write_atomic}, {"append_sync", fs_append_sync},
  {"mkdir_p", fs_mkdir_p}, {"remove", fs_remove},           {"rename", fs_rename},
  {"stat", fs_stat},     {"list", fs_list},                 {"real", fs_real},
  {"exe_dir", fs_exe_dir}, {"lock", fs_lock},               {NULL, NULL},
};

int luaopen_host_fs(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
