#include "core/http.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/http_socket.h"

/* A request under way: owns its copies until it is finished. */
struct transfer {
  struct transfer *next, **link;
  CURL *easy;
  struct curl_slist *header_list;
  char *body;
  size_t body_len, body_at;
  FILE *from, *to;
  uint64_t max_body, max_header, body_seen;
  const char *fault; /* code of a failure that a callback of ours decided on */
  char fault_message[160];
  char curl_message[CURL_ERROR_SIZE];
  struct http_result *result;
};

void (*http_result_push)(void *lua_state, const struct completion *c);

static const struct curl_api *api;
static struct transfer *transfers;

enum { SPARE_HANDLES = 32 };
static CURL *spare[SPARE_HANDLES];
static int spare_count;

static void push(void *L, const struct completion *c) { http_result_push(L, c); }

static void free_result(struct completion *c) {
  struct http_result *r = (struct http_result *)c;
  cso_buf_free(&r->headers);
  cso_buf_free(&r->body);
  free(r);
}

static const struct completion_kind kind = {push, free_result};

static void free_transfer(struct transfer *t) {
  if (t->link) {
    *t->link = t->next;
    if (t->next) t->next->link = t->link;
  }
  if (t->easy && spare_count < SPARE_HANDLES) {
    api->easy_reset(t->easy);
    spare[spare_count++] = t->easy;
  } else if (t->easy) {
    api->easy_cleanup(t->easy);
  }
  if (t->header_list) api->slist_free_all(t->header_list);
  if (t->from) fclose(t->from);
  if (t->to) fclose(t->to);
  if (t->result) free_result(&t->result->base);
  free(t->body);
  free(t);
}

static void set_fault(struct transfer *t, const char *code, const char *format, uint64_t figure) {
  t->fault = code;
  snprintf(t->fault_message, sizeof t->fault_message, format, (unsigned long long)figure);
}

/* --- curl's callbacks ------------------------------------------------------------------------ */

static size_t on_header(char *line, size_t size, size_t count, void *data) {
  struct transfer *t = data;
  size_t n = size * count;
  cso_buf *b = &t->result->headers;
  if (n >= 5 && memcmp(line, "HTTP/", 5) == 0) {
    b->len = 0; /* a 100-continue came before the answer proper */
    return n;
  }
  if (b->len + n > t->max_header) {
    set_fault(t, "too_large", "the answer's headers are larger than %llu bytes", t->max_header);
    return 0;
  }
  const char *colon = memchr(line, ':', n);
  if (!colon) return n;
  for (const char *p = line; p < colon; p++) cso_buf_char(b, (char)tolower((unsigned char)*p));
  cso_buf_char(b, 0);
  const char *from = colon + 1, *to = line + n;
  while (from < to && (*from == ' ' || *from == '\t')) from++;
  while (to > from && strchr("\r\n \t", to[-1]) && to[-1]) to--;
  cso_buf_add(b, from, (size_t)(to - from));
  cso_buf_char(b, 0);
  return b->failed ? 0 : n;
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
  struct transfer *t = user;
  size_t n = size * count;
  t->body_seen += n;
  if (t->body_seen > t->max_body) {
    set_fault(t, "too_large", "the answer's body is larger than %llu bytes", t->max_body);
    return 0;
  }
  if (t->to) {
    if (fwrite(data, 1, n, t->to) == n) return n;
    set_fault(t, "file", "the answer can't be written to its file (error %llu)", (uint64_t)errno);
    return 0;
  }
  cso_buf_add(&t->result->body, data, n);
  return t->result->body.failed ? 0 : n;
}

/* A body is given through this callback and no seek callback is set, on purpose: curl then can't
 * send a request a second time by itself when a kept connection dies under it. Whether something
 * that may have changed the world is repeated is decided in one place, by the caller. */
static size_t on_read(char *to, size_t size, size_t count, void *user) {
  struct transfer *t = user;
  if (t->from) {
    size_t got = fread(to, 1, size * count, t->from);
    return got == 0 && ferror(t->from) ? CURL_READFUNC_ABORT : got;
  }
  size_t n = t->body_len - t->body_at;
  if (n > size * count) n = size * count;
  memcpy(to, t->body + t->body_at, n);
  t->body_at += n;
  return n;
}

/* --- the end of a transfer ------------------------------------------------------------------- */

