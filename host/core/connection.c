#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/listener_private.h"

enum {
  PAUSE_AT = 1 << 20, /* pipelined bytes that may wait while a request is answered */
  CLOSE_LIMIT = 30,   /* seconds that a last answer may take to be read */
};

struct write {
  uv_write_t uv;
  struct connection *connection;
  char bytes[];
};

void (*listener_request_push)(void *lua_state, const struct completion *c);

static void push(void *L, const struct completion *c) { listener_request_push(L, c); }

static void free_request(struct completion *c) {
  struct listener_request *r = (struct listener_request *)c;
  http_head_free(&r->head);
  cso_buf_free(&r->body);
  free(r);
}

static const struct completion_kind kind = {push, free_request};

uint64_t connection_deadline(double seconds) {
  return seconds > 0 ? uv_now(loop_uv()) + (uint64_t)(seconds * 1000) : 0;
}

void connection_free(uv_handle_t *uv) {
  struct connection *c = uv->data;
  if (c->link) {
    *c->link = c->next;
    if (c->next) c->next->link = c->link;
  }
  if (c->request) free_request(&c->request->base);
  cso_buf_free(&c->in);
  free(c);
}

void connection_close(struct connection *c, int reset) {
  c->state = CLOSING;
  c->number = 0;
  if (uv_is_closing((uv_handle_t *)&c->uv)) return;
  if (reset) {
    if (uv_tcp_close_reset(&c->uv, connection_free) != 0)
      uv_close((uv_handle_t *)&c->uv, connection_free);
  } else if (c->writes > 0) {
    c->shut = 1;
    c->deadline = connection_deadline(CLOSE_LIMIT); /* a reader may never read */
    uv_read_stop((uv_stream_t *)&c->uv);
  } else {
    uv_close((uv_handle_t *)&c->uv, connection_free);
  }
}

static void on_written(uv_write_t *uv, int status) {
  struct write *w = uv->data;
  struct connection *c = w->connection;
  free(w);
  c->writes--;
  if (uv_is_closing((uv_handle_t *)&c->uv)) return;
  if (status < 0 || (c->shut && c->writes == 0)) {
    c->state = CLOSING;
    uv_close((uv_handle_t *)&c->uv, connection_free);
  }
}

void connection_write(struct connection *c, const char *a, size_t a_len, const char *b,
                      size_t b_len) {
  struct write *w = malloc(sizeof *w + a_len + b_len);
  if (!w) {
    connection_close(c, 1);
    return;
  }
  w->connection = c;
  w->uv.data = w;
  memcpy(w->bytes, a, a_len);
  if (b_len) memcpy(w->bytes + a_len, b, b_len);
  uv_buf_t buffer = uv_buf_init(w->bytes, (unsigned)(a_len + b_len));
  c->writes++;
  if (uv_write(&w->uv, (uv_stream_t *)&c->uv, &buffer, 1, on_written) != 0) {
    c->writes--;
    free(w);
    connection_close(c, 1);
  }
}

/* Answers what can't be understood, and hangs up: nothing after it can be trusted. */
static void refuse(struct connection *c, int status, const char *reason) {
  char text[512];
  int n = snprintf(text, sizeof text,
                   "HTTP/1.1 %d Refused\r\ncontent-type: text/plain\r\ncontent-length: %zu\r\n"
                   "connection: close\r\n\r\n%s\n",
                   status, strlen(reason) + 1, reason);
  connection_write(c, text, (size_t)n, "", 0);
  connection_close(c, 0);
}

static void drop_front(cso_buf *b, size_t n) {
  memmove(b->data, b->data + n, b->len - n);
  b->len -= n;
}

static void describe_peer(struct connection *c, char *to, size_t size) {
  struct sockaddr_storage address;
  int len = sizeof address;
  char ip[46] = "?";
  int port = 0;
  if (uv_tcp_getpeername(&c->uv, (struct sockaddr *)&address, &len) == 0) {
    if (address.ss_family == AF_INET6) {
      uv_ip6_name((struct sockaddr_in6 *)&address, ip, sizeof ip);
      port = ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    } else {
      uv_ip4_name((struct sockaddr_in *)&address, ip, sizeof ip);
      port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    }
  }
  snprintf(to, size, "%s:%d", ip, port);
}

/* A request is whole: it goes to the done queue, and the connection waits for the answer. */
static void deliver(struct connection *c) {
  struct listener_request *r = c->request;
  c->request = NULL;
  c->state = ANSWERING;
  c->deadline = 0;
  c->number = r->number = ++c->listener->last_number;
  c->is_head = strcmp(r->head.method, "HEAD") == 0;
  c->keep = !r->head.close;
  describe_peer(c, r->peer, sizeof r->peer);
  loop_post(&r->base);
}

