/* posix.fcntl, posix.sys.stat, posix.dirent, posix.glob, posix.fnmatch, posix.libgen, posix.stdio */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind/posix/posix.h"

/* --- posix.fcntl ----------------------------------------------------------------------------- */

static int px_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int flags = posix_int(L, 2);
  return posix_result(L, open(path, flags, (mode_t)luaL_optinteger(L, 3, 0511)), path);
}

static short lock_field(lua_State *L, const char *name) {
  lua_getfield(L, 3, name);
  short value = (short)luaL_optinteger(L, -1, 0);
  lua_pop(L, 1);
  return value;
}

/* fcntl(fd, F_GETLK or F_SETLK or F_SETLKW, { l_type, l_whence, l_start, l_len }) or a number */
static int px_fcntl(lua_State *L) {
  int fd = posix_int(L, 1), command = posix_int(L, 2);
  if (command != F_GETLK && command != F_SETLK && command != F_SETLKW)
    return posix_result(L, fcntl(fd, command, posix_opt_int(L, 3, 0)), "fcntl");
  luaL_checktype(L, 3, LUA_TTABLE);
  struct flock lock = {.l_type = lock_field(L, "l_type"), .l_whence = lock_field(L, "l_whence")};
  lua_getfield(L, 3, "l_start");
  lock.l_start = (off_t)luaL_optinteger(L, -1, 0);
  lua_getfield(L, 3, "l_len");
  lock.l_len = (off_t)luaL_optinteger(L, -1, 0);
  int result = fcntl(fd, command, &lock);
  if (command == F_GETLK && result != -1) {
    lua_pushvalue(L, 3);
    posix_set(L, "l_type", lock.l_type);
    posix_set(L, "l_whence", lock.l_whence);
    posix_set(L, "l_start", lock.l_start);
    posix_set(L, "l_len", lock.l_len);
    posix_set(L, "l_pid", lock.l_pid);
  }
  return posix_result(L, result, "fcntl");
}

static const luaL_Reg fcntl_functions[] = {{"open", px_open}, {"fcntl", px_fcntl}, {NULL, NULL}};
static const struct posix_constant fcntl_constants[] = {
  POSIX_CONSTANT(AT_FDCWD), POSIX_CONSTANT(FD_CLOEXEC), POSIX_CONSTANT(F_DUPFD),
  POSIX_CONSTANT(F_GETFD), POSIX_CONSTANT(F_SETFD), POSIX_CONSTANT(F_GETFL),
  POSIX_CONSTANT(F_SETFL), POSIX_CONSTANT(F_GETLK), POSIX_CONSTANT(F_SETLK),
  POSIX_CONSTANT(F_SETLKW), POSIX_CONSTANT(F_GETOWN), POSIX_CONSTANT(F_SETOWN),
  POSIX_CONSTANT(F_RDLCK), POSIX_CONSTANT(F_WRLCK), POSIX_CONSTANT(F_UNLCK),
  POSIX_CONSTANT(O_RDONLY), POSIX_CONSTANT(O_WRONLY), POSIX_CONSTANT(O_RDWR),
  POSIX_CONSTANT(O_APPEND), POSIX_CONSTANT(O_CREAT), POSIX_CONSTANT(O_DSYNC),
  POSIX_CONSTANT(O_EXCL), POSIX_CONSTANT(O_NOCTTY), POSIX_CONSTANT(O_NONBLOCK),
  POSIX_CONSTANT(O_RSYNC), POSIX_CONSTANT(O_SYNC), POSIX_CONSTANT(O_TRUNC),
  POSIX_CONSTANT(O_CLOEXEC), {NULL, 0},
};
int luaopen_posix_fcntl(lua_State *L) { return posix_module(L, fcntl_functions, fcntl_constants); }

/* --- posix.sys.stat -------------------------------------------------------------------------- */

static int push_stat(lua_State *L, int result, const struct stat *st, const char *path) {
  if (result != 0) return posix_error(L, path);
  lua_createtable(L, 0, 13);
  posix_set(L, "st_dev", (lua_Integer)st->st_dev);
  posix_set(L, "st_ino", (lua_Integer)st->st_ino);
  posix_set(L, "st_mode", st->st_mode);
  posix_set(L, "st_nlink", (lua_Integer)st->st_nlink);
  posix_set(L, "st_uid", st->st_uid);
  posix_set(L, "st_gid", st->st_gid);
  posix_set(L, "st_rdev", (lua_Integer)st->st_rdev);
  posix_set(L, "st_size", st->st_size);
  posix_set(L, "st_blksize", st->st_blksize);
  posix_set(L, "st_blocks", st->st_blocks);
  posix_set(L, "st_atime", st->st_atim.tv_sec);
  posix_set(L, "st_mtime", st->st_mtim.tv_sec);
  posix_set(L, "st_ctime", st->st_ctim.tv_sec);
  if (luaL_newmetatable(L, "PosixStat")) posix_set_string(L, "_type", "PosixStat");
  lua_setmetatable(L, -2);
  return 1;
}

