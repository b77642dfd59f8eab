/* Making certificates (x509.h). */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "x509.h"

static bool set_serial(X509 *x, const cso_x509_request *r) {
  static const unsigned char none[sizeof r->serial];
  unsigned char serial[sizeof r->serial];
  memcpy(serial, r->serial, sizeof serial);
  if (memcmp(serial, none, sizeof none) == 0 && !cso_random(serial, sizeof serial)) return false;
  serial[0] &= 0x7F; /* RFC 5280: positive, at most 20 octets */
  BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
  bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
  BN_free(number);
  return ok;
}

static bool set_subject(X509 *x, const cso_x509_request *r) {
  X509_NAME *name = X509_get_subject_name(x);
  for (size_t i = 0; i < r->subject_count; i++)
    if (X509_NAME_add_entry_by_txt(name, r->subject[i].field, MBSTRING_UTF8,
                                   (const unsigned char *)r->subject[i].value, -1, -1, 0) != 1)
      return false;
  return true;
}

/* An extension from OpenSSL's own small language; value holds nothing from outside. */
static bool add_extension(X509 *x, X509V3_CTX *context, int nid, const char *value) {
  X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, context, nid, value);
  bool ok = e && X509_add_ext(x, e, -1) == 1;
  X509_EXTENSION_free(e);
  return ok;
}

/* Host names travel as ASCII; international ones are written in their xn-- form. */
static bool ascii_word(const char *text) {
  for (const char *p = text; *p; p++)
    if (*p <= ' ' || *p >= 127) return false;
  return *text != 0 && strlen(text) <= 253;
}

static bool add_name(GENERAL_NAMES *names, int type, const char *text) {
  if (!ascii_word(text)) return false;
  GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, type, text, 0);
  if (name && sk_GENERAL_NAME_push(names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

/* Built as objects, not as configuration text: a name with a comma stays a name. */
static const char *add_alternative_names(X509 *x, const cso_x509_request *r) {
  const char *error = NULL;
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  if (!names) return "out of memory";
  for (size_t i = 0; r->dns && r->dns[i] && !error; i++)
    if (!add_name(names, GEN_DNS, r->dns[i])) error = "a DNS name cannot be used";
  for (size_t i = 0; r->ip && r->ip[i] && !error; i++)
    if (!add_name(names, GEN_IPADD, r->ip[i])) error = "an IP address is malformed";
  if (!error && sk_GENERAL_NAME_num(names) > 0 &&
      X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) != 1)
    error = "the alternative names cannot be written";
  sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
  return error;
}

static const char *add_authority(X509 *x, X509V3_CTX *context, const cso_x509_request *r) {
  char constraint[64] = "critical,CA:TRUE";
  if (r->path_length >= 0)
    BIO_snprintf(constraint, sizeof constraint, "critical,CA:TRUE,pathlen:%d", r->path_length);
  if (!add_extension(x, context, NID_basic_constraints, constraint) ||
      !add_extension(x, context, NID_key_usage, "critical,keyCertSign,cRLSign"))
    return "the authority's extensions cannot be written";
  return NULL;
}

static const char *add_leaf(X509 *x, X509V3_CTX *context, const cso_x509_request *r) {
  const char *usage = r->usages == (CSO_X509_SERVER | CSO_X509_CLIENT) ? "serverAuth,clientAuth"
                      : r->usages == CSO_X509_CLIENT                   ? "clientAuth"
                                                                       : "serverAuth";
  if (!add_extension(x, context, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(x, context, NID_key_usage, "critical,digitalSignature,keyEncipherment") ||
      !add_extension(x, context, NID_ext_key_usage, usage))
    return "the certificate's extensions cannot be written";
  return add_alternative_names(x, r);
}

static const char *fill(X509 *x, const cso_x509_request *r, X509 *issuer, EVP_PKEY *key,
                        EVP_PKEY *signer_key) {
  X509V3_CTX context;
  const char *error;
  if (X509_set_version(x, 2) != 1 || !set_serial(x, r)) return "the serial cannot be set";
  if (!ASN1_TIME_set(X509_getm_notBefore(x), (time_t)r->not_before) ||
      !ASN1_TIME_set(X509_getm_notAfter(x), (time_t)r->not_after))
    return "the time of validity cannot be written";
  if (!set_subject(x, r)) return "the subject holds a field or a value that a name cannot have";
  if (X509_set_issuer_name(x, X509_get_subject_name(issuer)) != 1 ||
      X509_set_pubkey(x, key) != 1)
    return "out of memory";
  X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
  error = r->authority ? add_authority(x, &context, r) : add_leaf(x, &context, r);
  if (error) return error;
  if (!add_extension(x, &context, NID_subject_key_identifier, "hash") ||
      !add_extension(x, &context, NID_authority_key_identifier, "keyid:always"))
    return "the key identifiers cannot be written";
  return X509_sign(x, signer_key, EVP_sha256()) > 0 ? NULL : "the certificate cannot be signed";
}

static const char *write_certificate(X509 *x, cso_buf *pem) {
  BIO *out = BIO_new(BIO_s_mem());
  char *data;
  bool ok = out && PEM_write_bio_X509(out, x) == 1;
  if (ok) {
    long len = BIO_get_mem_data(out, &data);
    cso_buf_add(pem, data, (size_t)len);
  }
  BIO_free(out);
  return ok && !pem->failed ? NULL : "out of memory";
}

const char *cso_x509_issue(const cso_x509_request *r, cso_buf *pem) {
  const char *error = NULL;
  X509 *x = X509_new(), *issuer = NULL;
  EVP_PKEY *key = cso_x509_private_key(r->key, r->key_len), *signer_key = NULL;
  if (!x) error = "out of memory";
  else if (!key) error = "the key is no private key in PEM form (or it has a passphrase)";
  if (!error && r->signer) {
    issuer = cso_x509_certificate(r->signer, r->signer_len);
    signer_key = cso_x509_private_key(r->signer_key, r->signer_key_len);
    if (!issuer) error = "the authority's certificate is not PEM";
    else if (!signer_key) error = "the authority's key is no private key in PEM form";
    else if (X509_check_private_key(issuer, signer_key) != 1)
      error = "the authority's key does not belong to its certificate";
    else if (X509_check_ca(issuer) != 1) error = "the signing certificate is no authority";
  }
  if (!error) error = fill(x, r, issuer ? issuer : x, key, signer_key ? signer_key : key);
  if (!error) error = write_certificate(x, pem);
  X509_free(x);
  X509_free(issuer);
  EVP_PKEY_free(key);
  EVP_PKEY_free(signer_key);
  ERR_clear_error();
  return error;
}
