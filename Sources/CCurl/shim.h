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
