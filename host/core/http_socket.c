#include "core/http_socket.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "core/loop.h"

enum { KEPT_CONNECTIONS = 128, HOST_CONNECTIONS = 64 };

static struct {
  const struct curl_api *api;
  CURLM *multi;
  uv_timer_t timer;
  void (*finished)(CURL *easy, CURLcode code);
} http;

/* One per socket that is watched; freed when libuv has let go of it.
 *
 * A connection is watched from its opening to its closing, so that a request over a kept one costs no
 * system call for being watched. Between requests it keeps nobody waiting, and what arrives then (most
 * likely its end) ends the watching until curl asks for it again. Sockets that are not connections,
 * curl's resolver has some, are watched only while curl says so. So are those that do not stand yet: curl
 * closes them without a word, and libuv aborts when it is to look at a socket that is closed. */
struct watch {
  uv_poll_t uv;
  curl_socket_t socket;
  int events; /* what libuv looks for now */
  int idle;
  int connected; /* the connection was seen to stand */
};

/* The connections' watches, by socket. */
static struct {
  struct watch **at;
  size_t room;
} connections;

static int want(struct watch *w, int events);

static void read_messages(void) {
  CURLMsg *message;
  int left;
  while ((message = http.api->multi_info_read(http.multi, &left)))
    if (message->msg == CURLMSG_DONE) http.finished(message->easy_handle, message->data.result);
}

static void on_ready(uv_poll_t *uv, int status, int events) {
  struct watch *w = uv->data;
  int flags = 0, running;
  if (status < 0) {
    flags = CURL_CSELECT_ERR;
    w->events = 0; /* libuv has stopped looking */
  }
  if (w->idle) {
    want(w, 0);
    return;
  }
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

void http_begin(void) { on_timer(&http.timer); }

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

static int want(struct watch *w, int events) {
  if (w->events == events) return 0;
  w->events = events;
  return events ? uv_poll_start(&w->uv, events, on_ready) : uv_poll_stop(&w->uv);
}

static void on_closed(uv_handle_t *uv) { free(uv->data); }

static void end_watch(struct watch *w) {
  uv_poll_stop(&w->uv);
  uv_close((uv_handle_t *)&w->uv, on_closed);
}

static struct watch *new_watch(curl_socket_t socket) {
  struct watch *w = calloc(1, sizeof *w);
  if (!w) return NULL;
  if (uv_poll_init_socket(loop_uv(), &w->uv, socket) != 0) {
    free(w);
    return NULL;
  }
  w->uv.data = w;
  w->socket = socket;
  return w;
}

static struct watch *connection(curl_socket_t socket) {
  return (size_t)socket < connections.room ? connections.at[socket] : NULL;
}

static int stands(struct watch *w) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  if (!w->connected) w->connected = getpeername(w->socket, (struct sockaddr *)&peer, &size) == 0;
  return w->connected;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *data, void *watch) {
  (void)easy;
  (void)data;
  struct watch *w = connection(socket);
  int kept = w != NULL;
  int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
  if (!kept) w = watch;
  if (what == CURL_POLL_REMOVE && kept) {
    w->idle = 1;
    uv_unref((uv_handle_t *)&w->uv);
    return want(w, stands(w) ? UV_READABLE : 0) == 0 ? 0 : -1;
  }
  if (what == CURL_POLL_REMOVE) {
    if (!w) return 0;
    end_watch(w);
    http.api->multi_assign(http.multi, socket, NULL);
    return 0;
  }
  if (!w) {
    if (!(w = new_watch(socket))) return -1;
    http.api->multi_assign(http.multi, socket, w);
  }
  w->idle = 0;
  uv_ref((uv_handle_t *)&w->uv);
  return want(w, events) == 0 ? 0 : -1;
}

static int make_room(curl_socket_t socket) {
  size_t room = connections.room ? connections.room : 64;
  while (room <= (size_t)socket) room *= 2;
  if (room == connections.room) return 1;
  struct watch **grown = realloc(connections.at, room * sizeof *grown);
  if (!grown) return 0;
  memset(grown + connections.room, 0, (room - connections.room) * sizeof *grown);
  connections.at = grown;
  connections.room = room;
  return 1;
}

static void forget_connection(struct watch *w) {
  connections.at[w->socket] = NULL;
  loop_own_handles(-1);
  end_watch(w);
}

static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *to) {
  (void)data;
  (void)purpose;
  int fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  struct watch *closed = connection(fd);
  if (closed) forget_connection(closed); /* that had this number, and never stood */
  struct watch *w = make_room(fd) ? new_watch(fd) : NULL;
  if (!w) {
    close(fd);
    return CURL_SOCKET_BAD;
  }
  w->idle = 1;
  uv_unref((uv_handle_t *)&w->uv);
  connections.at[fd] = w;
  loop_own_handles(1);
  return fd;
}

static int close_socket(void *data, curl_socket_t socket) {
  (void)data;
  struct watch *w = connection(socket);
  if (w) forget_connection(w);
  return close(socket);
}

void http_watch_connections(const struct curl_api *api, CURL *easy) {
  api->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  api->easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
}

static void close_all(void) {
  http.api->multi_cleanup(http.multi);
  http.api->global_cleanup();
  http.multi = NULL;
  free(connections.at);
  connections.at = NULL;
  connections.room = 0;
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
  loop_own_handles(1);
  api->multi_setopt(http.multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  api->multi_setopt(http.multi, CURLMOPT_TIMERFUNCTION, set_timer);
  api->multi_setopt(http.multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
  api->multi_setopt(http.multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)HOST_CONNECTIONS);
  loop_on_close(close_all);
  return http.multi;
}
