#pragma once
#include <curl/curl.h>

// The variadic calls of libcurl, one shim for each type of argument. Each returns what the call
// returns: CURLE_OK (0) or the error.
static inline CURLcode ztb_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ztb_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ztb_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ztb_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
// The octets are copied.
static inline CURLcode ztb_curl_set_blob(CURL *handle, CURLoption option, const void *octets,
                                         size_t count) {
  struct curl_blob blob = {(void *)octets, count, CURL_BLOB_COPY};
  return curl_easy_setopt(handle, option, &blob);
}
// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION have the same type.
static inline CURLcode ztb_curl_set_write(CURL *handle, CURLoption option,
                                          curl_write_callback function) {
  return curl_easy_setopt(handle, option, function);
}
static inline CURLcode ztb_curl_set_socket_made(CURL *handle, curl_sockopt_callback function) {
  return curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, function);
}
static inline CURLcode ztb_curl_set_before_request(CURL *handle, curl_prereq_callback function) {
  return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, function);
}
static inline CURLcode ztb_curl_set_tls_made(CURL *handle, curl_ssl_ctx_callback function) {
  return curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, function);
}
static inline CURLcode ztb_curl_info_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode ztb_curl_info_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode ztb_curl_info_pointer(CURL *handle, CURLINFO info, void **value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLMcode ztb_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode ztb_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode ztb_curl_multi_set_socket(CURLM *multi, curl_socket_callback function) {
  return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, function);
}
static inline CURLMcode ztb_curl_multi_set_timer(CURLM *multi, curl_multi_timer_callback function) {
  return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, function);
}
