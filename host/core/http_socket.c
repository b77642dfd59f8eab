#include "core/http_socket.h"

#include <stdlib.h>
#include <uv.h>

#include "core/loop.h"

enum { KEPT_CONNECTIONS = 128, HOST_CONNECTIONS = 64 };

static struct {
  const struct curl_api *api;
  CURLM *multi;
  uv_timer_t timer;
  void (*finished)(CURL *easy, CURLcode code);
} http;

/* One per socket that curl wants watched; freed when libuv has let go of it. */
struct watch {
  uv_poll_t uv;
  curl_socket_t socket;
};

static void read_messages(void) {
  CURLMsg *message;
  int left;
  while ((message = http.api->multi_info_read(http.multi, &left)))
    if (message->msg == CURLMSG_DONE) http.finished(message->easy_handle, message->data.result);
}

static void on_ready(uv_poll_t *uv, int status, int events) {
  struct watch *w = uv->data;
  int flags = 0, running;
  if (status < 0) flags = CURL_CSELECT_ERR;
  if (events & UV_READABLE) flags |= CURL_CSELECT_IN;
  if (events & UV_WRITABLE) flags |= CURL_CSELECT_OUT;
  http.api->multi_socket_action(http.multi, w->socket, flags, &running);
  read_messages();
}

static void on_timer(uv_timer_t *timer) {
  (void)timer;
  int running;
  http.api->multi_socket_action(http.multi, CURL_SOCKET_TIMEOUT, 0, &running);
  read_messages();
}

static int set_timer(CURLM *multi, long ms, void *data) {
  (void)multi;
  (void)data;
  /* curl forbids calling it back from here: 0 ms means the next turn of the loop. */
  if (ms < 0)
    uv_timer_stop(&http.timer);
  else
    uv_timer_start(&http.timer, on_timer, (uint64_t)ms, 0);
  return 0;
}

static void on_closed(uv_handle_t *uv) { free(uv->data); }

static struct watch *new_watch(curl_socket_t socket) {
  struct watch *w = calloc(1, sizeof *w);
  if (!w) return NULL;
  if (uv_poll_init_socket(loop_uv(), &w->uv, socket) != 0) {
    free(w);
    return NULL;
  }
  w->uv.data = w;
  w->socket = socket;
  http.api->multi_assign(http.multi, socket, w);
  return w;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *data, void *watch) {
  (void)easy;
  (void)data;
  struct watch *w = watch;
  if (what == CURL_POLL_REMOVE) {
    if (!w) return 0;
    uv_poll_stop(&w->uv);
    uv_close((uv_handle_t *)&w->uv, on_closed);
    http.api->multi_assign(http.multi, socket, NULL);
    return 0;
  }
  if (!w && !(w = new_watch(socket))) return -1;
  int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
  return uv_poll_start(&w->uv, events, on_ready) == 0 ? 0 : -1;
}

static void close_all(void) {
  http.api->multi_cleanup(http.multi);
  http.api->global_cleanup();
  http.multi = NULL;
}

CURLM *http_multi(const struct curl_api *api, void (*finished)(CURL *easy, CURLcode code),
                  const char **why) {
  if (http.multi) return http.multi;
  http.api = api;
  http.finished = finished;
  http.multi = api->multi_init();
  if (!http.multi) {
    *why = "out of memory";
    return NULL;
  }
  uv_timer_init(loop_uv(), &http.timer);
  loop_own_handle();
  api->multi_setopt(http.multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  api->multi_setopt(http.multi, CURLMOPT_TIMERFUNCTION, set_timer);
  api->multi_setopt(http.multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
  api->multi_setopt(http.multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)HOST_CONNECTIONS);
  loop_on_close(close_all);
  return http.multi;
}
