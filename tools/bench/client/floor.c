/* The least that a DescribeVpcs call costs: written by hand for this one call, in C, with the libraries
 * that csorun uses. It encodes the parameters, signs (Signature Version 4, the day's key kept), sends
 * through one kept libcurl handle and turns the answer into Lua tables with expat.
 *   floor PORT CALLS      prints the CPU seconds of one call */
#include <curl/curl.h>
#include <expat.h>
#include <lauxlib.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REGION "eu-west-2"
#define TYPE "application/x-www-form-urlencoded; charset=utf-8"

typedef unsigned char digest[32];

struct answer {
  char bytes[1 << 20];
  size_t len;
};

static struct answer answer;
static EVP_MD_CTX *hashing;
static const EVP_MD *sha;

static void sha256(const char *text, size_t n, digest out) {
  EVP_DigestInit_ex2(hashing, sha, NULL);
  EVP_DigestUpdate(hashing, text, n);
  EVP_DigestFinal_ex(hashing, out, NULL);
}

static void hmac(const void *key, size_t key_len, const char *text, digest out) {
  HMAC(sha, key, (int)key_len, (const unsigned char *)text, strlen(text), out, NULL);
}

static void hex(const digest d, char *out) {
  for (int i = 0; i < 32; i++) {
    out[2 * i] = "0123456789abcdef"[d[i] >> 4];
    out[2 * i + 1] = "0123456789abcdef"[d[i] & 15];
  }
  out[64] = 0;
}

static size_t encode(char *out, const char *text) {
  char *p = out;
  for (; *text; text++) {
    if (strchr("-._~", *text) || (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
        (*text >= 'A' && *text <= 'Z'))
      *p++ = *text;
    else
      p += sprintf(p, "%%%02X", (unsigned char)*text);
  }
  *p = 0;
  return (size_t)(p - out);
}

/* The parameters of the call, as a form. */
static size_t make_body(char *out) {
  char *p = out + sprintf(out, "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=");
  p += encode(p, "vpc-id");
  p += sprintf(p, "&Filter.1.Value.1=");
  p += encode(p, "vpc-1");
  return (size_t)(p - out);
}

static void signing_key(const char *day, digest key) {
  static char kept_day[9];
  static digest kept;
  if (strcmp(kept_day, day) != 0) {
    hmac("AWS4b", 5, day, kept);
    hmac(kept, 32, REGION, kept);
    hmac(kept, 32, "ec2", kept);
    hmac(kept, 32, "aws4_request", kept);
    strcpy(kept_day, day);
  }
  memcpy(key, kept, 32);
}

static void sign(const char *host, const char *body, size_t body_len, char *stamp, char *authorization) {
  char day[9], text[2048], hash[65];
  digest d, key;
  struct tm utc;
  time_t now = time(NULL);
  gmtime_r(&now, &utc);
  strftime(stamp, 17, "%Y%m%dT%H%M%SZ", &utc);
  memcpy(day, stamp, 8);
  day[8] = 0;
  sha256(body, body_len, d);
  hex(d, hash);
  int n = sprintf(text, "POST\n/\n\ncontent-type:" TYPE "\nhost:%s\nx-amz-date:%s\n\n"
                  "content-type;host;x-amz-date\n%s", host, stamp, hash);
  sha256(text, (size_t)n, d);
  hex(d, hash);
  sprintf(text, "AWS4-HMAC-SHA256\n%s\n%s/" REGION "/ec2/aws4_request\n%s", stamp, day, hash);
  signing_key(day, key);
  hmac(key, 32, text, d);
  hex(d, hash);
  sprintf(authorization, "Authorization: AWS4-HMAC-SHA256 Credential=a/%s/" REGION
          "/ec2/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=%s", day, hash);
}

/* --- the answer: an element is its text, or a table of its children by name, repeated ones a list ------ */

struct reading {
  lua_State *L;
  char text[4096];
  size_t len;
  int children[64], depth;
};

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes) {
  struct reading *r = data;
  (void)name, (void)attributes;
  if (r->depth > 0 && r->children[r->depth]++ == 0) lua_newtable(r->L);
  r->children[++r->depth] = 0;
  r->len = 0;
}

static void XMLCALL on_text(void *data, const XML_Char *text, int n) {
  struct reading *r = data;
  if (r->len + (size_t)n > sizeof r->text) return;
  memcpy(r->text + r->len, text, (size_t)n);
  r->len += (size_t)n;
}

static void XMLCALL on_end(void *data, const XML_Char *name) {
  struct reading *r = data;
  if (r->children[r->depth--] == 0) lua_pushlstring(r->L, r->text, r->len);
  r->len = 0;
  if (r->depth == 0) return;
  if (strcmp(name, "item") == 0)
    lua_rawseti(r->L, -2, r->children[r->depth]);
  else
    lua_setfield(r->L, -2, name);
}

static int read_answer(XML_Parser parser, struct reading *r) {
  r->depth = 0;
  XML_ParserReset(parser, NULL);
  XML_SetUserData(parser, r);
  XML_SetElementHandler(parser, on_start, on_end);
  XML_SetCharacterDataHandler(parser, on_text);
  if (XML_Parse(parser, answer.bytes, (int)answer.len, 1) != XML_STATUS_OK) return 0;
  int ok = lua_getfield(r->L, -1, "vpcSet") == LUA_TTABLE && lua_rawlen(r->L, -1) == 3;
  lua_settop(r->L, 0);
  return ok;
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
  (void)user;
  if (answer.len + size * count > sizeof answer.bytes) return 0;
  memcpy(answer.bytes + answer.len, data, size * count);
  answer.len += size * count;
  return size * count;
}

static int call(CURL *easy, const char *host, XML_Parser parser, struct reading *r) {
  char body[512], stamp[17], authorization[512], line[64];
  size_t n = make_body(body);
  sign(host, body, n, stamp, authorization);
  sprintf(line, "X-Amz-Date: %s", stamp);
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: " TYPE);
  headers = curl_slist_append(headers, line);
  headers = curl_slist_append(headers, authorization);
  answer.len = 0;
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)n);
  int ok = curl_easy_perform(easy) == CURLE_OK && read_answer(parser, r);
  curl_slist_free_all(headers);
  return ok;
}

static double cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  char url[64], host[32];
  if (argc != 3) return 2;
  int calls = atoi(argv[2]);
  snprintf(host, sizeof host, "127.0.0.1:%s", argv[1]);
  snprintf(url, sizeof url, "http://%s/", host);
  sha = EVP_MD_fetch(NULL, "SHA256", NULL);
  hashing = EVP_MD_CTX_new();
  XML_Parser parser = XML_ParserCreate(NULL);
  CURL *easy = curl_easy_init();
  static struct reading reading;
  reading.L = luaL_newstate();
  if (!sha || !hashing || !parser || !easy || !reading.L) return 1;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  if (!call(easy, host, parser, &reading)) return 1;
  double before = cpu();
  for (int i = 0; i < calls; i++)
    if (!call(easy, host, parser, &reading)) return 1;
  printf("%.9f\n", (cpu() - before) / calls);
  return 0;
}
