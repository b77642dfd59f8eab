/* host.hash: digests, encodings, random bytes, sealing. All pure functions over strings. */
#include "../core/digest.h"
#include "../core/encode.h"
#include "../core/hash.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>

#include "option.h"

typedef void (*digest)(const void *, size_t, unsigned char *);

static int raw(lua_State *L, digest f, size_t size) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  unsigned char out[CSO_SHA512];
  f(text, len, out);
  lua_pushlstring(L, (char *)out, size);
  return 1;
}

static int hex(lua_State *L, digest f, size_t size) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  unsigned char out[CSO_SHA512];
  char digits[2 * CSO_SHA512];
  f(text, len, out);
  cso_hex(out, size, digits);
  lua_pushlstring(L, digits, 2 * size);
  return 1;
}

/* sha256_head(n, part, …) -> integer: the first n bytes (1 to 7) of the digest of all parts, one behind the
 * other, as a number. Nothing is made of them but that: for sums over many texts. */
static int f_sha256_head(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 1 && n <= 7, 1, "1 to 7 bytes");
  int parts = lua_gettop(L);
  for (int i = 2; i <= parts; i++) luaL_checkstring(L, i); /* what may raise comes first */
  cso_sha256_run run;
  cso_sha256_begin(&run);
  for (int i = 2; i <= parts; i++) {
    size_t len;
    const char *text = lua_tolstring(L, i, &len);
    cso_sha256_more(&run, text, len);
  }
  unsigned char out[CSO_SHA256];
  cso_sha256_end(&run, out);
  lua_Integer head = 0;
  for (lua_Integer i = 0; i < n; i++) head = head << 8 | out[i];
  lua_pushinteger(L, head);
  return 1;
}

static int f_sha256(lua_State *L) { return raw(L, cso_sha256, CSO_SHA256); }
static int f_sha256_hex(lua_State *L) { return hex(L, cso_sha256, CSO_SHA256); }
static int f_sha512(lua_State *L) { return raw(L, cso_sha512, CSO_SHA512); }
static int f_sha512_hex(lua_State *L) { return hex(L, cso_sha512, CSO_SHA512); }
static int f_sha1(lua_State *L) { return raw(L, cso_sha1, CSO_SHA1); }
static int f_sha1_hex(lua_State *L) { return hex(L, cso_sha1, CSO_SHA1); }
static int f_md5(lua_State *L) { return raw(L, cso_md5, CSO_MD5); }
static int f_md5_hex(lua_State *L) { return hex(L, cso_md5, CSO_MD5); }

/* hmac_sha256(key, text) -> 32 bytes */
static int f_hmac_sha256(lua_State *L) {
  size_t key_len, len;
  const char *key = luaL_checklstring(L, 1, &key_len);
  const char *text = luaL_checklstring(L, 2, &len);
  unsigned char out[CSO_SHA256];
  cso_hmac_sha256(key, key_len, text, len, out);
  lua_pushlstring(L, (char *)out, sizeof out);
  return 1;
}

static int f_crc32(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  lua_pushinteger(L, cso_crc32(text, len));
  return 1;
}

static int f_crc32c(lua_State *L) {
  size_t len;
  const char *text = luaL_checklstring(L, 1, &len);
  lua_pushinteger(L, cso_crc32c(text, len));
  return 1;
}

static int digest_gc(lua_State *L) {
  cso_digest **d = lua_touserdata(L, 1);
  cso_digest_free(*d);
  *d = NULL;
  return 0;
}

/* sum(algorithm, text) -> bytes, as they go over the wire; raises for an unknown algorithm */
static int f_sum(lua_State *L) {
  size_t len;
  const char *name = luaL_checkstring(L, 1);
  const char *text = luaL_checklstring(L, 2, &len);
  unsigned char out[CSO_DIGEST];
  luaL_argcheck(L, cso_digest_size(name) > 0, 1, "the name of no checksum");
  cso_digest **d = cso_new_scratch(L, sizeof(cso_digest *), "host.hash digest", digest_gc);
  *d = cso_digest_new(name);
  if (!*d) return luaL_error(L, "not enough memory");
  cso_digest_add(*d, text, len);
  size_t size = cso_digest_end(*d, out);
  cso_digest_free(*d);
  *d = NULL;
  lua_pushlstring(L, (char *)out, size);
  return 1;
}

