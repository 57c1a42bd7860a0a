/// Numbers of the attributes of a tracked connection, with the kernel's names
/// (`linux/netfilter/nfnetlink_conntrack.h`).
enum CTA {
  static let tupleOriginal: UInt16 = 1  // CTA_TUPLE_ORIG
  static let tupleReply: UInt16 = 2  // CTA_TUPLE_REPLY
  static let status: UInt16 = 3  // CTA_STATUS
  static let protocolInformation: UInt16 = 4  // CTA_PROTOINFO
  static let help: UInt16 = 5  // CTA_HELP
  static let natSource: UInt16 = 6  // CTA_NAT_SRC
  static let timeout: UInt16 = 7  // CTA_TIMEOUT
  static let mark: UInt16 = 8  // CTA_MARK
  static let id: UInt16 = 12  // CTA_ID
  static let natDestination: UInt16 = 13  // CTA_NAT_DST
  static let tupleMaster: UInt16 = 14  // CTA_TUPLE_MASTER
  static let adjustmentOriginal: UInt16 = 15  // CTA_SEQ_ADJ_ORIG
  static let adjustmentReply: UInt16 = 16  // CTA_SEQ_ADJ_REPLY
  static let zone: UInt16 = 18  // CTA_ZONE
  static let markMask: UInt16 = 21  // CTA_MARK_MASK
  static let labels: UInt16 = 22  // CTA_LABELS
  static let filter: UInt16 = 25  // CTA_FILTER
  static let statusMask: UInt16 = 26  // CTA_STATUS_MASK

  /// Inside `CTA_FILTER`: which parts of a tuple have to be as given; the numbers are in host order.
  enum Filter {
    static let original: UInt16 = 1  // CTA_FILTER_ORIG_FLAGS
    static let reply: UInt16 = 2  // CTA_FILTER_REPLY_FLAGS
    static let source: UInt32 = 1  // CTA_FILTER_F_CTA_IP_SRC of nf_internals.h
  }

  /// Inside a tuple.
  enum Tuple {
    static let ip: UInt16 = 1  // CTA_TUPLE_IP
    static let transport: UInt16 = 2  // CTA_TUPLE_PROTO
    static let zone: UInt16 = 3  // CTA_TUPLE_ZONE
    static let sourceIPv4: UInt16 = 1  // CTA_IP_V4_SRC
    static let destinationIPv4: UInt16 = 2  // CTA_IP_V4_DST
    static let sourceIPv6: UInt16 = 3  // CTA_IP_V6_SRC
    static let destinationIPv6: UInt16 = 4  // CTA_IP_V6_DST
    static let number: UInt16 = 1  // CTA_PROTO_NUM
    static let sourcePort: UInt16 = 2  // CTA_PROTO_SRC_PORT
    static let destinationPort: UInt16 = 3  // CTA_PROTO_DST_PORT
    static let icmpID: UInt16 = 4  // CTA_PROTO_ICMP_ID
    static let icmpType: UInt16 = 5  // CTA_PROTO_ICMP_TYPE
    static let icmpCode: UInt16 = 6  // CTA_PROTO_ICMP_CODE
    static let icmpv6ID: UInt16 = 7  // CTA_PROTO_ICMPV6_ID
    static let icmpv6Type: UInt16 = 8  // CTA_PROTO_ICMPV6_TYPE
    static let icmpv6Code: UInt16 = 9  // CTA_PROTO_ICMPV6_CODE
  }

  /// Inside `CTA_PROTOINFO`.
  enum TCP {
    static let container: UInt16 = 1  // CTA_PROTOINFO_TCP
    static let state: UInt16 = 1  // CTA_PROTOINFO_TCP_STATE
    static let originalScale: UInt16 = 2  // CTA_PROTOINFO_TCP_WSCALE_ORIGINAL
    static let replyScale: UInt16 = 3  // CTA_PROTOINFO_TCP_WSCALE_REPLY
    static let originalFlags: UInt16 = 4  // CTA_PROTOINFO_TCP_FLAGS_ORIGINAL
    static let replyFlags: UInt16 = 5  // CTA_PROTOINFO_TCP_FLAGS_REPLY
  }

