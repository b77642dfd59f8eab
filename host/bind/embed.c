/* host.embed: the files that are inside the binary, overlaid by $CSORUN_LUA. */
#include <dirent.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded.h"
#include "state.h"

/* Adds the names of DIR/rel's files to the set at index 1 (name -> true), recursively. */
static void add_directory(lua_State *L, const char *dir, const char *rel, int depth) {
  const char *path = lua_pushfstring(L, "%s/%s", dir, rel);
  DIR *d = opendir(path);
  lua_pop(L, 1);
  if (!d) return;
  lua_newtable(L); /* names: closed before anything that can raise for long */
  int n = 0;
  for (struct dirent *e; (e = readdir(d));) {
    if (e->d_name[0] == '.') continue;
    lua_pushstring(L, e->d_name);
    lua_pushboolean(L, e->d_type == DT_DIR);
    lua_rawseti(L, -3, n + 2);
    lua_rawseti(L, -2, n + 1);
    n += 2;
  }
  closedir(d);
  for (int i = 1; i <= n; i += 2) {
    lua_rawgeti(L, -1, i);
    const char *name = lua_pushfstring(L, "%s%s", rel, lua_tostring(L, -1));
    lua_rawgeti(L, -3, i + 1);
    int is_dir = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (is_dir && depth < 16) {
      add_directory(L, dir, lua_pushfstring(L, "%s/", name), depth + 1);
      lua_pop(L, 1);
    } else {
      lua_pushfstring(L, "lua/%s", name);
      lua_pushboolean(L, 1);
      lua_rawset(L, 1);
    }
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
}

/* list(prefix) -> set of names that begin with it: { ["lua/cso/cmd/plan.lua"] = true, … } */
static int list(lua_State *L) {
  size_t n;
  const char *prefix = luaL_checklstring(L, 1, &n);
  lua_settop(L, 1);
  lua_newtable(L);
  lua_insert(L, 1); /* set prefix */
  for (size_t i = 0; i < csorun_embedded_count; i++) {
    if (strncmp(csorun_embedded[i].name, prefix, n) != 0) continue;
    lua_pushstring(L, csorun_embedded[i].name);
    lua_pushboolean(L, 1);
    lua_rawset(L, 1);
  }
  const char *dir = getenv("CSORUN_LUA");
  if (dir && dir[0] && strncmp(prefix, "lua/", 4) == 0) {
    const char *slash = strrchr(prefix + 3, '/');
    const char *rel = lua_pushlstring(L, prefix + 4, (size_t)(slash - prefix) < 4 ? 0 : (size_t)(slash - prefix - 3));
    add_directory(L, dir, rel, 0);
    lua_pop(L, 1);
  }
  lua_settop(L, 1);
  return 1;
}

/* read(name) -> the file's bytes, or nil. Lua sources are kept compiled: use require for those. */
static int read(lua_State *L) {
  const struct embedded *e = embedded_find(luaL_checkstring(L, 1));
  if (!e) return 0;
  luaL_Buffer b;
  embedded_read(e, 0, luaL_buffinitsize(L, &b, e->size), e->size);
  luaL_pushresultsize(&b, e->size);
  return 1;
}

static const luaL_Reg functions[] = {
  {"list", list},
  {"read", read},
  {NULL, NULL},
};

int luaopen_host_embed(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