/* file_sum(algorithm, path, from, length) -> bytes | nil, err; reads the file on the loop's thread */
static int f_file_sum(lua_State *L) {
  const char *name = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
  lua_Integer from = luaL_checkinteger(L, 3), left = luaL_checkinteger(L, 4);
  unsigned char out[CSO_DIGEST];
  char part[16384];
  luaL_argcheck(L, cso_digest_size(name) > 0, 1, "the name of no checksum");
  luaL_argcheck(L, from >= 0, 3, "negative");
  luaL_argcheck(L, left >= 0, 4, "negative");
  cso_digest **d = cso_new_scratch(L, sizeof(cso_digest *), "host.hash digest", digest_gc);
  *d = cso_digest_new(name);
  if (!*d) return luaL_error(L, "not enough memory");
  FILE *file = fopen(path, "rbe");
  if (!file) return cso_fail_errno(L, errno, "read", path);
  bool ok = fseeko(file, (off_t)from, SEEK_SET) == 0;
  while (ok && left > 0) {
    size_t n = fread(part, 1, left < (lua_Integer)sizeof part ? (size_t)left : sizeof part, file);
    cso_digest_add(*d, part, n);
    left -= (lua_Integer)n;
    ok = n > 0;
  }
  fclose(file);
  if (!ok) return cso_fail(L, "file", "%s became shorter or can't be read", path);
  lua_pushlstring(L, (char *)out, cso_digest_end(*d, out));
  return 1;
}

static int f_hex_encode(lua_State *L) {
  size_t len;
  luaL_Buffer b;
  const char *data = luaL_checklstring(L, 1, &len);
  char *out = luaL_buffinitsize(L, &b, 2 * len);
  cso_hex((const unsigned char *)data, len, out);
  luaL_pushresultsize(&b, 2 * len);
  return 1;
}

/* hex_decode(text) -> bytes | nil, err */
static int f_hex_decode(lua_State *L) {
  size_t len;
  luaL_Buffer b;
  const char *text = luaL_checklstring(L, 1, &len);
  unsigned char *out = (unsigned char *)luaL_buffinitsize(L, &b, len / 2 + 1);
  if (!cso_unhex(text, len, out)) return cso_fail(L, "hex", "not a string of pairs of hex digits");
  luaL_pushresultsize(&b, len / 2);
  return 1;
}

static int f_base64_encode(lua_State *L) {
  size_t len;
  luaL_Buffer b;
  const char *data = luaL_checklstring(L, 1, &len);
  char *out = luaL_buffinitsize(L, &b, (len + 2) / 3 * 4);
  luaL_pushresultsize(&b, cso_base64((const unsigned char *)data, len, out));
  return 1;
}

/* base64_decode(text) -> bytes | nil, err */
static int f_base64_decode(lua_State *L) {
  size_t len;
  luaL_Buffer b;
  const char *text = luaL_checklstring(L, 1, &len);
  unsigned char *out = (unsigned char *)luaL_buffinitsize(L, &b, len / 4 * 3 + 3);
  size_t n = cso_unbase64(text, len, out);
  if (n == SIZE_MAX) return cso_fail(L, "base64", "not base64 text");
  luaL_pushresultsize(&b, n);
  return 1;
}

/* random(n) -> n bytes from the kernel | nil, err */
static int f_random(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 0 && n <= 1 << 20, 1, "0 to 1048576 bytes");
  luaL_Buffer b;
  char *out = luaL_buffinitsize(L, &b, (size_t)n + 1);
  if (!cso_random(out, (size_t)n)) return cso_fail(L, "random", "the kernel gives no random bytes");
  luaL_pushresultsize(&b, (size_t)n);
  return 1;
}

/* uuid() -> a random (version 4) UUID | nil, err */
static int f_uuid(lua_State *L) {
  unsigned char id[16];
  char digits[32];
  if (!cso_random(id, sizeof id)) return cso_fail(L, "random", "the kernel gives no random bytes");
  id[6] = (unsigned char)((id[6] & 0x0F) | 0x40);
  id[8] = (unsigned char)((id[8] & 0x3F) | 0x80);
  cso_hex(id, sizeof id, digits);
  static const struct { int from, len; } part[] = {{0, 8}, {8, 4}, {12, 4}, {16, 4}, {20, 12}};
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
    if (i > 0) luaL_addchar(&b, '-');
    luaL_addlstring(&b, digits + part[i].from, (size_t)part[i].len);
  }
  luaL_pushresult(&b);
  return 1;
}

/* equal(a, b) -> whether two secrets are the same, in constant time for equal lengths */
static int f_equal(lua_State *L) {
  size_t a_len, b_len;
  const char *a = luaL_checklstring(L, 1, &a_len);
  const char *b = luaL_checklstring(L, 2, &b_len);
  lua_pushboolean(L, a_len == b_len && cso_equal(a, b, a_len));
  return 1;
}

