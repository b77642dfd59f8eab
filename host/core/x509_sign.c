/* ES256 signatures with a key in PEM form (x509.h). */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "x509.h"

enum { SIDE = 32, LONGEST_DER = 128 };

static bool number(const EVP_PKEY *key, const char *name, unsigned char out[SIDE]) {
  BIGNUM *n = NULL;
  bool ok = EVP_PKEY_get_bn_param(key, name, &n) == 1 && BN_bn2binpad(n, out, SIDE) == SIDE;
  BN_free(n);
  return ok;
}

static bool is_p256(const EVP_PKEY *key) {
  char group[32];
  size_t len;
  return EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1 &&
         strcmp(group, "prime256v1") == 0;
}

/* From OpenSSL's form, a sequence of two numbers, to the two numbers side by side. */
static bool flat(const unsigned char *der, size_t len, unsigned char signature[2 * SIDE]) {
  ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
  bool ok = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, SIDE) == SIDE &&
            BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + SIDE, SIDE) == SIDE;
  ECDSA_SIG_free(pair);
  return ok;
}

bool cso_es256_sign(const char *pem, size_t pem_len, const void *text, size_t text_len,
                    unsigned char signature[64], unsigned char x[32], unsigned char y[32]) {
  EVP_PKEY *key = cso_x509_private_key(pem, pem_len);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  unsigned char der[LONGEST_DER];
  size_t len = sizeof der;
  bool ok = key && context && is_p256(key) &&
            EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
            EVP_DigestSign(context, der, &len, text, text_len) == 1 && flat(der, len, signature) &&
            number(key, OSSL_PKEY_PARAM_EC_PUB_X, x) && number(key, OSSL_PKEY_PARAM_EC_PUB_Y, y);
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return ok;
}