static const struct {
  CURLcode from, to;
  const char *code;
} failures[] = {
  {CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, "protocol"},
  {CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, "resolve"},
  {CURLE_COULDNT_CONNECT, CURLE_COULDNT_CONNECT, "connect"},
  {CURLE_HTTP2, CURLE_HTTP2, "reset"},
  {CURLE_PARTIAL_FILE, CURLE_PARTIAL_FILE, "reset"},
  {CURLE_OPERATION_TIMEDOUT, CURLE_OPERATION_TIMEDOUT, "timeout"},
  {CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CONNECT_ERROR, "tls"},
  {CURLE_GOT_NOTHING, CURLE_GOT_NOTHING, "reset"},
  {CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, "tls"},
  {CURLE_SEND_ERROR, CURLE_RECV_ERROR, "reset"},
  {CURLE_SSL_CERTPROBLEM, CURLE_PEER_FAILED_VERIFICATION, "tls"},
  {CURLE_FILESIZE_EXCEEDED, CURLE_FILESIZE_EXCEEDED, "too_large"},
  {CURLE_SEND_FAIL_REWIND, CURLE_SEND_FAIL_REWIND, "reset"},
  {CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_ENGINE_INITFAILED, "tls"},
  {CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CACERT_BADFILE, "tls"},
  {CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_ISSUER_ERROR, "tls"},
  {CURLE_HTTP2_STREAM, CURLE_HTTP2_STREAM, "reset"},
  {CURLE_PROXY, CURLE_PROXY, "connect"},
};

static const char *failure_code(CURLcode code) {
  for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
    if (code >= failures[i].from && code <= failures[i].to) return failures[i].code;
  return "protocol";
}

static void measure(struct transfer *t) {
  struct http_result *r = t->result;
  long head_out = 0, head_in = 0;
  curl_off_t up = 0, down = 0, total = 0;
  api->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r->status);
  api->easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &head_out);
  api->easy_getinfo(t->easy, CURLINFO_HEADER_SIZE, &head_in);
  api->easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &up);
  api->easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  api->easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &total);
  r->ms = (double)total / 1000;
  r->bytes_out = (uint64_t)head_out + (uint64_t)up;
  r->bytes_in = (uint64_t)head_in + (uint64_t)down;
  r->sent = head_out > 0;
}

static void complete(struct transfer *t, const char *code, const char *message) {
  struct http_result *r = t->result;
  measure(t);
  r->error = code;
  if (message) snprintf(r->message, sizeof r->message, "%s", message);
  t->result = NULL;
  loop_post(&r->base);
  loop_release();
  free_transfer(t);
}

static void finished(CURL *easy, CURLcode code) {
  struct transfer *t = NULL;
  const char *why;
  api->easy_getinfo(easy, CURLINFO_PRIVATE, &t);
  api->multi_remove_handle(http_multi(api, finished, &why), easy);
  if (t->to && code == CURLE_OK && fflush(t->to) != 0)
    set_fault(t, "file", "the answer can't be written to its file (error %llu)", (uint64_t)errno);
  if (t->fault)
    complete(t, t->fault, t->fault_message);
  else if (code != CURLE_OK)
    complete(t, failure_code(code),
             t->curl_message[0] ? t->curl_message : api->easy_strerror(code));
  else if (t->result->body.failed || t->result->headers.failed)
    complete(t, "too_large", "out of memory");
  else
    complete(t, NULL, NULL);
}

/* --- the start of a transfer ----------------------------------------------------------------- */

static int add_header(struct transfer *t, const char *name, const char *value) {
  size_t n = strlen(name) + strlen(value) + 4;
  char *line = malloc(n);
  if (!line) return 0;
  /* "Name;" is curl's way to write a header without a value; "Name:" would take it away. */
  snprintf(line, n, value[0] ? "%s: %s" : "%s;", name, value);
  struct curl_slist *list = api->slist_append(t->header_list, line);
  free(line);
  if (list) t->header_list = list;
  return list != NULL;
}

static int add_headers(struct transfer *t, const struct http_options *o) {
  /* What curl would add by itself and the caller did not ask for is taken away. */
  static const char *const unwanted[] = {"Expect", "Content-Type", "User-Agent"};
  for (size_t u = 0; u < sizeof unwanted / sizeof unwanted[0]; u++) {
    size_t i = 0;
    while (i < o->header_count && strcasecmp(o->headers[2 * i], unwanted[u]) != 0) i++;
    if (i < o->header_count) continue;
    char line[32];
    snprintf(line, sizeof line, "%s:", unwanted[u]);
    struct curl_slist *list = api->slist_append(t->header_list, line);
    if (!list) return 0;
    t->header_list = list;
  }
  for (size_t i = 0; i < o->header_count; i++)
    if (!add_header(t, o->headers[2 * i], o->headers[2 * i + 1])) return 0;
  api->easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->header_list);
  return 1;
}

