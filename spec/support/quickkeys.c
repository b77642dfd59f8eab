/* Short RSA keys for one process: a key of 4096 bits takes seconds, and who goes through a deployment
 * thousands of times does not test its length. Preloaded, it makes each RSA key one of 1024 bits. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

typedef void *(*make_key)(void *, const char *, const char *, ...);

void *EVP_PKEY_Q_keygen(void *library, const char *query, const char *type, ...);

void *EVP_PKEY_Q_keygen(void *library, const char *query, const char *type, ...) {
  make_key real = (make_key)dlsym(RTLD_NEXT, "EVP_PKEY_Q_keygen");
  va_list more;
  va_start(more, type);
  void *key;
  if (strcmp(type, "RSA") == 0) {
    key = real(library, query, type, (size_t)1024);
  } else if (strcmp(type, "EC") == 0) {
    key = real(library, query, type, va_arg(more, char *));
  } else {
    key = real(library, query, type);
  }
  va_end(more);
  return key;
}
