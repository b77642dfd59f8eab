/* One libFuzzer binary for every parser, C's and Lua's: the whole host without its main. FUZZ_TARGET
 * names a file of tools/fuzz/target, which gives a function of the input; what it raises is a find.
 *
 * libFuzzer sees the C code by instrumentation and the Lua code by a line hook that counts the steps
 * from one line to the next in its extra counters: inputs that reach new Lua lines are kept too. */
#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/http_parse.h"
#include "state.h"

enum { COUNTERS = 1 << 15, MOST_LINES = 50 * 1000 * 1000 };

__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static uint32_t last_line;
static uint64_t lines;

static void on_line(lua_State *L, lua_Debug *ar) {
  lua_getinfo(L, "Sl", ar);
  uint32_t here = ((uint32_t)(uintptr_t)ar->source >> 4) * 2654435761u ^ (uint32_t)ar->currentline * 40503u;
  here ^= here >> 15;
  uint8_t *counter = &counters[(here ^ last_line) % COUNTERS];
  if (*counter < 255) ++*counter;
  last_line = here >> 1;
  if (++lines > MOST_LINES) luaL_error(L, "this input takes more than %d lines of Lua", MOST_LINES);
}

/* One way to read requests, for all ways of cutting them: in one piece and in two. */
static int http_requests(lua_State *L) {
  size_t len, used = 0, again_used = 0;
  const char *text = luaL_checklstring(L, 1, &len);
  struct http_request_head head, again;
  enum parse_result whole = http_parse_head(text, len, 65536, &head, &used);
  for (size_t cut = 0; whole == PARSE_DONE && cut < used; cut += 1 + used / 8) {
    enum parse_result part = http_parse_head(text, cut, 65536, &again, &again_used);
    if (part == PARSE_DONE) luaL_error(L, "a head is whole before its end");
    http_head_free(&again);
    if (part == PARSE_BAD) luaL_error(L, "a good head is bad when it is cut");
  }
  size_t at = whole == PARSE_DONE ? used : 0;
  http_head_free(&head);
  cso_buf one = {0}, many = {0};
  struct chunk_reader reader = {0}, slow = {0};
  enum parse_result result = http_parse_chunks(&reader, text + at, len - at, &one, 1 << 20, &used);
  enum parse_result bytewise = PARSE_MORE;
  size_t i = at;
  for (; i < len && bytewise == PARSE_MORE; i++)
    bytewise = http_parse_chunks(&slow, text + i, 1, &many, 1 << 20, &again_used);
  int differs = result != bytewise || (result == PARSE_DONE && (one.len != many.len || at + used != i));
  cso_buf_free(&one);
  cso_buf_free(&many);
  if (differs) luaL_error(L, "chunks are read in two ways");
  return 0;
}

static lua_State *L;

static void fail(void) {
  fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
  abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc, (void)argv;
  const char *target = getenv("FUZZ_TARGET"), *root = getenv("CSORUN_ROOT");
  L = state_new();
  if (!L || !target || !root) {
    fprintf(stderr, "FUZZ_TARGET and CSORUN_ROOT are needed: ./dev fuzz\n");
    exit(2);
  }
  lua_register(L, "http_requests", http_requests);
  char path[4096];
  snprintf(path, sizeof path, "%s/tools/fuzz/run.lua", root);
  if (luaL_loadfile(L, path) != LUA_OK) fail();
  lua_pushstring(L, root);
  lua_pushstring(L, target);
  if (state_call(L, 2, 1) != LUA_OK) fail(); /* check */
  lua_sethook(L, on_line, LUA_MASKLINE, 0);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  last_line = 0;
  lines = 0;
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, size);
  if (state_call(L, 1, 0) != LUA_OK) fail();
  return 0;
}
