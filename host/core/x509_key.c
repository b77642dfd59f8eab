/* Private keys: generate, read (x509.h). */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "x509.h"

/* Appends the key in PKCS#8 form; the copy inside OpenSSL's memory is wiped. */
static int write_key(EVP_PKEY *key, cso_buf *pem) {
  BIO *out = BIO_new(BIO_s_secmem());
  char *data = NULL;
  long len = 0;
  int result = -1;
  if (out && PEM_write_bio_PKCS8PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1) {
    len = BIO_get_mem_data(out, &data);
    if (len > 0 && cso_buf_reserve(pem, (size_t)len)) {
      cso_buf_add(pem, data, (size_t)len);
      result = 0;
    }
  }
  if (data) OPENSSL_cleanse(data, (size_t)len);
  BIO_free(out);
  return result;
}

int cso_rsa_generate_pem(int bits, cso_buf *pem) {
  if (bits < 2048 || bits > 8192) return -1;
  EVP_PKEY *key = EVP_RSA_gen((unsigned)bits);
  int result = key ? write_key(key, pem) : -1;
  EVP_PKEY_free(key); /* clears the numbers */
  ERR_clear_error();
  return result;
}

int cso_ec_generate_pem(cso_buf *pem) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  int result = key ? write_key(key, pem) : -1;
  EVP_PKEY_free(key);
  ERR_clear_error();
  return result;
}

/* OpenSSL asks on the terminal when a key is encrypted, unless a callback refuses. */
static int no_passphrase(char *buffer, int size, int writing, void *data) {
  (void)buffer, (void)size, (void)writing, (void)data;
  return -1;
}

EVP_PKEY *cso_x509_private_key(const char *pem, size_t len) {
  if (len > INT_MAX) return NULL;
  BIO *in = BIO_new_mem_buf(pem, (int)len);
  EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
  BIO_free(in);
  ERR_clear_error();
  return key;
}

EVP_PKEY *cso_x509_public_key(const char *pem, size_t len) {
  if (len > INT_MAX) return NULL;
  BIO *in = BIO_new_mem_buf(pem, (int)len);
  EVP_PKEY *key = in ? PEM_read_bio_PUBKEY(in, NULL, no_passphrase, NULL) : NULL;
  BIO_free(in);
  ERR_clear_error();
  return key;
}

X509 *cso_x509_certificate(const char *pem, size_t len) {
  if (len > INT_MAX) return NULL;
  BIO *in = BIO_new_mem_buf(pem, (int)len);
  X509 *certificate = in ? PEM_read_bio_X509(in, NULL, no_passphrase, NULL) : NULL;
  BIO_free(in);
  ERR_clear_error();
  return certificate;
}

int cso_x509_matches(const char *certificate, size_t certificate_len, const char *key,
                     size_t key_len) {
  X509 *x = cso_x509_certificate(certificate, certificate_len);
  EVP_PKEY *k = cso_x509_private_key(key, key_len);
  int result = x && k ? X509_check_private_key(x, k) == 1 : -1;
  X509_free(x);
  EVP_PKEY_free(k);
  ERR_clear_error();
  return result;
}
