/* Reading and verifying certificates (x509.h). */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "hash.h"
#include "x509.h"

static void put_name(X509_NAME *name, cso_buf *out) {
  BIO *bio = BIO_new(BIO_s_mem());
  char *data;
  if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
    long len = BIO_get_mem_data(bio, &data);
    cso_buf_add(out, data, (size_t)len);
  }
  BIO_free(bio);
}

static void put_common_name(X509_NAME *name, cso_buf *out) {
  int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return;
  unsigned char *utf8 = NULL;
  int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (len > 0) cso_buf_add(out, utf8, (size_t)len);
  if (len >= 0) OPENSSL_free(utf8);
}

static void put_pair(cso_buf *out, const char *kind, const char *value) {
  cso_buf_add(out, kind, strlen(kind) + 1);
  cso_buf_add(out, value, strlen(value) + 1);
}

static void put_address(cso_buf *out, const unsigned char *a, int len) {
  char text[64];
  if (len == 4) {
    BIO_snprintf(text, sizeof text, "%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
    put_pair(out, "ip", text);
  } else if (len == 16) {
    size_t n = 0;
    for (int i = 0; i < 16; i += 2)
      n += (size_t)BIO_snprintf(text + n, sizeof text - n, i ? ":%x" : "%x", a[i] << 8 | a[i + 1]);
    put_pair(out, "ip", text);
  }
}

static void put_alternative_names(X509 *x, cso_buf *out) {
  GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) { /* -1 for NULL */
    int type;
    const ASN1_STRING *s = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    const char *kind = type == GEN_DNS ? "dns" : type == GEN_EMAIL ? "email" : "uri";
    if (type == GEN_IPADD) {
      put_address(out, ASN1_STRING_get0_data(s), ASN1_STRING_length(s));
    } else if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI) {
      const char *text = (const char *)ASN1_STRING_get0_data(s);
      /* A zero byte inside is an old trick to pass for another name. */
      if (strlen(text) == (size_t)ASN1_STRING_length(s)) put_pair(out, kind, text);
    }
  }
  sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
}

static bool epoch(const ASN1_TIME *t, int64_t *out) {
  struct tm tm;
  if (ASN1_TIME_to_tm(t, &tm) != 1) return false;
  *out = timegm(&tm);
  return true;
}

static bool put_serial(X509 *x, char out[64]) {
  BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
  unsigned char bytes[31];
  bool ok = number && BN_num_bytes(number) <= (int)sizeof bytes;
  if (ok) {
    int n = BN_bn2bin(number, bytes);
    cso_hex(bytes, (size_t)n, out);
    out[2 * n] = 0;
  }
  BN_free(number);
  return ok;
}

static bool put_facts(X509 *x, cso_x509_facts *f) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  if (!put_serial(x, f->serial) || !epoch(X509_get0_notBefore(x), &f->not_before) ||
      !epoch(X509_get0_notAfter(x), &f->not_after) ||
      X509_digest(x, EVP_sha256(), digest, &len) != 1)
    return false;
  cso_hex(digest, CSO_SHA256, f->fingerprint);
  put_name(X509_get_subject_name(x), &f->subject);
  put_name(X509_get_issuer_name(x), &f->issuer);
  put_common_name(X509_get_subject_name(x), &f->common_name);
  put_alternative_names(x, &f->san);
  EVP_PKEY *key = X509_get0_pubkey(x);
  const char *name = key ? EVP_PKEY_get0_type_name(key) : NULL;
  BIO_snprintf(f->algorithm, sizeof f->algorithm, "%s", name ? name : "unknown");
  f->bits = key ? EVP_PKEY_get_bits(key) : 0;
  f->authority = X509_check_ca(x) == 1;
  f->self_issued = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
  return !f->subject.failed && !f->issuer.failed && !f->common_name.failed && !f->san.failed;
}

/* All certificates of the text; NULL when memory is out. *bad is set when one is malformed. */
static STACK_OF(X509) *read_all(const char *pem, size_t len, bool *bad) {
  STACK_OF(X509) *all = sk_X509_new_null();
  BIO *in = len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
  *bad = !in;
  while (in && all) {
    X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
    if (!x) {
      *bad = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
      break;
    }
    if (sk_X509_push(all, x) <= 0) {
      X509_free(x);
      break;
    }
  }
  BIO_free(in);
  ERR_clear_error();
  return all;
}

int cso_x509_read(const char *pem, size_t len, size_t index, cso_x509_facts *facts) {
  int result = -1;
  bool bad;
  *facts = (cso_x509_facts){0};
  STACK_OF(X509) *all = read_all(pem, len, &bad);
  if (all && index < (size_t)sk_X509_num(all))
    result = put_facts(sk_X509_value(all, (int)index), facts) ? 1 : -1;
  else if (all && !bad) result = 0;
  sk_X509_pop_free(all, X509_free);
  ERR_clear_error();
  return result;
}

void cso_x509_facts_free(cso_x509_facts *f) {
  cso_buf_free(&f->subject);
  cso_buf_free(&f->issuer);
  cso_buf_free(&f->common_name);
  cso_buf_free(&f->san);
}

static bool trust(X509_STORE *store, const STACK_OF(X509) *roots) {
  for (int i = 0; i < sk_X509_num(roots); i++)
    if (X509_STORE_add_cert(store, sk_X509_value(roots, i)) != 1) return false;
  return true;
}

static const char *check_host(X509 *leaf, const char *host) {
  if (!host) return NULL;
  if (X509_check_host(leaf, host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL) == 1) return NULL;
  return X509_check_ip_asc(leaf, host, 0) == 1 ? NULL : "the certificate is for other names";
}

const char *cso_x509_verify(const char *leaf, size_t leaf_len, const char *extra, size_t extra_len,
                            const char *roots, size_t roots_len, int64_t when, const char *host) {
  const char *error = "out of memory";
  bool bad_leaf, bad_extra = false, bad_roots;
  X509_STORE *store = X509_STORE_new();
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  STACK_OF(X509) *chain = read_all(leaf, leaf_len, &bad_leaf);
  STACK_OF(X509) *more = extra ? read_all(extra, extra_len, &bad_extra) : NULL;
  STACK_OF(X509) *trusted = read_all(roots, roots_len, &bad_roots);
  if (!store || !context || !chain || !trusted) goto end;
  error = "the certificate is not PEM";
  if (bad_leaf || sk_X509_num(chain) < 1) goto end;
  error = "the intermediate certificates are not PEM";
  if (bad_extra) goto end;
  error = "the root certificates are not PEM";
  if (bad_roots || sk_X509_num(trusted) < 1) goto end;
  error = "out of memory";
  X509 *first = sk_X509_value(chain, 0);
  for (int i = 0; i < sk_X509_num(more); i++) {
    X509_up_ref(sk_X509_value(more, i));
    if (sk_X509_push(chain, sk_X509_value(more, i)) <= 0) {
      X509_free(sk_X509_value(more, i));
      goto end;
    }
  }
  if (!trust(store, trusted) || X509_STORE_CTX_init(context, store, first, chain) != 1) goto end;
  X509_STORE_CTX_set_time(context, 0, (time_t)when);
  error = X509_verify_cert(context) == 1
            ? check_host(first, host)
            : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
end:
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  sk_X509_pop_free(chain, X509_free);
  sk_X509_pop_free(more, X509_free);
  sk_X509_pop_free(trusted, X509_free);
  ERR_clear_error();
  return error;
}
