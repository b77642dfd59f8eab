/* The least that a program of this kind costs: Lua with its libraries, and one use each of libyaml,
 * jansson and libcrypto, all linked the usual way. tools/bench/start.lua measures against it. */
#include <jansson.h>
#include <lauxlib.h>
#include <lualib.h>
#include <openssl/evp.h>
#include <yaml.h>

int main(int argc, char **argv) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size;
  yaml_parser_t yaml;
  lua_State *L = luaL_newstate();
  if (!L || !yaml_parser_initialize(&yaml)) return 1;
  luaL_openlibs(L);
  json_t *object = json_object();
  int ok = object && EVP_Digest(argv[0], 1, digest, &size, EVP_sha256(), NULL);
  if (ok && argc > 1) ok = luaL_dofile(L, argv[1]) == LUA_OK;
  json_decref(object);
  yaml_parser_delete(&yaml);
  lua_close(L);
  return !ok;
}