/* scrypt(password, salt, n, r, p, length) -> bytes | nil, err */
static int f_scrypt(lua_State *L) {
  size_t pass_len, salt_len;
  const char *pass = luaL_checklstring(L, 1, &pass_len);
  const char *salt = luaL_checklstring(L, 2, &salt_len);
  lua_Integer n = luaL_checkinteger(L, 3), r = luaL_checkinteger(L, 4);
  lua_Integer p = luaL_checkinteger(L, 5), len = luaL_checkinteger(L, 6);
  luaL_argcheck(L, n > 1 && (n & (n - 1)) == 0, 3, "a power of two above 1");
  luaL_argcheck(L, r > 0 && r <= 64, 4, "1 to 64");
  luaL_argcheck(L, p > 0 && p <= 64, 5, "1 to 64");
  luaL_argcheck(L, len > 0 && len <= 1024, 6, "1 to 1024 bytes");
  unsigned char out[1024];
  if (!cso_scrypt(pass, pass_len, (const unsigned char *)salt, salt_len, (uint64_t)n, (uint64_t)r,
                  (uint64_t)p, out, (size_t)len))
    return cso_fail(L, "scrypt", "these figures need more memory than is allowed");
  lua_pushlstring(L, (char *)out, (size_t)len);
  cso_wipe(out, sizeof out);
  return 1;
}

typedef struct gcm {
  const unsigned char *key, *nonce;
  const char *text, *aad;
  size_t key_len, len, aad_len;
} gcm;

static void check_gcm(lua_State *L, gcm *g) {
  size_t nonce_len;
  g->key = (const unsigned char *)luaL_checklstring(L, 1, &g->key_len);
  g->nonce = (const unsigned char *)luaL_checklstring(L, 2, &nonce_len);
  g->text = luaL_checklstring(L, 3, &g->len);
  g->aad = luaL_optlstring(L, 4, "", &g->aad_len);
  luaL_argcheck(L, g->key_len == 16 || g->key_len == 32, 1, "a key of 16 or 32 bytes");
  luaL_argcheck(L, nonce_len == CSO_GCM_NONCE, 2, "a nonce of 12 bytes");
}

/* aes_gcm_seal(key, nonce, plain[, aad]) -> ciphertext with its tag | nil, err */
static int f_seal(lua_State *L) {
  gcm g;
  luaL_Buffer b;
  check_gcm(L, &g);
  unsigned char *out = (unsigned char *)luaL_buffinitsize(L, &b, g.len + CSO_GCM_TAG);
  if (!cso_gcm_seal(g.key, g.key_len, g.nonce, g.aad, g.aad_len, g.text, g.len, out))
    return cso_fail(L, "aes_gcm", "cannot seal %I bytes", (lua_Integer)g.len);
  luaL_pushresultsize(&b, g.len + CSO_GCM_TAG);
  return 1;
}

/* aes_gcm_open(key, nonce, sealed[, aad]) -> plain | nil, err */
static int f_open(lua_State *L) {
  gcm g;
  luaL_Buffer b;
  check_gcm(L, &g);
  if (g.len < CSO_GCM_TAG) return cso_fail(L, "aes_gcm", "sealed data is shorter than its tag");
  unsigned char *out = (unsigned char *)luaL_buffinitsize(L, &b, g.len);
  if (!cso_gcm_open(g.key, g.key_len, g.nonce, g.aad, g.aad_len, g.text, g.len, out))
    return cso_fail(L, "aes_gcm", "sealed data was changed, or the key is another one");
  luaL_pushresultsize(&b, g.len - CSO_GCM_TAG);
  return 1;
}

/* percent_encode(text[, keep_slash]) -> text with all but RFC 3986's unreserved characters encoded */
static int f_percent_encode(lua_State *L) {
  size_t len;
  luaL_Buffer b;
  const char *text = luaL_checklstring(L, 1, &len);
  bool keep_slash = lua_toboolean(L, 2);
  size_t strange = cso_percent_count(text, len, keep_slash);
  lua_settop(L, 1);
  if (strange == 0) return 1; /* the same string */
  char *out = luaL_buffinitsize(L, &b, len + 2 * strange);
  cso_percent_write(text, len, keep_slash, out);
  luaL_pushresultsize(&b, len + 2 * strange);
  return 1;
}

int luaopen_host_hash(lua_State *L) {
  static const luaL_Reg lib[] = {
    {"aes_gcm_open", f_open},
    {"aes_gcm_seal", f_seal},
    {"base64_decode", f_base64_decode},
    {"base64_encode", f_base64_encode},
    {"crc32", f_crc32},
    {"crc32c", f_crc32c},
    {"equal", f_equal},
    {"hex_decode", f_hex_decode},
    {"hex_encode", f_hex_encode},
    {"hmac_sha256", f_hmac_sha256},
    {"md5", f_md5},
    {"md5_hex", f_md5_hex},
    {"percent_encode", f_percent_encode},
    {"random", f_random},
    {"scrypt", f_scrypt},
    {"sha1", f_sha1},
    {"sha1_hex", f_sha1_hex},
    {"sha256", f_sha256},
    {"sha256_head", f_sha256_head},
    {"sha256_hex", f_sha256_hex},
    {"sha512", f_sha512},
    {"sha512_hex", f_sha512_hex},
    {"file_sum", f_file_sum},
    {"sum", f_sum},
    {"uuid", f_uuid},
    {NULL, NULL},
  };
  luaL_newlib(L, lib);
  return 1;
}
