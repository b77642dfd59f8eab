#include "core/curl_api.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static struct curl_api api;

#define ENTRY(field) {"curl_" #field, offsetof(struct curl_api, field)}
static const struct {
  const char *name;
  size_t offset;
} entries[] = {
  ENTRY(global_init),         ENTRY(global_cleanup),  ENTRY(easy_init),
  ENTRY(easy_reset),          ENTRY(easy_cleanup),    ENTRY(easy_setopt),
  ENTRY(easy_getinfo),        ENTRY(easy_strerror),   ENTRY(multi_init),
  ENTRY(multi_cleanup),       ENTRY(multi_setopt),    ENTRY(multi_assign),
  ENTRY(multi_add_handle),    ENTRY(multi_remove_handle), ENTRY(multi_socket_action),
  ENTRY(multi_info_read),     ENTRY(easy_pause),
};
#undef ENTRY

const struct curl_api *curl_api_load(const char **why) {
  static int loaded;
  if (loaded) return &api;
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    *why = "libcurl.so.4 can't be loaded (Debian package libcurl4)";
    return NULL;
  }
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    void *symbol = dlsym(library, entries[i].name);
    if (!symbol) {
      *why = "libcurl.so.4 is too old: 7.85 is needed";
      return NULL;
    }
    memcpy((char *)&api + entries[i].offset, &symbol, sizeof symbol);
  }
  if (api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    *why = "libcurl can't be initialised";
    return NULL;
  }
  loaded = 1;
  return &api;
}