static int px_stat(lua_State *L) {
  struct stat st;
  const char *path = luaL_checkstring(L, 1);
  return push_stat(L, stat(path, &st), &st, path);
}

static int px_lstat(lua_State *L) {
  struct stat st;
  const char *path = luaL_checkstring(L, 1);
  return push_stat(L, lstat(path, &st), &st, path);
}

static int px_fstat(lua_State *L) {
  struct stat st;
  return push_stat(L, fstat(posix_int(L, 1), &st), &st, NULL);
}

static int px_chmod(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return posix_result(L, chmod(path, (mode_t)posix_int(L, 2)), path);
}

static int px_mkdir(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return posix_result(L, mkdir(path, (mode_t)posix_opt_int(L, 2, 0777)), path);
}

static int px_mkfifo(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  return posix_result(L, mkfifo(path, (mode_t)posix_opt_int(L, 2, 0777)), path);
}

static int px_umask(lua_State *L) {
  mode_t before = umask((mode_t)posix_opt_int(L, 1, 0));
  if (lua_isnoneornil(L, 1)) umask(before); /* only asked for */
  lua_pushinteger(L, before);
  return 1;
}

#define TEST_MODE(name)                                \
  static int px_##name(lua_State *L) {                 \
    lua_pushinteger(L, name((mode_t)posix_int(L, 1))); \
    return 1;                                          \
  }
TEST_MODE(S_ISBLK)
TEST_MODE(S_ISCHR)
TEST_MODE(S_ISDIR)
TEST_MODE(S_ISFIFO)
TEST_MODE(S_ISLNK)
TEST_MODE(S_ISREG)
TEST_MODE(S_ISSOCK)

#define FUNCTION(name) {#name, px_##name}
static const luaL_Reg stat_functions[] = {
  FUNCTION(stat), FUNCTION(lstat), FUNCTION(fstat), FUNCTION(chmod), FUNCTION(mkdir),
  FUNCTION(mkfifo), FUNCTION(umask), FUNCTION(S_ISBLK), FUNCTION(S_ISCHR), FUNCTION(S_ISDIR),
  FUNCTION(S_ISFIFO), FUNCTION(S_ISLNK), FUNCTION(S_ISREG), FUNCTION(S_ISSOCK), {NULL, NULL},
};
static const struct posix_constant stat_constants[] = {
  POSIX_CONSTANT(S_IFMT), POSIX_CONSTANT(S_IFBLK), POSIX_CONSTANT(S_IFCHR),
  POSIX_CONSTANT(S_IFDIR), POSIX_CONSTANT(S_IFIFO), POSIX_CONSTANT(S_IFLNK),
  POSIX_CONSTANT(S_IFREG), POSIX_CONSTANT(S_IRWXU), POSIX_CONSTANT(S_IRUSR),
  POSIX_CONSTANT(S_IWUSR), POSIX_CONSTANT(S_IXUSR), POSIX_CONSTANT(S_IRWXG),
  POSIX_CONSTANT(S_IRGRP), POSIX_CONSTANT(S_IWGRP), POSIX_CONSTANT(S_IXGRP),
  POSIX_CONSTANT(S_IRWXO), POSIX_CONSTANT(S_IROTH), POSIX_CONSTANT(S_IWOTH),
  POSIX_CONSTANT(S_IXOTH), POSIX_CONSTANT(S_ISUID), POSIX_CONSTANT(S_ISGID),
  POSIX_CONSTANT(S_ISVTX), {NULL, 0},
};
int luaopen_posix_sys_stat(lua_State *L) { return posix_module(L, stat_functions, stat_constants); }

/* --- posix.dirent ---------------------------------------------------------------------------- */

static int directory_gc(lua_State *L) {
  DIR **d = lua_touserdata(L, 1);
  if (*d) closedir(*d);
  *d = NULL;
  return 0;
}

