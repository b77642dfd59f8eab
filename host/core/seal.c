/* Password-derived keys and authenticated encryption (hash.h). */
#include <limits.h>
#include <openssl/evp.h>

#include "hash.h"

bool cso_scrypt(const char *pass, size_t pass_len, const unsigned char *salt, size_t salt_len,
                uint64_t n, uint64_t r, uint64_t p, unsigned char *out, size_t out_len) {
  const uint64_t most = UINT64_C(1) << 30; /* bytes that one derivation may use */
  return EVP_PBE_scrypt(pass, pass_len, salt, salt_len, n, r, p, most, out, out_len) == 1;
}

static const EVP_CIPHER *cipher(size_t key_len) {
  if (key_len == 16) return EVP_aes_128_gcm();
  return key_len == 32 ? EVP_aes_256_gcm() : NULL;
}

bool cso_gcm_seal(const unsigned char *key, size_t key_len, const unsigned char *nonce,
                  const void *aad, size_t aad_len, const void *plain, size_t len,
                  unsigned char *out) {
  int n = 0;
  if (!cipher(key_len) || len > INT_MAX || aad_len > INT_MAX) return false;
  EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
  bool ok = c && EVP_EncryptInit_ex(c, cipher(key_len), NULL, key, nonce) == 1 &&
            (aad_len == 0 || EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_len) == 1) &&
            (len == 0 || EVP_EncryptUpdate(c, out, &n, plain, (int)len) == 1) &&
            EVP_EncryptFinal_ex(c, out + len, &n) == 1 &&
            EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, CSO_GCM_TAG, out + len) == 1;
  EVP_CIPHER_CTX_free(c);
  return ok;
}

bool cso_gcm_open(const unsigned char *key, size_t key_len, const unsigned char *nonce,
                  const void *aad, size_t aad_len, const void *sealed, size_t sealed_len,
                  unsigned char *out) {
  int n = 0;
  if (!cipher(key_len) || sealed_len < CSO_GCM_TAG || sealed_len > INT_MAX || aad_len > INT_MAX)
    return false;
  size_t len = sealed_len - CSO_GCM_TAG;
  const unsigned char *tag = (const unsigned char *)sealed + len;
  EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
  bool ok = c && EVP_DecryptInit_ex(c, cipher(key_len), NULL, key, nonce) == 1 &&
            EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, CSO_GCM_TAG, (void *)tag) == 1 &&
            (aad_len == 0 || EVP_DecryptUpdate(c, NULL, &n, aad, (int)aad_len) == 1) &&
            (len == 0 || EVP_DecryptUpdate(c, out, &n, sealed, (int)len) == 1) &&
            EVP_DecryptFinal_ex(c, out + len, &n) == 1;
  EVP_CIPHER_CTX_free(c);
  if (!ok) cso_wipe(out, len);
  return ok;
}