/* Reads a head; whether to go on. */
static int read_head(struct connection *c) {
  struct http_request_head head;
  size_t used = 0;
  const struct listener_options *o = &c->listener->options;
  /* Servers should forgive an empty line or two between requests. */
  while (c->in.len >= 2 && memcmp(c->in.data, "\r\n", 2) == 0) drop_front(&c->in, 2);
  if (c->in.len == 0) return 0;
  switch (http_parse_head(c->in.data, c->in.len, o->max_header, &head, &used)) {
    case PARSE_MORE: return 0;
    case PARSE_BAD: refuse(c, head.status, head.reason); return 0;
    case PARSE_DONE: break;
  }
  drop_front(&c->in, used);
  if (!head.chunked && head.length > o->max_body) {
    http_head_free(&head);
    refuse(c, 413, "the body is too large");
    return 0;
  }
  struct listener_request *r = calloc(1, sizeof *r);
  if (!r || (head.length > 0 && !cso_buf_reserve(&r->body, head.length))) {
    http_head_free(&head);
    free(r);
    connection_close(c, 1);
    return 0;
  }
  r->base.kind = &kind;
  r->base.id = c->listener->id;
  r->head = head;
  c->request = r;
  memset(&c->chunks, 0, sizeof c->chunks);
  c->state = READ_BODY;
  if (head.expects_continue && (head.chunked || head.length > c->in.len))
    connection_write(c, "HTTP/1.1 100 Continue\r\n\r\n", 25, "", 0);
  return 1;
}

static int read_body(struct connection *c) {
  struct listener_request *r = c->request;
  size_t used = 0;
  enum parse_result result = PARSE_DONE;
  if (r->head.chunked) {
    result = http_parse_chunks(&c->chunks, c->in.data, c->in.len, &r->body,
                               c->listener->options.max_body, &used);
  } else {
    size_t left = (size_t)(r->head.length - r->body.len);
    used = c->in.len < left ? c->in.len : left;
    cso_buf_add(&r->body, c->in.data, used);
    if (r->body.len < r->head.length) result = PARSE_MORE;
  }
  if (result == PARSE_BAD) {
    refuse(c, 400, "the chunks of the body are malformed or too large");
    return 0;
  }
  if (used) drop_front(&c->in, used);
  if (result == PARSE_MORE) return 0;
  deliver(c);
  return 0;
}

static void advance(struct connection *c) {
  int more = 1;
  while (more && (c->state == READ_HEAD || c->state == READ_BODY))
    more = c->state == READ_HEAD ? read_head(c) : read_body(c);
}

static void on_alloc(uv_handle_t *uv, size_t suggested, uv_buf_t *buffer) {
  struct connection *c = uv->data;
  size_t want = suggested < 16384 ? suggested : 16384;
  if (!cso_buf_reserve(&c->in, want)) {
    *buffer = uv_buf_init(NULL, 0);
    return;
  }
  *buffer = uv_buf_init(c->in.data + c->in.len, (unsigned)(c->in.cap - c->in.len));
}

static void on_read(uv_stream_t *uv, ssize_t n, const uv_buf_t *buffer) {
  (void)buffer;
  struct connection *c = uv->data;
  if (n < 0) {
    connection_close(c, 0);
    return;
  }
  if (n == 0) return;
  /* The time limit is for the whole request: each byte does not buy more of it. */
  if (c->state == READ_HEAD && c->in.len == 0)
    c->deadline = connection_deadline(c->listener->options.header_timeout);
  c->in.len += (size_t)n;
  advance(c);
  if (c->state == ANSWERING && c->in.len >= PAUSE_AT && !c->paused) {
    uv_read_stop(uv);
    c->paused = 1;
  }
}

void connection_begin(struct connection *c) {
  c->state = READ_HEAD;
  c->deadline = connection_deadline(c->listener->options.header_timeout);
  uv_tcp_nodelay(&c->uv, 1);
  if (uv_read_start((uv_stream_t *)&c->uv, on_alloc, on_read) != 0) connection_close(c, 1);
}

void connection_continue(struct connection *c) {
  c->state = READ_HEAD;
  const struct listener_options *o = &c->listener->options;
  c->deadline = connection_deadline(c->in.len > 0 ? o->header_timeout : o->idle_timeout);
  advance(c);
  if (c->paused && c->state != CLOSING && c->in.len < PAUSE_AT) {
    c->paused = 0;
    uv_read_start((uv_stream_t *)&c->uv, on_alloc, on_read);
  }
}
