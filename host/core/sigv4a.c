/* The asymmetric half of signing (sigv4.h): which P-256 key a secret stands for, and ECDSA with it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "sigv4.h"

#define SCALAR 32
#define LONGEST_DER 72

struct cso_sigv4a_key {
  EC_KEY *ec;
  unsigned char name[CSO_SHA256]; /* of which pair of keys; not the pair itself */
};

/* The order of the curve less two. */
static const unsigned char largest[SCALAR] = {
  0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
  0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x4F,
};

/* Whether the candidate is above `largest`: subtracts and looks at the borrow, so that the time
 * taken says nothing about the secret. */
static bool too_large(const unsigned char candidate[SCALAR]) {
  unsigned borrow = 0;
  for (int i = SCALAR - 1; i >= 0; i--)
    borrow = ((unsigned)largest[i] - candidate[i] - borrow) >> 31;
  return borrow;
}

static void add_one(unsigned char number[SCALAR]) {
  unsigned carry = 1;
  for (int i = SCALAR - 1; i >= 0; i--) {
    carry += number[i];
    number[i] = (unsigned char)carry;
    carry >>= 8;
  }
}

/* NIST SP 800-108 in counter mode, one block; another counter when the block is no scalar. */
static bool derive(cso_text access_key, cso_text secret_key, unsigned char scalar[SCALAR]) {
  cso_buf secret = {0}, input = {0};
  bool found = false;
  cso_buf_str(&secret, "AWS4A");
  cso_buf_add(&secret, secret_key.data, secret_key.len);
  for (int counter = 1; counter <= 254 && !found && !secret.failed; counter++) {
    input.len = 0;
    cso_buf_add(&input, "\0\0\0\1", 4); /* the number of the block */
    cso_buf_str(&input, "AWS4-ECDSA-P256-SHA256");
    cso_buf_char(&input, 0);
    cso_buf_add(&input, access_key.data, access_key.len);
    cso_buf_char(&input, (char)counter);
    cso_buf_add(&input, "\0\0\1\0", 4); /* 256 bits are wanted */
    if (input.failed) break;
    cso_hmac_sha256(secret.data, secret.len, input.data, input.len, scalar);
    found = !too_large(scalar);
  }
  if (found) add_one(scalar);
  cso_buf_wipe(&secret);
  cso_buf_free(&input);
  return found;
}

static bool name_of(cso_text access_key, cso_text secret_key, unsigned char out[CSO_SHA256]) {
  cso_buf both = {0};
  cso_buf_add(&both, access_key.data, access_key.len);
  cso_buf_char(&both, 0);
  cso_buf_add(&both, secret_key.data, secret_key.len);
  bool ok = !both.failed;
  if (ok) cso_sha256(both.data, both.len, out);
  cso_buf_wipe(&both);
  return ok;
}

static EC_KEY *make_key(const unsigned char scalar[SCALAR]) {
  EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  const EC_GROUP *group = key ? EC_KEY_get0_group(key) : NULL;
  BIGNUM *private = BN_bin2bn(scalar, SCALAR, NULL);
  EC_POINT *public = group ? EC_POINT_new(group) : NULL;
  bool ok = private && public;
  if (ok) {
    BN_set_flags(private, BN_FLG_CONSTTIME);
    ok = EC_POINT_mul(group, public, private, NULL, NULL, NULL) == 1 &&
         EC_KEY_set_private_key(key, private) == 1 && EC_KEY_set_public_key(key, public) == 1;
  }
  EC_POINT_free(public);
  BN_clear_free(private);
  if (ok) return key;
  EC_KEY_free(key);
  return NULL;
}

cso_sigv4a_key *cso_sigv4a_key_new(cso_text access_key, cso_text secret_key) {
  unsigned char scalar[SCALAR];
  cso_sigv4a_key *key = calloc(1, sizeof *key);
  if (key && name_of(access_key, secret_key, key->name) &&
      derive(access_key, secret_key, scalar))
    key->ec = make_key(scalar);
  cso_wipe(scalar, sizeof scalar);
  ERR_clear_error();
  if (key && key->ec) return key;
  cso_sigv4a_key_free(key);
  return NULL;
}

void cso_sigv4a_key_free(cso_sigv4a_key *key) {
  if (!key) return;
  EC_KEY_free(key->ec); /* clears the private number */
  cso_wipe(key, sizeof *key);
  free(key);
}

bool cso_sigv4a_key_is(const cso_sigv4a_key *key, cso_text access_key, cso_text secret_key) {
  unsigned char name[CSO_SHA256];
  return name_of(access_key, secret_key, name) && cso_equal(name, key->name, sizeof name);
}

bool cso_sigv4a_sign(const cso_sigv4a_key *key, cso_text text, char signature[CSO_SIGNATURE]) {
  unsigned char digest[CSO_SHA256], der[LONGEST_DER + 8];
  unsigned len = 0;
  cso_sha256(text.data, text.len, digest);
  bool ok = ECDSA_size(key->ec) <= (int)sizeof der &&
            ECDSA_sign(0, digest, sizeof digest, der, &len, key->ec) == 1 && len <= LONGEST_DER;
  if (ok) {
    cso_hex(der, len, signature);
    signature[(size_t)2 * len] = 0;
  }
  ERR_clear_error();
  return ok;
}

bool cso_sigv4a_verify(const cso_sigv4a_key *key, cso_text text, cso_text signature) {
  unsigned char digest[CSO_SHA256], der[LONGEST_DER];
  if (signature.len > sizeof der * 2 || !cso_unhex(signature.data, signature.len, der)) return false;
  cso_sha256(text.data, text.len, digest);
  int result = ECDSA_verify(0, digest, sizeof digest, der, (int)(signature.len / 2), key->ec);
  ERR_clear_error();
  return result == 1;
}

bool cso_sigv4a_public(const cso_sigv4a_key *key, unsigned char x[32], unsigned char y[32]) {
  BIGNUM *bx = BN_new(), *by = BN_new();
  bool ok = bx && by &&
            EC_POINT_get_affine_coordinates(EC_KEY_get0_group(key->ec),
                                            EC_KEY_get0_public_key(key->ec), bx, by, NULL) == 1 &&
            BN_bn2binpad(bx, x, SCALAR) == SCALAR && BN_bn2binpad(by, y, SCALAR) == SCALAR;
  BN_free(bx);
  BN_free(by);
  return ok;
}
