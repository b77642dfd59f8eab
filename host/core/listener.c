#include "core/listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/listener_private.h"

enum { BACKLOG = 512, SWEEP_MS = 250 };

static void on_closed(uv_handle_t *uv) {
  struct listener *l = uv->data;
  if (--l->handles == 0) free(l);
}

static void on_connection(uv_stream_t *uv, int status) {
  struct listener *l = uv->data;
  if (status < 0 || l->closing) return;
  struct connection *c = calloc(1, sizeof *c);
  if (!c) return;
  uv_tcp_init(loop_uv(), &c->uv);
  c->uv.data = c;
  if (uv_accept(uv, (uv_stream_t *)&c->uv) != 0) {
    uv_close((uv_handle_t *)&c->uv, connection_free);
    return;
  }
  c->listener = l;
  c->next = l->connections;
  c->link = &l->connections;
  if (c->next) c->next->link = &c->next;
  l->connections = c;
  connection_begin(c);
}

static void on_sweep(uv_timer_t *timer) {
  struct listener *l = timer->data;
  uint64_t now = uv_now(loop_uv());
  for (struct connection *c = l->connections, *next; c; c = next) {
    next = c->next;
    if (c->deadline && now >= c->deadline) connection_close(c, c->writes > 0);
  }
}

static int bind_to(struct listener *l) {
  struct sockaddr_storage address;
  const char *host = l->options.host;
  int error = strchr(host, ':')
                  ? uv_ip6_addr(host, l->options.port, (struct sockaddr_in6 *)&address)
                  : uv_ip4_addr(host, l->options.port, (struct sockaddr_in *)&address);
  if (!error) error = uv_tcp_bind(&l->uv, (struct sockaddr *)&address, 0);
  if (!error) error = uv_listen((uv_stream_t *)&l->uv, BACKLOG, on_connection);
  l->options.host = NULL; /* the caller's string: not ours to keep */
  return error;
}

struct listener *listener_open(const struct listener_options *options, int *error) {
  struct listener *l = calloc(1, sizeof *l);
  if (!l) {
    *error = UV_ENOMEM;
    return NULL;
  }
  l->options = *options;
  l->id = loop_new_id();
  uv_tcp_init(loop_uv(), &l->uv);
  uv_timer_init(loop_uv(), &l->sweep);
  l->uv.data = l->sweep.data = l;
  l->handles = 2;
  *error = bind_to(l);
  if (*error) {
    listener_close(l);
    return NULL;
  }
  uv_timer_start(&l->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
  uv_unref((uv_handle_t *)&l->sweep);
  return l;
}

int listener_port(const struct listener *l) {
  struct sockaddr_storage address;
  int len = sizeof address;
  if (uv_tcp_getsockname(&l->uv, (struct sockaddr *)&address, &len) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                             : ((struct sockaddr_in *)&address)->sin_port);
}

uint64_t listener_id(const struct listener *l) { return l->id; }

static struct connection *find(struct listener *l, uint64_t number) {
  struct connection *c = number ? l->connections : NULL;
  while (c && c->number != number) c = c->next;
  return c;
}

int listener_respond(struct listener *l, uint64_t number, const char *head, size_t head_len,
                     const char *body, size_t body_len, int with_length) {
  struct connection *c = find(l, number);
  if (!c) return 0;
  cso_buf out = {0};
  char length[64];
  cso_buf_add(&out, head, head_len);
  if (with_length) {
    snprintf(length, sizeof length, "content-length: %zu\r\n", body_len);
    cso_buf_str(&out, length);
  }
  cso_buf_str(&out, c->keep ? "\r\n" : "connection: close\r\n\r\n");
  c->number = 0;
  if (out.failed)
    connection_close(c, 1);
  else
    connection_write(c, out.data, out.len, body, c->is_head || !with_length ? 0 : body_len);
  cso_buf_free(&out);
  if (c->state == CLOSING) return 1;
  if (c->keep)
    connection_continue(c);
  else
    connection_close(c, 0);
  return 1;
}

int listener_abort(struct listener *l, uint64_t number, const char *bytes, size_t len) {
  struct connection *c = find(l, number);
  if (!c) return 0;
  if (len) connection_write(c, bytes, len, "", 0);
  connection_close(c, len == 0);
  return 1;
}

void listener_close(void *listener) {
  struct listener *l = listener;
  l->closing = 1;
  for (struct connection *c = l->connections, *next; c; c = next) {
    next = c->next;
    c->link = NULL; /* the list goes away before the connection does */
    c->next = NULL;
    c->deadline = 0;
    connection_close(c, 0);
    c->listener = NULL;
  }
  l->connections = NULL;
  uv_close((uv_handle_t *)&l->uv, on_closed);
  uv_close((uv_handle_t *)&l->sweep, on_closed);
}
