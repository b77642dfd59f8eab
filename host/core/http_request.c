#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/http_sink.h"
#include "core/http_socket.h"
#include "core/http_transfer.h"

static const struct curl_api *api;

void http_set_fault(struct transfer *t, const char *code, const char *format, uint64_t figure) {
  t->fault = code;
  snprintf(t->fault_message, sizeof t->fault_message, format, (unsigned long long)figure);
}

static long milliseconds(double seconds) {
  if (seconds <= 0) return 0;
  return seconds > 1e6 ? 1000000000L : seconds < 0.001 ? 1 : (long)(seconds * 1000);
}

/* --- curl's callbacks ------------------------------------------------------------------------ */

enum { DRIP = 256 }; /* bytes in a second: less is no network, but somebody who holds us up */

/* The answer has begun: from now on it has to keep coming. Before, the service may think. */
static void watch_speed(struct transfer *t) {
  if (t->drip_time <= 0 || t->header_seen > 0) return;
  api->easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, (long)DRIP);
  api->easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, (milliseconds(t->drip_time) + 999) / 1000);
}

const char *http_lateness(const struct transfer *t) {
  if (t->header_seen == 0 || t->drip_time <= 0) return "timeout";
  if (!t->has_head) return "slow";
  uint64_t silence = uv_now(loop_uv()) - t->heard_at;
  return silence < (uint64_t)milliseconds(t->drip_time) / 2 ? "slow" : "stalled";
}

/* curl takes the last of several lengths, and none for one that is beyond its numbers: whoever
 * stands in between may have taken another. */
static int note_length(struct transfer *t, const char *text, size_t n) {
  uint64_t length = 0;
  int good = n > 0 && n <= 18;
  for (size_t i = 0; good && i < n; i++) {
    good = isdigit((unsigned char)text[i]);
    length = length * 10 + (uint64_t)(text[i] - '0');
  }
  if (good && t->has_length && t->length != length) good = 0;
  if (!good) http_set_fault(t, "protocol", "the answer's content-length can't be believed", 0);
  t->has_length = 1;
  t->length = length;
  return good;
}

static size_t on_header(char *line, size_t size, size_t count, void *data) {
  struct transfer *t = data;
  size_t n = size * count;
  cso_buf *b = &t->result->headers;
  watch_speed(t);
  t->heard_at = uv_now(loop_uv());
  t->header_seen += n; /* of interim answers too, which could go on for ever */
  if (t->header_seen > t->max_header) {
    http_set_fault(t, "too_large", "the answer's headers are larger than %llu bytes", t->max_header);
    return 0;
  }
  if (n >= 5 && memcmp(line, "HTTP/", 5) == 0) {
    b->len = 0; /* a 100-continue came before the answer proper */
    t->has_length = t->has_head = 0;
    return n;
  }
  if (memchr(line, 0, n)) { /* it would end the value where the next one begins */
    http_set_fault(t, "protocol", "the answer has a zero byte in its headers", 0);
    return 0;
  }
  if (n <= 2) { /* the empty line */
    t->has_head = 1;
    http_sink_head(t);
  }
  const char *colon = memchr(line, ':', n);
  if (!colon) return n;
  for (const char *p = line; p < colon; p++) cso_buf_char(b, (char)tolower((unsigned char)*p));
  cso_buf_char(b, 0);
  const char *from = colon + 1, *to = line + n;
  while (from < to && (*from == ' ' || *from == '\t')) from++;
  while (to > from && strchr("\r\n \t", to[-1]) && to[-1]) to--;
  if (colon - line == 14 && strncasecmp(line, "content-length", 14) == 0 &&
      !note_length(t, from, (size_t)(to - from)))
    return 0;
  cso_buf_add(b, from, (size_t)(to - from));
  cso_buf_char(b, 0);
  return b->failed ? 0 : n;
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
  struct transfer *t = user;
  size_t n = size * count;
  t->body_seen += n;
  t->heard_at = uv_now(loop_uv());
  if (t->body_seen > t->max_body) {
    http_set_fault(t, "too_large", "the answer's body is larger than %llu bytes", t->max_body);
    return 0;
  }
  return http_sink_take(t, data, n);
}

