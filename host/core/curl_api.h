/* libcurl, loaded at the first request: it and its thirty libraries would be half of a start. */
#ifndef CSORUN_CORE_CURL_API_H
#define CSORUN_CORE_CURL_API_H
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

struct curl_api {
  CURLcode (*global_init)(long flags);
  void (*global_cleanup)(void);
  CURL *(*easy_init)(void);
  void (*easy_reset)(CURL *easy);
  void (*easy_cleanup)(CURL *easy);
  CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
  CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
  CURLcode (*easy_pause)(CURL *easy, int what);
  const char *(*easy_strerror)(CURLcode code);
  CURLM *(*multi_init)(void);
  CURLMcode (*multi_cleanup)(CURLM *multi);
  CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
  CURLMcode (*multi_assign)(CURLM *multi, curl_socket_t socket, void *data);
  CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
  CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
  CURLMcode (*multi_socket_action)(CURLM *multi, curl_socket_t socket, int events, int *running);
  CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
};

/* The functions, loaded and initialised; NULL with *why set (static text) when there is none. */
const struct curl_api *curl_api_load(const char **why);

#endif