  /// Inside `CTA_PROTOINFO`.
  enum SCTP {
    static let container: UInt16 = 3  // CTA_PROTOINFO_SCTP
    static let state: UInt16 = 1  // CTA_PROTOINFO_SCTP_STATE
    static let originalTag: UInt16 = 2  // CTA_PROTOINFO_SCTP_VTAG_ORIGINAL
    static let replyTag: UInt16 = 3  // CTA_PROTOINFO_SCTP_VTAG_REPLY
  }

  /// Inside `CTA_HELP`, `CTA_SEQ_ADJ_*` and `CTA_NAT_*`.
  enum Inner {
    static let helperName: UInt16 = 1  // CTA_HELP_NAME
    static let position: UInt16 = 1  // CTA_SEQADJ_CORRECTION_POS
    static let before: UInt16 = 2  // CTA_SEQADJ_OFFSET_BEFORE
    static let after: UInt16 = 3  // CTA_SEQADJ_OFFSET_AFTER
    static let minimumIPv4: UInt16 = 1  // CTA_NAT_V4_MINIP
    static let maximumIPv4: UInt16 = 2  // CTA_NAT_V4_MAXIP
    static let ports: UInt16 = 3  // CTA_NAT_PROTO
    static let minimumIPv6: UInt16 = 4  // CTA_NAT_V6_MINIP
    static let maximumIPv6: UInt16 = 5  // CTA_NAT_V6_MAXIP
    static let minimumPort: UInt16 = 1  // CTA_PROTONAT_PORT_MIN
    static let maximumPort: UInt16 = 2  // CTA_PROTONAT_PORT_MAX
  }

  /// Attributes of an expectation (`enum ctattr_expect`).
  enum Expect {
    static let master: UInt16 = 1  // CTA_EXPECT_MASTER
    static let tuple: UInt16 = 2  // CTA_EXPECT_TUPLE
    static let mask: UInt16 = 3  // CTA_EXPECT_MASK
    static let timeout: UInt16 = 4  // CTA_EXPECT_TIMEOUT
    static let id: UInt16 = 5  // CTA_EXPECT_ID
    static let helperName: UInt16 = 6  // CTA_EXPECT_HELP_NAME
    static let zone: UInt16 = 7  // CTA_EXPECT_ZONE
    static let flags: UInt16 = 8  // CTA_EXPECT_FLAGS
    static let helperClass: UInt16 = 9  // CTA_EXPECT_CLASS
    static let nat: UInt16 = 10  // CTA_EXPECT_NAT
    static let function: UInt16 = 11  // CTA_EXPECT_FN
    static let natDirection: UInt16 = 1  // CTA_EXPECT_NAT_DIR
    static let natTuple: UInt16 = 2  // CTA_EXPECT_NAT_TUPLE
  }
}

/// Numbers of the message header (`linux/netlink.h`, `linux/netfilter/nfnetlink.h`).
enum Header {
  /// `struct nlmsghdr` and `struct nfgenmsg`.
  static let size = 20
  static let error: UInt16 = 2  // NLMSG_ERROR
  static let done: UInt16 = 3  // NLMSG_DONE
  static let overrun: UInt16 = 4  // NLMSG_OVERRUN
  static let connections: UInt16 = 1  // NFNL_SUBSYS_CTNETLINK
  static let expectations: UInt16 = 2  // NFNL_SUBSYS_CTNETLINK_EXP
  static let new: UInt16 = 0  // IPCTNL_MSG_CT_NEW, IPCTNL_MSG_EXP_NEW
  static let get: UInt16 = 1  // IPCTNL_MSG_CT_GET, IPCTNL_MSG_EXP_GET
  static let delete: UInt16 = 2  // IPCTNL_MSG_CT_DELETE, IPCTNL_MSG_EXP_DELETE
  static let request: UInt16 = 0x001  // NLM_F_REQUEST
  static let acknowledge: UInt16 = 0x004  // NLM_F_ACK
  static let dump: UInt16 = 0x300  // NLM_F_DUMP
  static let replace: UInt16 = 0x100  // NLM_F_REPLACE
  static let exclusive: UInt16 = 0x200  // NLM_F_EXCL
  static let create: UInt16 = 0x400  // NLM_F_CREATE
  static let nested: UInt16 = 0x8000  // NLA_F_NESTED
}