static DIR **open_directory(lua_State *L, const char *path) {
  DIR **d = lua_newuserdatauv(L, sizeof *d, 0);
  *d = NULL;
  if (luaL_newmetatable(L, "posix directory")) {
    lua_pushcfunction(L, directory_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  *d = opendir(path);
  return d;
}

/* dir([path]) -> list of names, as the system gives them */
static int px_dir(lua_State *L) {
  const char *path = luaL_optstring(L, 1, ".");
  DIR **d = open_directory(L, path);
  if (!*d) return posix_error(L, path);
  lua_newtable(L);
  lua_Integer n = 0;
  for (struct dirent *e; (e = readdir(*d));) {
    lua_pushstring(L, e->d_name);
    lua_rawseti(L, -2, ++n);
  }
  closedir(*d);
  *d = NULL;
  lua_pushinteger(L, n);
  return 2;
}

static int next_file(lua_State *L) {
  DIR **d = lua_touserdata(L, lua_upvalueindex(1));
  struct dirent *e = *d ? readdir(*d) : NULL;
  if (e) {
    lua_pushstring(L, e->d_name);
    return 1;
  }
  if (*d) closedir(*d);
  *d = NULL;
  return 0;
}

/* files([path]) -> iterator over names */
static int px_files(lua_State *L) {
  const char *path = luaL_optstring(L, 1, ".");
  DIR **d = open_directory(L, path);
  if (!*d) return luaL_argerror(L, 1, lua_pushfstring(L, "%s: %s", path, strerror(errno)));
  lua_pushcclosure(L, next_file, 1);
  return 1;
}

static const luaL_Reg dirent_functions[] = {FUNCTION(dir), FUNCTION(files), {NULL, NULL}};
int luaopen_posix_dirent(lua_State *L) { return posix_module(L, dirent_functions, NULL); }

/* --- posix.glob, posix.fnmatch, posix.libgen, posix.stdio ------------------------------------ */

static int px_glob(lua_State *L) {
  const char *pattern = luaL_optstring(L, 1, "**");
  glob_t found;
  int result = glob(pattern, posix_opt_int(L, 2, 0), NULL, &found);
  if (result != 0) {
    globfree(&found);
    errno = result == GLOB_NOMATCH ? ENOENT : result == GLOB_NOSPACE ? ENOMEM : EIO;
    return posix_error(L, pattern);
  }
  lua_createtable(L, (int)found.gl_pathc, 0);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    lua_pushstring(L, found.gl_pathv[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  globfree(&found);
  return 1;
}

static const luaL_Reg glob_functions[] = {FUNCTION(glob), {NULL, NULL}};
static const struct posix_constant glob_constants[] = {
  POSIX_CONSTANT(GLOB_MARK), POSIX_CONSTANT(GLOB_ERR), POSIX_CONSTANT(GLOB_NOCHECK), {NULL, 0},
};
int luaopen_posix_glob(lua_State *L) { return posix_module(L, glob_functions, glob_constants); }

static int px_fnmatch(lua_State *L) {
  const char *pattern = luaL_checkstring(L, 1), *text = luaL_checkstring(L, 2);
  lua_pushinteger(L, fnmatch(pattern, text, posix_opt_int(L, 3, 0)));
  return 1;
}

static const luaL_Reg fnmatch_functions[] = {FUNCTION(fnmatch), {NULL, NULL}};
static const struct posix_constant fnmatch_constants[] = {
  POSIX_CONSTANT(FNM_PATHNAME), POSIX_CONSTANT(FNM_NOESCAPE), POSIX_CONSTANT(FNM_NOMATCH),
  POSIX_CONSTANT(FNM_PERIOD), {NULL, 0},
};
int luaopen_posix_fnmatch(lua_State *L) {
  return posix_module(L, fnmatch_functions, fnmatch_constants);
}

/* basename and dirname write into what they are given. */
static int on_copy(lua_State *L, char *(*fn)(char *)) {
  size_t len;
  const char *path = luaL_checklstring(L, 1, &len);
  char *copy = lua_newuserdatauv(L, len + 2, 0);
  memcpy(copy, path, len + 1);
  lua_pushstring(L, fn(copy));
  return 1;
}

static int px_basename(lua_State *L) { return on_copy(L, __xpg_basename); }
static int px_dirname(lua_State *L) { return on_copy(L, dirname); }
static const luaL_Reg libgen_functions[] = {
  {"basename", px_basename}, {"dirname", px_dirname}, {NULL, NULL},
};
int luaopen_posix_libgen(lua_State *L) { return posix_module(L, libgen_functions, NULL); }

static int px_fileno(lua_State *L) {
  luaL_Stream *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  luaL_argcheck(L, file->closef, 1, "attempt to use a closed file");
  return posix_result(L, fileno(file->f), NULL);
}

static int px_rename(lua_State *L) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  return posix_result(L, rename(from, to), from);
}

static const luaL_Reg stdio_functions[] = {FUNCTION(fileno), FUNCTION(rename), {NULL, NULL}};
static const struct posix_constant stdio_constants[] = {
  POSIX_CONSTANT(BUFSIZ), POSIX_CONSTANT(EOF), POSIX_CONSTANT(FOPEN_MAX),
  POSIX_CONSTANT(FILENAME_MAX), {NULL, 0},
};
int luaopen_posix_stdio(lua_State *L) { return posix_module(L, stdio_functions, stdio_constants); }
