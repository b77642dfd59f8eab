/* A libFuzzer target for one text codec: -DTARGET=json, yaml or xml. It goes through the binding,
 * because that is where tables are built, and checks what must hold for every input. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)

int luaopen_host_json(lua_State *L);
int luaopen_host_yaml(lua_State *L);
int luaopen_host_xml(lua_State *L);

/* check(text): an error here is a find. */
static const char script[] =
  "local json, target = require 'host.json', ...\n"
  "local checks = {}\n"
  "function checks.json(text)\n"
  "  local value, err = json.decode(text, {unique = #text % 2 == 0})\n"
  "  if value == nil then assert(err.line >= 1 and err.column >= 1) return end\n"
  "  local once = assert(json.encode(value))\n"
  "  assert(json.encode((json.decode(once))) == once, once)\n"
  "  assert(json.decode(assert(json.encode(value, {indent = 2}))) ~= nil)\n"
  "end\n"
  "local yaml = require 'host.yaml'\n"
  "function checks.yaml(text)\n"
  "  local value, lines = yaml.decode(text)\n"
  "  if value == nil then assert(lines.line >= 1 and lines.column >= 1) return end\n"
  "  local once = json.encode(value)\n"
  "  if once then assert(type((yaml.decode(once))) == type(value), once) end\n"
  "end\n"
  "local xml = require 'host.xml'\n"
  /* What is left of p:2 without its prefix is no name any more. */
  "local function name(text) return 'n' .. text:gsub(':', '_') end\n"
  "local function write(node)\n"
  "  local parts = {'<', name(node.name)}\n"
  "  for k, v in pairs(node.attrs or {}) do\n"
  "    parts[#parts + 1] = ' ' .. name(k) .. '=\"' .. assert(xml.escape(v)) .. '\"'\n"
  "  end\n"
  "  parts[#parts + 1] = '>' .. assert(xml.escape(node.text or ''))\n"
  "  for _, child in ipairs(node) do parts[#parts + 1] = write(child) end\n"
  "  parts[#parts + 1] = '</' .. name(node.name) .. '>'\n"
  "  return table.concat(parts)\n"
  "end\n"
  "function checks.xml(text)\n"
  "  local node, err = xml.decode(text)\n"
  "  if node == nil then assert(err.line >= 1 and err.column >= 1) return end\n"
  "  local again = assert(xml.decode(write(node)))\n"
  "  assert((again.text or '') == (node.text or '') and #again == #node, text)\n"
  "end\n"
  "return checks[target]\n";

static lua_State *state(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_host_json);
  lua_setfield(L, -2, "host.json");
  lua_pushcfunction(L, luaopen_host_yaml);
  lua_setfield(L, -2, "host.yaml");
  lua_pushcfunction(L, luaopen_host_xml);
  lua_setfield(L, -2, "host.xml");
  lua_settop(L, 0);
  if (luaL_loadstring(L, script) == LUA_OK) {
    lua_pushliteral(L, TEXT(TARGET));
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) return L; /* check */
  }
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static lua_State *L;
  if (!L) L = state();
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    abort();
  }
  return 0;
}