/* The next bytes of the body as its owner has it; SIZE_MAX when they can't be had. */
static size_t read_plain(void *transfer, char *to, size_t size) {
  struct transfer *t = transfer;
  if (t->from) {
    if (size > t->from_left) size = (size_t)t->from_left;
    size_t got = fread(to, 1, size, t->from);
    t->from_left -= got;
    return got == 0 && size > 0 ? SIZE_MAX : got;
  }
  size_t n = t->body_len - t->body_at;
  if (n > size) n = size;
  if (n > 0) memcpy(to, t->body + t->body_at, n);
  t->body_at += n;
  return n;
}

/* Only files, what is framed and what comes in pieces are sent by this callback. */
static size_t on_read(char *to, size_t size, size_t count, void *user) {
  struct transfer *t = user;
  if (t->fed) return http_feed_read(t, to, size * count);
  size_t got = t->chunked ? cso_chunked_read(t->chunked, read_plain, t, to, size * count)
                          : read_plain(t, to, size * count);
  if (got != SIZE_MAX) return got;
  if (!t->fault) http_set_fault(t, "file", "what is to be sent changed or can't be read", 0);
  return CURL_READFUNC_ABORT;
}

/* Called before a request goes out, a second time when curl wants to repeat it by itself because a kept
 * connection has died under it. Whether something that may have reached the other side and changed the
 * world is repeated is decided in one place, by the caller. */
static int on_begin(void *user, char *to_address, char *address, int to_port, int port) {
  struct transfer *t = user;
  long sent = 0;
  (void)to_address, (void)address, (void)to_port, (void)port;
  api->easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
  if (t->begun++ == 0 || t->repeatable || sent == 0) return CURL_PREREQFUNC_OK;
  http_set_fault(t, "reset", "the connection was closed before an answer came (%llu bytes had been sent)",
            (uint64_t)sent);
  return CURL_PREREQFUNC_ABORT;
}

/* --- options --------------------------------------------------------------------------------- */

/* What curl would add by itself and the caller did not ask for is taken away. */
static const char *const unwanted[] = {"Expect", "Content-Type", "User-Agent"};
enum { UNWANTED = sizeof unwanted / sizeof unwanted[0] };

static int has_header(const struct http_options *o, const char *name) {
  for (size_t i = 0; i < o->header_count; i++)
    if (strcasecmp(o->headers[2 * i], name) == 0) return 1;
  return 0;
}

/* The lines of the header, in one block with the list of them. */
static int add_headers(struct transfer *t, const struct http_options *o) {
  size_t most = o->header_count + UNWANTED, room = 0, n = 0;
  for (size_t i = 0; i < 2 * o->header_count; i += 2)
    room += strlen(o->headers[i]) + strlen(o->headers[i + 1]) + 3;
  t->header_len = room;
  for (size_t u = 0; u < UNWANTED; u++) room += strlen(unwanted[u]) + 2;
  struct curl_slist *list = malloc(most * sizeof *list + room);
  if (!list) return 0;
  char *p = (char *)(list + most);
  for (size_t i = 0; i < 2 * o->header_count; i += 2) {
    /* "Name;" is curl's way to write a header without a value; "Name:" would take it away. */
    const char *value = o->headers[i + 1], *between = value[0] ? ": " : ";";
    list[n++].data = p;
    p = stpcpy(stpcpy(stpcpy(p, o->headers[i]), between), value) + 1;
  }
  for (size_t u = 0; u < UNWANTED; u++) {
    if (has_header(o, unwanted[u])) continue;
    list[n++].data = p;
    p = stpcpy(stpcpy(p, unwanted[u]), ":") + 1;
  }
  for (size_t i = 0; i < n; i++) list[i].next = i + 1 < n ? &list[i + 1] : NULL;
  t->header_list = list;
  api->easy_setopt(t->easy, CURLOPT_HTTPHEADER, n ? list : NULL);
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
    if (o->from_at > (uint64_t)size) return "the file to be sent is shorter than that";
    size -= (curl_off_t)o->from_at;
    if (o->from_length > size) return "the file to be sent is shorter than that";
    if (o->from_length >= 0) size = o->from_length;
    t->from_left = (uint64_t)size;
    if (fseeko(t->from, (off_t)o->from_at, SEEK_SET) != 0) return "the file to be sent has no end";
  } else if (o->body) {
    t->body = malloc(o->body_len ? o->body_len : 1);
    if (!t->body) return "out of memory";
    memcpy(t->body, o->body, o->body_len);
    t->body_len = o->body_len;
  }
  if (o->chunked) {
    cso_chunked_options framing = *o->chunked;
    framing.length = (uint64_t)size;
    t->chunked = cso_chunked_new(&framing);
    if (!t->chunked) return "the body can't be framed";
    size = (curl_off_t)cso_chunked_length(t->chunked);
  }
  if (t->form == HTTP_GET) return NULL;
  if (t->form == HTTP_POST) {
    api->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, size);
    api->easy_setopt(e, CURLOPT_POSTFIELDS, t->body);
    return NULL;
  }
  int sends = strcmp(o->method, "POST") == 0 || strcmp(o->method, "PUT") == 0 ||
              strcmp(o->method, "PATCH") == 0;
  if (strcmp(o->method, "HEAD") == 0) {
    api->easy_setopt(e, CURLOPT_NOBODY, 1L);
  } else if (o->from_file || o->chunked || o->feed) {
    if (o->feed) size = -1;
    api->easy_setopt(e, CURLOPT_POST, 1L);
    api->easy_setopt(e, CURLOPT_READFUNCTION, on_read);
    api->easy_setopt(e, CURLOPT_READDATA, t);
    api->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, size);
  } else if (o->body_len > 0) {
    api->easy_setopt(e, CURLOPT_POST, 1L);
    api->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, size);
    api->easy_setopt(e, CURLOPT_POSTFIELDS, t->body);
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

