/* HTTP client: curl's multi interface on the one loop. Loop thread only.
 *
 * Verification of TLS peers is always on, redirects are never followed, only http and https are
 * spoken. Connections are kept and reused. */
#ifndef CSORUN_CORE_HTTP_H
#define CSORUN_CORE_HTTP_H
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/chunked.h"
#include "core/digest.h"
#include "core/loop.h"

/* What is to be sent. All strings are copied by http_start. NULL or 0: not given. */
struct http_options {
  const char *method, *url;
  const char *const *headers; /* names and values in turn */
  size_t header_count;        /* pairs */
  const char *body;
  size_t body_len;
  const char *proxy; /* "" = none, NULL = by the environment */
  const char *ca;    /* file of certificates instead of the system's */
  const char *to_file, *from_file;
  int64_t to_at;      /* of to_file: where the answer is written into it; -1: it begins anew */
  const char *to_sum; /* the checksum that is wanted of what goes to the file */
  int stream;         /* the answer's body is read by http_read while it comes */
  int feed;           /* the request's body is given by http_feed while it is sent */
  uint64_t from_at;                   /* of from_file: the first byte that is sent … */
  int64_t from_length;                /* … and how many; -1: all that are left */
  const cso_chunked_options *chunked; /* NULL, or how the body is framed; its length is not read */
  double connect_timeout, timeout, low_speed_time; /* seconds, 0 = none */
  double drip_time; /* seconds that an answer which has begun may be slower than 256 bytes per second */
  uint64_t max_body, max_header;                   /* bytes */
};

/* A completion of this kind is an http_result. */
struct http_result {
  struct completion base;
  const char *error; /* NULL: there is an answer; else the code of the failure */
  char message[320];
  int sent; /* of a failure: whether the request may have reached the server */
  long status;
  cso_buf headers; /* "name\0value\0", names in lower case */
  cso_buf body;
  unsigned char sum[CSO_DIGEST]; /* of what went to a file, if that was asked for */
  size_t sum_len;
  uint64_t received; /* bytes of the body that came, also of an answer that broke off */
  double ms;
  uint64_t bytes_out, bytes_in;
};

/* A completion of this kind is what http_read and http_feed give. */
struct http_piece {
  struct completion base;
  long status;
  cso_buf headers; /* as in http_result … */
  int has_head;    /* … in the first piece */
  cso_buf data;
  int over; /* the request has ended: its own completion follows, with bytes that nobody has read */
};
extern void (*http_piece_push)(void *lua_state, const struct completion *c);

/* Set by the binding: how a result is pushed. */
extern void (*http_result_push)(void *lua_state, const struct completion *c);

/* Starts a request. Returns its id, or 0 with *why set when it can't even be begun. Everything
 * later arrives as a completion of that id. */
uint64_t http_start(const struct http_options *options, const char **why);

/* Asks for the next bytes of a streamed answer, one asking at a time. The id of the completion, or 0:
 * there is no such request any more. Nobody reads, nothing comes: the other side has to wait. */
uint64_t http_read(uint64_t id);

/* Gives the next bytes of a request's body, and says whether they are the last. Completes when they have
 * been taken; 0: there is no such request any more, or earlier bytes have not been taken yet. */
uint64_t http_feed(uint64_t id, const char *data, size_t len, int last);

/* Stops a request that is under way; it completes with the error "cancelled". */
void http_cancel(uint64_t id);

#endif
