/* Where the body of an answer goes: into memory, into a file from some byte on, or in pieces to whoever
 * reads them while it comes. And the other way: a body that is written piece by piece while it is sent. */
#ifndef CSORUN_CORE_HTTP_SINK_H
#define CSORUN_CORE_HTTP_SINK_H
#include "core/http_transfer.h"

/* Sets up what `o` asks for. NULL, or what is wrong. */
const char *http_sink_open(const struct curl_api *api, struct transfer *t, const struct http_options *o);

/* Takes bytes of the body: n, 0 with the transfer's fault set, or CURL_WRITEFUNC_PAUSE. */
size_t http_sink_take(struct transfer *t, const char *data, size_t n);

/* The head of an answer is there, not an interim one's. */
void http_sink_head(struct transfer *t);

/* The transfer is over: writes out what is held, hands the rest to who waits. Sets the transfer's fault
 * when a file takes no more. */
void http_sink_end(struct transfer *t);

/* Frees all that belongs to it. */
void http_sink_close(struct transfer *t);

/* The next bytes of a body that is written while it is sent, as curl's read callback gives them. */
size_t http_feed_read(struct transfer *t, char *to, size_t size);

/* What http_read and http_feed do, once the request is found. */
uint64_t http_sink_read(struct transfer *t);
uint64_t http_sink_feed(struct transfer *t, const char *data, size_t len, int last);

#endif