/* A proxy for the outside world has no way to this machine's own addresses. */
static int is_here(const char *url) {
  static const char *const names[] = {"localhost", "[::1]"};
  const char *host = strstr(url, "://");
  if (!host) return 0;
  host += 3;
  const char *end = host + strcspn(host, "/?#"), *at = memchr(host, '@', (size_t)(end - host));
  if (at) host = at + 1;
  if (strncmp(host, "127.", 4) == 0) return 1;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    size_t n = strlen(names[i]);
    if (strncmp(host, names[i], n) == 0 && (host + n == end || host[n] == ':')) return 1;
  }
  return 0;
}

static enum http_form form_of(const struct http_options *o) {
  if (o->stream || o->feed || o->ca || o->to_file || o->from_file || o->chunked || o->low_speed_time > 0)
    return HTTP_ANY;
  if (strcmp(o->method, "POST") == 0 && o->body_len > 0) return HTTP_POST;
  return strcmp(o->method, "GET") == 0 && o->body_len == 0 ? HTTP_GET : HTTP_ANY;
}

/* What stays as it is from one request of a handle to the next. */
static const char *prepare(struct transfer *t) {
  CURL *e = t->easy;
  api->easy_reset(e);
  api->easy_setopt(e, CURLOPT_PRIVATE, t);
  api->easy_setopt(e, CURLOPT_ERRORBUFFER, t->curl_message);
  api->easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
  api->easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
  if (api->easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
    return "libcurl is too old: 7.85 is needed";
  api->easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  api->easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  api->easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
  api->easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
  api->easy_setopt(e, CURLOPT_HEADERDATA, t);
  api->easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
  api->easy_setopt(e, CURLOPT_WRITEDATA, t);
  api->easy_setopt(e, CURLOPT_PREREQFUNCTION, on_begin);
  api->easy_setopt(e, CURLOPT_PREREQDATA, t);
  http_watch_connections(api, e);
  return NULL;
}

const char *http_configure(const struct curl_api *loaded, struct transfer *t,
                           const struct http_options *o) {
  api = loaded;
  CURL *e = t->easy;
  enum http_form form = form_of(o);
  t->curl_message[0] = 0;
  t->repeatable = strcmp(o->method, "GET") == 0 || strcmp(o->method, "HEAD") == 0;
  if (t->form != form || form == HTTP_ANY) {
    const char *why = prepare(t);
    if (why) return why;
    t->form = HTTP_ANY;
  }
  api->easy_setopt(e, CURLOPT_URL, o->url);
  api->easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(o->connect_timeout));
  api->easy_setopt(e, CURLOPT_TIMEOUT_MS, milliseconds(o->timeout));
  api->easy_setopt(e, CURLOPT_PROXY, !o->proxy && is_here(o->url) ? "" : o->proxy);
  if (o->low_speed_time > 0) api->easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
  /* An answer that has begun is watched more closely: watch_speed. */
  api->easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (milliseconds(o->low_speed_time) + 999) / 1000);
  if (o->ca) api->easy_setopt(e, CURLOPT_CAINFO, o->ca);
  const char *why = http_sink_open(api, t, o);
  if (!why) why = set_body(t, o);
  t->form = form;
  if (why) return why;
  return add_headers(t, o) ? NULL : "out of memory";
}

