#pragma once
#include <microhttpd.h>
#include <string.h>

// Leaves escapes in a request target alone, so that they are decoded once, by us.
static size_t ztb_mhd_keep(void *nothing, struct MHD_Connection *connection, char *text) {
  (void)nothing;
  (void)connection;
  return strlen(text);
}

// Starts a daemon that runs on our own loop; every callback gets `self`. NULL: refused.
static inline struct MHD_Daemon *ztb_mhd_start(
    unsigned flags, void *self, MHD_AccessHandlerCallback handler,
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback connection,
    struct MHD_OptionItem *options) {
  return MHD_start_daemon(flags, 0, NULL, NULL, handler, self,
                          MHD_OPTION_NOTIFY_COMPLETED, completed, self,
                          MHD_OPTION_NOTIFY_CONNECTION, connection, self,
                          MHD_OPTION_UNESCAPE_CALLBACK, ztb_mhd_keep, NULL,
                          MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

// The epoll descriptor of a daemon, -1 when it has none.
static inline int ztb_mhd_epoll(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info ? info->epoll_fd : -1;
}

// What MHD_get_connection_info knows, one shim a type; NULL or -1 without it.
static inline int ztb_mhd_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}
static inline void *ztb_mhd_session(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return info ? info->tls_session : NULL;
}
static inline const struct sockaddr *ztb_mhd_client(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}
static inline void *ztb_mhd_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}
