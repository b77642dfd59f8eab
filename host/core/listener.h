/* HTTP/1.1 server for loopback use. Loop thread only.
 *
 * A listener completes once per request. A connection has at most one request out at a time, so
 * pipelined requests are answered in order. Malformed, too large and too slow requests are
 * answered here and never reach the caller. */
#ifndef CSORUN_CORE_LISTENER_H
#define CSORUN_CORE_LISTENER_H
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/http_parse.h"
#include "core/loop.h"

struct listener_options {
  const char *host; /* an address */
  int port;         /* 0: any that is free */
  uint64_t max_body, max_header;
  double header_timeout; /* seconds for a whole request to arrive */
  double idle_timeout;   /* seconds that a kept connection may be silent */
};

/* A completion of this kind is a request. The head and body belong to it. */
struct listener_request {
  struct completion base; /* id: the listener's */
  uint64_t number;
  struct http_request_head head;
  cso_buf body;
  char peer[64];
};

struct listener;

/* Set by the binding: how a request is pushed. */
extern void (*listener_request_push)(void *lua_state, const struct completion *c);

/* NULL with *error a uv error code on failure. */
struct listener *listener_open(const struct listener_options *options, int *error);
int listener_port(const struct listener *l);
uint64_t listener_id(const struct listener *l);

/* Answers a request: a whole head ("HTTP/1.1 200 OK\r\n…", without content-length, connection and
 * the empty line, which are added) and a body. Returns 0 when the request's connection is gone. */
int listener_respond(struct listener *l, uint64_t number, const char *head, size_t head_len,
                     const char *body, size_t body_len, int with_length);

/* Drops a request's connection: with no bytes it is reset, else the bytes are sent and it is
 * closed. Returns 0 when it is gone already. */
int listener_abort(struct listener *l, uint64_t number, const char *bytes, size_t len);

/* Closes the listener and its connections. What has been answered is still sent. */
void listener_close(void *listener);

#endif