static const char *set_body(struct transfer *t, const struct http_options *o) {
  CURL *e = t->easy;
  curl_off_t size = (curl_off_t)o->body_len;
  if (o->from_file) {
    t->from = fopen(o->from_file, "rbe");
    if (!t->from) return "the file to be sent can't be opened";
    if (fseeko(t->from, 0, SEEK_END) != 0 || (size = ftello(t->from)) < 0)
      return "the file to be sent has no size";
    rewind(t->from);
  } else if (o->body) {
    t->body = malloc(o->body_len ? o->body_len : 1);
    if (!t->body) return "out of memory";
    memcpy(t->body, o->body, o->body_len);
    t->body_len = o->body_len;
  }
  int sends = strcmp(o->method, "POST") == 0 || strcmp(o->method, "PUT") == 0 ||
              strcmp(o->method, "PATCH") == 0;
  if (strcmp(o->method, "HEAD") == 0) {
    api->easy_setopt(e, CURLOPT_NOBODY, 1L);
  } else if (o->from_file || o->body_len > 0) {
    api->easy_setopt(e, CURLOPT_POST, 1L);
    api->easy_setopt(e, CURLOPT_READFUNCTION, on_read);
    api->easy_setopt(e, CURLOPT_READDATA, t);
    api->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, size);
  } else if (sends) {
    api->easy_setopt(e, CURLOPT_POST, 1L); /* says Content-Length: 0 */
    api->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
    api->easy_setopt(e, CURLOPT_POSTFIELDS, "");
  } else {
    api->easy_setopt(e, CURLOPT_HTTPGET, 1L);
  }
  if (strcmp(o->method, "HEAD") != 0) api->easy_setopt(e, CURLOPT_CUSTOMREQUEST, o->method);
  return NULL;
}

static long milliseconds(double seconds) {
  if (seconds <= 0) return 0;
  return seconds > 1e6 ? 1000000000L : seconds < 0.001 ? 1 : (long)(seconds * 1000);
}

static const char *configure(struct transfer *t, const struct http_options *o) {
  CURL *e = t->easy;
  api->easy_setopt(e, CURLOPT_PRIVATE, t);
  api->easy_setopt(e, CURLOPT_ERRORBUFFER, t->curl_message);
  api->easy_setopt(e, CURLOPT_URL, o->url);
  api->easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
  api->easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  if (api->easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
    return "libcurl is too old: 7.85 is needed";
  api->easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  api->easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  api->easy_setopt(e, CURLOPT_BUFFERSIZE, 65536L);
  api->easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
  api->easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
  api->easy_setopt(e, CURLOPT_HEADERDATA, t);
  api->easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
  api->easy_setopt(e, CURLOPT_WRITEDATA, t);
  api->easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(o->connect_timeout));
  api->easy_setopt(e, CURLOPT_TIMEOUT_MS, milliseconds(o->timeout));
  if (o->low_speed_time > 0) {
    api->easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
    api->easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (milliseconds(o->low_speed_time) + 999) / 1000);
  }
  if (o->proxy) api->easy_setopt(e, CURLOPT_PROXY, o->proxy);
  if (o->ca) api->easy_setopt(e, CURLOPT_CAINFO, o->ca);
  if (o->to_file && !(t->to = fopen(o->to_file, "wbe")))
    return "the file for the answer can't be created";
  const char *why = set_body(t, o);
  if (why) return why;
  return add_headers(t, o) ? NULL : "out of memory";
}

static void close_spare(void) {
  while (transfers) {
    const char *why;
    api->multi_remove_handle(http_multi(api, finished, &why), transfers->easy);
    free_transfer(transfers);
  }
  while (spare_count > 0) api->easy_cleanup(spare[--spare_count]);
}

uint64_t http_start(const struct http_options *o, const char **why) {
  if (!api) {
    const struct curl_api *loaded = curl_api_load(why);
    if (!loaded || !http_multi(loaded, finished, why)) return 0;
    api = loaded;
    loop_on_close(close_spare);
  }
  struct transfer *t = calloc(1, sizeof *t);
  struct http_result *r = calloc(1, sizeof *r);
  if (!t || !r) {
    free(t);
    free(r);
    *why = "out of memory";
    return 0;
  }
  t->result = r;
  r->base.kind = &kind;
  r->base.id = loop_new_id();
  t->max_body = o->max_body;
  t->max_header = o->max_header;
  t->easy = spare_count > 0 ? spare[--spare_count] : api->easy_init();
  *why = t->easy ? configure(t, o) : "out of memory";
  if (!*why && api->multi_add_handle(http_multi(api, finished, why), t->easy) != CURLM_OK)
    *why = "libcurl refuses the request";
  if (*why) {
    free_transfer(t);
    return 0;
  }
  t->next = transfers;
  t->link = &transfers;
  if (transfers) transfers->link = &t->next;
  transfers = t;
  loop_hold();
  return r->base.id;
}

void http_cancel(uint64_t id) {
  struct transfer *t = transfers;
  while (t && t->result->base.id != id) t = t->next;
  if (!t) return;
  const char *why;
  api->multi_remove_handle(http_multi(api, finished, &why), t->easy);
  complete(t, "cancelled", "the request was cancelled");
}
