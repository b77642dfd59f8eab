/* An HTTP server that costs next to nothing, so that what is measured is the client: one thread, one
 * canned answer, kept connections. It prints its port and ends when its standard input does.
 *   stub FILE CONTENT_TYPE */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 16, MOST = 1024 };

struct peer {
  char bytes[ROOM + 1];
  size_t len;
};

static char *answer;
static size_t answer_len;
static struct peer *peers[MOST];

static int make_answer(const char *path, const char *type) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  if (!(answer = malloc((size_t)size + 256))) abort();
  answer_len = (size_t)sprintf(answer,
                               "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %ld\r\n"
                               "x-amzn-RequestId: 7a62c49f-347e-4fc4-9331-6e8e7a96aa73\r\n"
                               "Date: Sat, 03 Jan 2026 10:00:00 GMT\r\n\r\n", type, size);
  size_t got = fread(answer + answer_len, 1, (size_t)size, file);
  fclose(file);
  answer_len += got;
  return got == (size_t)size;
}

/* The length of the first whole request in p, or 0. */
static size_t whole(struct peer *p) {
  p->bytes[p->len] = 0;
  char *end = strstr(p->bytes, "\r\n\r\n");
  if (!end) return 0;
  char *length = strcasestr(p->bytes, "\r\ncontent-length:");
  size_t size = (size_t)(end - p->bytes) + 4;
  if (length && length < end) size += strtoul(length + 17, NULL, 10);
  return size <= p->len ? size : 0;
}

static int send_all(int fd) {
  for (size_t at = 0; at < answer_len;) {
    ssize_t n = send(fd, answer + at, answer_len - at, MSG_NOSIGNAL);
    if (n <= 0) return 0;
    at += (size_t)n;
  }
  return 1;
}

static int serve(int fd) {
  struct peer *p = peers[fd];
  ssize_t n = recv(fd, p->bytes + p->len, ROOM - p->len, 0);
  if (n <= 0) return 0;
  p->len += (size_t)n;
  for (size_t size; (size = whole(p)) > 0;) {
    p->len -= size;
    memmove(p->bytes, p->bytes + size, p->len);
    if (!send_all(fd)) return 0;
  }
  return p->len < ROOM;
}

static void watch(int epoll, int fd) {
  struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

static void greet(int epoll, int listener) {
  int fd = accept(listener, NULL, NULL), on = 1;
  if (fd < 0) return;
  if (fd >= MOST || !(peers[fd] = calloc(1, sizeof *peers[fd]))) {
    close(fd);
    return;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  watch(epoll, fd);
}

int main(int argc, char **argv) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0);
  if (argc != 3 || !make_answer(argv[1], argv[2]) || epoll < 0 ||
      bind(listener, (struct sockaddr *)&at, size) != 0 || listen(listener, 256) != 0 ||
      getsockname(listener, (struct sockaddr *)&at, &size) != 0)
    return 1;
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  watch(epoll, listener);
  watch(epoll, STDIN_FILENO);
  for (;;) {
    struct epoll_event events[64];
    int n = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      if (fd == STDIN_FILENO) return 0;
      if (fd == listener) {
        greet(epoll, listener);
      } else if (!serve(fd)) {
        free(peers[fd]);
        peers[fd] = NULL;
        close(fd);
      }
    }
  }
}
