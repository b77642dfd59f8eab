/* Between http.c (the life of a request) and http_request.c (how curl is told of it). */
#ifndef CSORUN_CORE_HTTP_TRANSFER_H
#define CSORUN_CORE_HTTP_TRANSFER_H
#include <stdio.h>

#include "core/curl_api.h"
#include "core/http.h"

/* What an easy handle was last set up for. One that is set up for the common forms is not set up
 * again for another request of the same form. */
enum http_form { HTTP_ANY, HTTP_POST, HTTP_GET };

/* A request under way: owns its copies until it is finished. Afterwards it is kept for another one. */
struct transfer {
  struct transfer *next, **link;
  CURL *easy;
  enum http_form form;
  struct curl_slist *header_list; /* one block, its lines behind it */
  size_t header_len;
  char *body;
  size_t body_len;
  FILE *from, *to;
  cso_digest *sum; /* of what goes to `to` */
  int streamed, fed;              /* read, or written, while it is under way: http_sink.h */
  int told_head, held_up, starved; /* held_up: nobody reads; starved: nobody writes */
  struct http_piece *reader, *drained; /* who waits for bytes, and for bytes to be taken */
  cso_buf feed;
  size_t feed_at;
  int feed_over;
  uint64_t from_left; /* bytes of `from` that are still to be sent */
  size_t body_at;     /* how much of `body` has been framed */
  cso_chunked *chunked;
  int begun, repeatable;
  uint64_t max_body, max_header, body_seen, header_seen;
  uint64_t length; /* of the body, as the headers say */
  int has_length, has_head;
  double drip_time;
  uint64_t heard_at; /* when the last byte came, in the loop's time */
  const char *fault; /* code of a failure that a callback of ours decided on */
  char fault_message[160];
  char curl_message[CURL_ERROR_SIZE];
  struct http_result *result;
};

/* Sets a transfer's easy handle up for what is asked. NULL, or what is wrong with it. */
const char *http_configure(const struct curl_api *api, struct transfer *t,
                           const struct http_options *o);

/* Why a transfer whose time is over got no answer: bytes that still came, but hardly ("slow": a server
 * that holds us up), an answer that stopped half-way ("stalled"), or none ("timeout"). */
const char *http_lateness(const struct transfer *t);

/* Makes a transfer fail with a code and a message of ours. */
void http_set_fault(struct transfer *t, const char *code, const char *format, uint64_t figure);

#endif
