/* The stock interpreter's command line (-e, -l, -i is not offered, -v, -W, -E, -, script, args)
 * on a state that has every host module: busted, luacheck and profilers run on it. */
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

static int usage(const char *bad) {
  fprintf(stderr,
          "csorun-lua: unrecognized option '%s'\n"
          "usage: csorun-lua [-e chunk] [-l module] [-v] [-W] [-E] [--] [script [args]]\n",
          bad);
  return 1;
}

/* Reports the failure, if it is one, and says whether all is well. */
static int ok(lua_State *L, int status) {
  if (status != LUA_OK) state_report(L, "csorun-lua");
  return status == LUA_OK;
}

static int do_chunk(lua_State *L, const char *chunk) {
  int status = luaL_loadbuffer(L, chunk, strlen(chunk), "=(command line)");
  if (status == LUA_OK) status = state_call(L, 0, 0);
  return ok(L, status);
}

/* -l mod or -l global=mod */
static int do_library(lua_State *L, const char *spec) {
  const char *equals = strchr(spec, '=');
  const char *module = equals ? equals + 1 : spec;
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  int status = state_call(L, 1, 1);
  if (status == LUA_OK) {
    if (equals)
      lua_pushlstring(L, spec, (size_t)(equals - spec));
    else
      lua_pushstring(L, module);
    lua_insert(L, -2);
    lua_pushglobaltable(L);
    lua_insert(L, -3);
    lua_settable(L, -3);
    lua_pop(L, 1);
  }
  return ok(L, status);
}

static int do_script(lua_State *L, int argc, char **argv, int script) {
  const char *file = strcmp(argv[script], "-") == 0 ? NULL : argv[script];
  int status = luaL_loadfile(L, file);
  if (status == LUA_OK) {
    int n = argc - script - 1;
    luaL_checkstack(L, n + 4, "too many arguments");
    for (int i = script + 1; i < argc; i++) lua_pushstring(L, argv[i]);
    status = state_call(L, n, 0);
  }
  return ok(L, status);
}

/* Index of the first argument that is no option (argc when there is none), -1 on a bad one. */
static int find_script(int argc, char **argv) {
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; i++) {
    const char *a = argv[i];
    if (strcmp(a, "-") == 0) return i;
    if (strcmp(a, "--") == 0) return i + 1;
    if (strchr("vWE", a[1]) && !a[2]) continue;
    if ((a[1] == 'e' || a[1] == 'l') && a[1]) {
      if (!a[2] && ++i >= argc) return -1;
      continue;
    }
    return -i;
  }
  return i;
}

int interpreter_main(lua_State *L, int argc, char **argv) {
  int script = find_script(argc, argv);
  if (script < 0) return usage(argv[-script < argc ? -script : argc - 1]);
  state_set_arg(L, argc, argv, script < argc ? script : 0);
  for (int i = 1; i < script && i < argc; i++) {
    const char *a = argv[i];
    const char *value = a[1] && a[2] ? a + 2 : argv[i + 1];
    if (strcmp(a, "--") == 0) break;
    if (a[1] == 'v') puts(LUA_RELEASE " (csorun " CSORUN_VERSION ")");
    if (a[1] == 'W') lua_warning(L, "@on", 0);
    if (a[1] == 'e' && !do_chunk(L, value)) return 1;
    if (a[1] == 'l' && !do_library(L, value)) return 1;
    if ((a[1] == 'e' || a[1] == 'l') && !a[2]) i++;
  }
  if (script < argc) return do_script(L, argc, argv, script) ? 0 : 1;
  return 0;
}
