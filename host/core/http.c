#include "core/http.h"

#include <stdlib.h>
#include <string.h>

#include "core/http_sink.h"
#include "core/http_socket.h"
#include "core/http_transfer.h"

void (*http_result_push)(void *lua_state, const struct completion *c);

static const struct curl_api *api;
static struct transfer *transfers;

enum { SPARE_TRANSFERS = 32 };
static struct transfer *spare[SPARE_TRANSFERS];
static int spare_count;

static void push(void *L, const struct completion *c) { http_result_push(L, c); }

static void free_result(struct completion *c) {
  struct http_result *r = (struct http_result *)c;
  cso_buf_free(&r->headers);
  cso_buf_free(&r->body);
  free(r);
}

static const struct completion_kind kind = {push, free_result};

/* Frees what belongs to one request and not to the handle. */
static void clear(struct transfer *t) {
  if (t->link) {
    *t->link = t->next;
    if (t->next) t->next->link = t->link;
  }
  if (t->from) fclose(t->from);
  http_sink_close(t);
  if (t->result) free_result(&t->result->base);
  free(t->header_list);
  cso_chunked_free(t->chunked);
  free(t->body);
  *t = (struct transfer){.easy = t->easy, .form = t->form};
}

static void free_transfer(struct transfer *t) {
  clear(t);
  if (t->easy && spare_count < SPARE_TRANSFERS) {
    spare[spare_count++] = t;
    return;
  }
  if (t->easy) api->easy_cleanup(t->easy);
  free(t);
}

static const struct {
  CURLcode from, to;
  const char *code;
} failures[] = {
  {CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, "protocol"},
  {CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, "resolve"},
  {CURLE_COULDNT_CONNECT, CURLE_COULDNT_CONNECT, "connect"},
  {CURLE_HTTP2, CURLE_HTTP2, "reset"},
  {CURLE_OUT_OF_MEMORY, CURLE_OUT_OF_MEMORY, "too_large"},
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

static const char *failure_code(const struct transfer *t, CURLcode code) {
  /* A proxy that leads nowhere. */
  if (code == CURLE_RECV_ERROR && !t->begun) return "connect";
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
  r->received = t->body_seen;
  /* curl counts a body that went out together with the headers both times. */
  if (t->body && (size_t)head_out >= t->header_len + t->body_len) up = 0;
  r->bytes_out = (uint64_t)head_out + (uint64_t)up;
  r->bytes_in = (uint64_t)head_in + (uint64_t)down;
  r->sent = t->begun && head_out > 0; /* what a proxy is asked first is not the request */
}

static void complete(struct transfer *t, const char *code, const char *message) {
  if (t->reader || t->drained) http_sink_end(t);
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
  if (code == CURLE_OK) http_sink_end(t);
  if (t->fault)
    complete(t, t->fault, t->fault_message);
  else if (code == CURLE_OUT_OF_MEMORY && t->header_seen > 0)
    complete(t, "too_large", "a header of the answer is too large"); /* curl's words mislead */
  else if (code != CURLE_OK)
    complete(t, code == CURLE_OPERATION_TIMEDOUT ? http_lateness(t) : failure_code(t, code),
             t->curl_message[0] ? t->curl_message : api->easy_strerror(code));
  else if (t->result->body.failed || t->result->headers.failed)
    complete(t, "too_large", "out of memory");
  else
    complete(t, NULL, NULL);
}

static void close_spare(void) {
  while (transfers) {
    const char *why;
    api->multi_remove_handle(http_multi(api, finished, &why), transfers->easy);
    free_transfer(transfers);
  }
  while (spare_count > 0) {
    struct transfer *t = spare[--spare_count];
    api->easy_cleanup(t->easy);
    free(t);
  }
}

uint64_t http_start(const struct http_options *o, const char **why) {
  if (!api) {
    const struct curl_api *loaded = curl_api_load(why);
    if (!loaded || !http_multi(loaded, finished, why)) return 0;
    api = loaded;
    loop_on_close(close_spare);
  }
  CURLM *multi = http_multi(api, finished, why);
  struct transfer *t = spare_count > 0 ? spare[--spare_count] : calloc(1, sizeof *t);
  struct http_result *r = calloc(1, sizeof *r);
  if (!t || !r) {
    if (t) free_transfer(t);
    free(r);
    *why = "out of memory";
    return 0;
  }
  t->result = r;
  uint64_t id = r->base.id = loop_new_id();
  r->base.kind = &kind;
  t->max_body = o->max_body;
  t->max_header = o->max_header;
  t->drip_time = o->drip_time;
  if (!t->easy) t->easy = api->easy_init();
  *why = t->easy ? http_configure(api, t, o) : "out of memory";
  if (!*why && api->multi_add_handle(multi, t->easy) != CURLM_OK) *why = "libcurl refuses the request";
  if (*why) {
    free_transfer(t);
    return 0;
  }
  t->next = transfers;
  t->link = &transfers;
  if (transfers) transfers->link = &t->next;
  transfers = t;
  loop_hold();
  http_begin();
  return id;
}

static struct transfer *find(uint64_t id) {
  struct transfer *t = transfers;
  while (t && t->result->base.id != id) t = t->next;
  return t;
}

uint64_t http_read(uint64_t id) {
  struct transfer *t = find(id);
  return t ? http_sink_read(t) : 0;
}

uint64_t http_feed(uint64_t id, const char *data, size_t len, int last) {
  struct transfer *t = find(id);
  return t ? http_sink_feed(t, data, len, last) : 0;
}

void http_cancel(uint64_t id) {
  struct transfer *t = find(id);
  if (!t) return;
  const char *why;
  api->multi_remove_handle(http_multi(api, finished, &why), t->easy);
  complete(t, "cancelled", "the request was cancelled");
}
