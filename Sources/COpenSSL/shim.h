// OpenSSL, and the calls of it that are macros. Each shim is one call and returns what the macro
// returns: 1 done, 0 refused.
#pragma once
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int ztb_ssl_ctx_only_version(SSL_CTX *context, int version) {
  return (int)(SSL_CTX_set_min_proto_version(context, version)
               && SSL_CTX_set_max_proto_version(context, version));
}
static inline void ztb_ssl_ctx_set_options(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
                                   | SSL_OP_CIPHER_SERVER_PREFERENCE);
}
static inline void ztb_ssl_ctx_set_mode(SSL_CTX *context) {
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}
static inline void ztb_ssl_ctx_no_sessions(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
static inline int ztb_evp_hkdf_md(EVP_PKEY_CTX *context) {
  return EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256());
}
static inline int ztb_err_reason(unsigned long code) { return ERR_GET_REASON(code); }
