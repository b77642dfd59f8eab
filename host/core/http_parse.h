/* Reading HTTP/1.1 requests: strict, incremental, no input or output of its own.
 *
 * A request that two readers could understand differently is refused: bare line feeds, folded
 * lines, spaces before colons, two lengths, a length beside chunks. */
#ifndef CSORUN_CORE_HTTP_PARSE_H
#define CSORUN_CORE_HTTP_PARSE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

enum parse_result { PARSE_MORE, PARSE_DONE, PARSE_BAD };

struct http_request_head {
  char *method, *target; /* terminated, in one allocation with the headers */
  cso_buf headers;       /* "name\0value\0", names in lower case */
  bool http_1_0, close, chunked, expects_continue;
  uint64_t length; /* of the body, when not chunked */
  int status;      /* why it is bad: the status to answer */
  const char *reason;
};

/* Looks for a whole head at the start of data. DONE: *used bytes were read and *head is filled
 * (free it with http_head_free). BAD: head->status and head->reason say why. */
enum parse_result http_parse_head(const char *data, size_t len, size_t max,
                                  struct http_request_head *head, size_t *used);
void http_head_free(struct http_request_head *head);

/* Decodes chunks. Zero it before the first byte. */
struct chunk_reader {
  int state;
  int digits;
  uint64_t left;
  size_t line; /* bytes of extensions and trailers seen, which are skipped */
};

/* Reads from data, adds the body's bytes to body (at most max in all). Sets *used. */
enum parse_result http_parse_chunks(struct chunk_reader *reader, const char *data, size_t len,
                                    cso_buf *body, uint64_t max, size_t *used);

#endif
