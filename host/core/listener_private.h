/* Between listener.c (accepting, answering) and connection.c (reading, writing). */
#ifndef CSORUN_CORE_LISTENER_PRIVATE_H
#define CSORUN_CORE_LISTENER_PRIVATE_H
#include "core/listener.h"

enum connection_state { READ_HEAD, READ_BODY, ANSWERING, CLOSING };

struct connection {
  uv_tcp_t uv;
  struct listener *listener; /* NULL once that is closed */
  struct connection *next, **link;
  enum connection_state state;
  cso_buf in;
  struct listener_request *request; /* being read */
  struct chunk_reader chunks;
  uint64_t number;   /* of the request that is being answered, 0: none */
  uint64_t deadline; /* uv_now at which silence is over; 0: none */
  int writes;        /* not finished yet */
  int is_head, keep; /* of the request that is being answered */
  int shut;          /* close when the writes are done */
  int paused;        /* reading stopped, because a request is out */
};

struct listener {
  uv_tcp_t uv;
  uv_timer_t sweep; /* looks for connections that are too slow */
  uint64_t id, last_number;
  struct listener_options options;
  struct connection *connections;
  int handles; /* uv and sweep still open */
  int closing;
};

/* Starts to serve an accepted connection. */
void connection_begin(struct connection *c);
/* Reads on in what has arrived, after an answer. */
void connection_continue(struct connection *c);
/* Sends bytes (copied). */
void connection_write(struct connection *c, const char *a, size_t a_len, const char *b,
                      size_t b_len);
/* Closes: after what is being written (gentle), or at once with a reset. */
void connection_close(struct connection *c, int reset);
void connection_free(uv_handle_t *uv);
uint64_t connection_deadline(double seconds);

#endif
