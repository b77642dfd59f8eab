/* Between http.c (what is asked) and http_socket.c (curl's sockets and timer on the loop). */
#ifndef CSORUN_CORE_HTTP_SOCKET_H
#define CSORUN_CORE_HTTP_SOCKET_H
#include "core/curl_api.h"

/* The multi handle, made at the first call; NULL with *why set on failure. `finished` is called
 * for every transfer that ends, with its easy handle still added. */
CURLM *http_multi(const struct curl_api *api, void (*finished)(CURL *easy, CURLcode code),
                  const char **why);

/* Lets what was added begin at once, without a turn of the loop. */
void http_begin(void);

/* Has the connections of an easy handle watched by us for as long as they live. */
void http_watch_connections(const struct curl_api *api, CURL *easy);

#endif
