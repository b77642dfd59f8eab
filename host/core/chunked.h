/* aws-chunked: a body that is framed, checked and signed while it is sent, so that it is read once
 * and never held whole. */
#ifndef CSO_CORE_CHUNKED_H
#define CSO_CORE_CHUNKED_H

#include <stdint.h>

#include "sigv4.h"

typedef struct cso_chunked_options {
  size_t chunk;         /* bytes of the body in a frame */
  uint64_t length;      /* of the body */
  const char *checksum; /* NULL, or the name of a digest (digest.h) … */
  const char *trailer;  /* … and of the header that carries it behind the body */
  const cso_sigv4_input *who; /* NULL: unsigned; else keys, region or set, service, time */
  const char *seed;           /* the request's signature, which the first frame's covers */
} cso_chunked_options;

/* Gives the next bytes of the body; 0: there are no more, SIZE_MAX: they can't be read. */
typedef size_t cso_chunked_source(void *from, char *to, size_t size);

/* Copies all that it needs; NULL when memory is out or the checksum is unknown. cso_chunked_free
 * wipes what is secret. */
typedef struct cso_chunked cso_chunked;
cso_chunked *cso_chunked_new(const cso_chunked_options *options);
void cso_chunked_free(cso_chunked *c);
/* How many bytes the framed body has, which its request says beforehand. */
uint64_t cso_chunked_length(const cso_chunked *c);
/* The next bytes of the framed body: 0 at its end, SIZE_MAX when the source failed, was shorter than
 * promised, or could not be signed. */
size_t cso_chunked_read(cso_chunked *c, cso_chunked_source *source, void *from, char *to,
                        size_t size);
#endif
