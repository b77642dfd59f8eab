#include "state.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind/posix/posix.h"
#include "core/pool.h"
#include "embedded.h"
#include "leave.h"

/* Module names become paths: a.b -> lua/a/b.lua, else lua/a/b/init.lua. */
static const char *const forms[] = {"%s.lua", "%s/init.lua"};

/* Loads DIR/<rel> under the name "@lua/<rel>", so that messages do not depend on where the tree
 * lies. Returns 1 with the chunk pushed, 0 when there is no such file; raises on a bad chunk. */
static int load_from(lua_State *L, const char *dir, const char *rel) {
  const char *path = lua_pushfstring(L, "%s/%s", dir, rel); /* path */
  FILE *f = fopen(path, "rb");
  if (!f) {
    lua_pop(L, 1);
    return 0;
  }
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  size_t n;
  do {
    char *p = luaL_prepbuffer(&b);
    n = fread(p, 1, LUAL_BUFFERSIZE, f);
    luaL_addsize(&b, n);
  } while (n > 0);
  fclose(f);
  luaL_pushresult(&b); /* path source */
  size_t size;
  const char *source = lua_tolstring(L, -1, &size);
  const char *name = lua_pushfstring(L, "@lua/%s", rel); /* path source name */
  if (luaL_loadbufferx(L, source, size, name, "t") != LUA_OK) lua_error(L);
  lua_insert(L, -4); /* chunk path source name */
  lua_pop(L, 3);
  return 1;
}

struct reading {
  const struct embedded *of;
  size_t at;
  char some[4096];
};

static const char *read_on(lua_State *L, void *ud, size_t *size) {
  struct reading *r = ud;
  size_t left = r->of->size - r->at;
  (void)L;
  *size = left < sizeof r->some ? left : sizeof r->some;
  embedded_read(r->of, r->at, r->some, *size);
  r->at += *size;
  return r->some;
}

static int load_embedded(lua_State *L, const char *rel) {
  const char *name = lua_pushfstring(L, "lua/%s", rel); /* name */
  const struct embedded *e = embedded_find(name);
  if (!e) {
    lua_pop(L, 1);
    return 0;
  }
  struct reading r = {.of = e};
  if (lua_load(L, read_on, &r, name, "b") != LUA_OK) lua_error(L);
  lua_remove(L, -2); /* chunk */
  return 1;
}

/* package.searchers entry: first $CSORUN_LUA, then what is in the binary. */
static int search(lua_State *L) {
  const char *module = luaL_checkstring(L, 1);
  const char *dir = getenv("CSORUN_LUA");
  const char *base = luaL_gsub(L, module, ".", "/");
  for (int from = 0; from < 2; from++) {
    if (from == 0 && !(dir && dir[0])) continue;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
      const char *rel = lua_pushfstring(L, forms[i], base);
      if (from == 0 ? load_from(L, dir, rel) : load_embedded(L, rel)) {
        lua_pushfstring(L, "lua/%s", rel);
        return 2;
      }
      lua_pop(L, 1);
    }
  }
  lua_pushfstring(L, "no file 'lua/%s.lua' in csorun", base);
  return 1;
}

/* The last searcher: what the host stands in for when nothing is installed. */
static int search_fallback(lua_State *L) {
  const char *module = luaL_checkstring(L, 1);
  if (strcmp(module, "posix") == 0) {
    lua_pushcfunction(L, luaopen_posix);
    return 1;
  }
  for (const luaL_Reg *m = posix_modules; m->name; m++) {
    if (strcmp(m->name, module) != 0) continue;
    lua_pushcfunction(L, m->func);
    return 1;
  }
  return 0;
}

/* Our searcher stands behind preload and before the path searchers, so that nothing on
 * LUA_PATH can take the place of a part of csorun. */
static void add_searchers(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers"); /* package searchers */
  lua_Integer n = luaL_len(L, -1);
  for (lua_Integer i = n; i >= 2; i--) {
    lua_geti(L, -1, i);
    lua_seti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search);
  lua_seti(L, -2, 2);
  lua_pushcfunction(L, search_fallback);
  lua_seti(L, -2, n + 2);
  lua_pop(L, 2);
}

static int open_all(lua_State *L) {
  leave_last(L);
  luaL_openlibs(L);
  modules_preload(L);
  add_searchers(L);
  return 0;
}

enum { GC_CREDIT_KB = 8 * 1024 };

static void *allocate(void *ud, void *block, size_t old, size_t size) {
  (void)ud;
  return cso_pool_resize(block, old, size);
}

/* What an error outside of any protected call ends with. */
static int panic(lua_State *L) {
  const char *message = lua_tostring(L, -1);
  fprintf(stderr, "csorun: %s, and nobody caught it\n", message ? message : "an error that is no text");
  return 0; /* abort */
}

/* warn() as the stock interpreter has it: silent until "@on". */
static void on_warning(void *ud, const char *message, int to_continue) {
  static int on, going_on;
  (void)ud;
  if (!going_on && !to_continue && message[0] == '@') {
    if (strcmp(message, "@on") == 0) on = 1;
    if (strcmp(message, "@off") == 0) on = 0;
    return;
  }
  if (on) fprintf(stderr, "%s%s%s", going_on ? "" : "Lua warning: ", message, to_continue ? "" : "\n");
  going_on = to_continue;
}

lua_State *state_new(void) {
  lua_State *L = lua_newstate(allocate, NULL);
  if (!L) return NULL;
  lua_atpanic(L, panic);
  lua_setwarnf(L, on_warning, NULL);
  lua_gc(L, LUA_GCGEN, 0, 0);
  /* A negative step is a credit: nothing is collected before so much has been allocated. What a
   * short command loads is all alive, and looking at it again and again is a tenth of its time. */
  lua_gc(L, LUA_GCSTEP, -GC_CREDIT_KB);
  lua_pushcfunction(L, open_all);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
    state_report(L, "csorun");
    lua_close(L);
    return NULL;
  }
  return L;
}

/* Only plain strings get a traceback: error tables carry what the reader needs. */
static int add_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  if (message && lua_type(L, 1) == LUA_TSTRING) luaL_traceback(L, L, message, 1);
  return 1;
}

int state_call(lua_State *L, int nargs, int nresults) {
  int base = lua_gettop(L) - nargs;
  lua_pushcfunction(L, add_traceback);
  lua_insert(L, base);
  int status = lua_pcall(L, nargs, nresults, base);
  lua_remove(L, base);
  return status;
}

void state_report(lua_State *L, const char *program) {
  const char *message = luaL_tolstring(L, -1, NULL);
  fprintf(stderr, "%s: %s\n", program, message);
  lua_pop(L, 2);
}

void state_set_arg(lua_State *L, int argc, char **argv, int script) {
  lua_createtable(L, argc - script, script + 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - script);
  }
  lua_setglobal(L, "arg");
}
