/* Keys and certificates without Lua: make an authority, issue leaves, read and verify. Everything
 * is PEM text. All functions may be called from any thread. */
#ifndef CSO_CORE_X509_H
#define CSO_CORE_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* A new RSA key as PKCS#8 PEM, appended to pem; the caller wipes it (cso_buf_wipe). 0, or -1 with
 * nothing appended. A 4096-bit key takes from half a second to several. */
int cso_rsa_generate_pem(int bits, cso_buf *pem);
/* The same on the curve P-256; a few milliseconds. */
int cso_ec_generate_pem(cso_buf *pem);

/* A signature as JSON Web Tokens want it (ES256): r and s, each 32 bytes, and the public half of the
 * key that made it. false: not the PEM of a P-256 key. */
bool cso_es256_sign(const char *pem, size_t pem_len, const void *text, size_t text_len,
                    unsigned char signature[64], unsigned char x[32], unsigned char y[32]);

/* Ed25519 (RFC 8032) over the text itself. public_half: the raw public key. false: not the PEM of an
 * Ed25519 key without a passphrase. */
bool cso_ed25519_sign(const char *pem, size_t pem_len, const void *text, size_t text_len,
                      unsigned char signature[64], unsigned char public_half[32]);
/* 1: made by the key whose public half is the PEM; 0: not; -1: the PEM is no Ed25519 public key. */
int cso_ed25519_verify(const char *pem, size_t pem_len, const void *text, size_t text_len,
                       const void *signature, size_t signature_len);

typedef struct cso_x509_name {
  const char *field; /* CN, O, OU, C, ST, L, emailAddress */
  const char *value; /* UTF-8 */
} cso_x509_name;

typedef enum cso_x509_usage {
  CSO_X509_SERVER = 1,
  CSO_X509_CLIENT = 2
} cso_x509_usage;

typedef struct cso_x509_request {
  const char *key; /* the subject's private key */
  size_t key_len;
  const cso_x509_name *subject;
  size_t subject_count;
  int64_t not_before, not_after; /* epoch seconds */
  bool authority;                /* a CA, self-signed when signer is NULL */
  int path_length;               /* of a CA; -1: no limit */
  unsigned usages;               /* of a leaf: cso_x509_usage bits */
  const char *const *dns;        /* alternative names of a leaf, NULL-ended or NULL */
  const char *const *ip;
  const char *signer; /* the issuer's certificate; NULL: self-signed */
  size_t signer_len;
  const char *signer_key;
  size_t signer_key_len;
  unsigned char serial[20]; /* big-endian; all zero: random */
} cso_x509_request;

/* The certificate as PEM, appended to pem; NULL on success, else what is wrong (static text). */
const char *cso_x509_issue(const cso_x509_request *request, cso_buf *pem);

/* What a certificate says, as callbacks would be clumsy: each text owned by the struct. */
typedef struct cso_x509_facts {
  cso_buf subject, issuer;         /* RFC 2253, e.g. CN=portal,O=Example */
  cso_buf common_name;             /* of the subject */
  cso_buf san;                     /* "dns\0name\0ip\0…\0": kind, value, … each 0-ended */
  char serial[64];                 /* lower-case hex */
  char fingerprint[65];            /* SHA-256 of the DER form, lower-case hex */
  char algorithm[16];              /* RSA, EC, … */
  int bits;                        /* of the public key */
  int64_t not_before, not_after;   /* epoch seconds */
  bool authority;                  /* basicConstraints says CA */
  bool self_issued;
} cso_x509_facts;

/* Facts of the certificate number `index` (from 0) in the PEM text. 1 when it is there, 0 when
 * there are fewer, -1 when it is malformed. Whatever the result, the caller frees facts. */
int cso_x509_read(const char *pem, size_t len, size_t index, cso_x509_facts *facts);
void cso_x509_facts_free(cso_x509_facts *facts);

/* Whether the first certificate of `leaf` leads to one of `roots`, with the rest of `leaf` and
 * `extra` (may be NULL) as intermediates, at that time. NULL when it does, else why not (static
 * text). host (may be NULL) is a name that the certificate must carry. */
const char *cso_x509_verify(const char *leaf, size_t leaf_len, const char *extra, size_t extra_len,
                            const char *roots, size_t roots_len, int64_t when, const char *host);

/* 1: the private key belongs to the first certificate; 0: to another; -1: one is unreadable. */
int cso_x509_matches(const char *certificate, size_t certificate_len, const char *key,
                     size_t key_len);

/* x509.c, for the files of this room: nothing is printed, no passphrase is asked for. */
struct evp_pkey_st *cso_x509_private_key(const char *pem, size_t len);
struct evp_pkey_st *cso_x509_public_key(const char *pem, size_t len);
struct x509_st *cso_x509_certificate(const char *pem, size_t len);

#endif
