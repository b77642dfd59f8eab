/* Ed25519 signatures with keys in PEM form (x509.h). */
#include <openssl/err.h>
#include <openssl/evp.h>

#include "x509.h"

static bool is_ed25519(const EVP_PKEY *key) {
  return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
}

bool cso_ed25519_sign(const char *pem, size_t pem_len, const void *text, size_t text_len,
                      unsigned char signature[64], unsigned char public_half[32]) {
  EVP_PKEY *key = cso_x509_private_key(pem, pem_len);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t len = 64, half = 32;
  bool ok = context && is_ed25519(key) &&
            EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
            EVP_DigestSign(context, signature, &len, text, text_len) == 1 && len == 64 &&
            EVP_PKEY_get_raw_public_key(key, public_half, &half) == 1 && half == 32;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return ok;
}

int cso_ed25519_verify(const char *pem, size_t pem_len, const void *text, size_t text_len,
                       const void *signature, size_t signature_len) {
  EVP_PKEY *key = cso_x509_public_key(pem, pem_len);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int result = -1;
  if (context && is_ed25519(key) && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1)
    result = EVP_DigestVerify(context, signature, signature_len, text, text_len) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return result;
}
