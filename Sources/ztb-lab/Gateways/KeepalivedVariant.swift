/// A way to run keepalived and conntrackd that the benchmarks compare with.
struct KeepalivedVariant {
  /// How sessions reach the standby.
  enum Synchronisation {
    /// Not at all: the control that shows that the lab sees lost sessions.
    case none
    /// conntrackd as it comes: an external cache that is committed at failover.
    case externalCache
    /// conntrackd with `DisableExternalCache`: straight into the standby's kernel.
    case direct
  }

  let name: String
  let advertIntervalMs: Int
  let synchronisation: Synchronisation
  var dialect = Dialect.version3
  /// Runs VRRP with real-time priority, needed for short intervals.
  var realTime: Bool { advertIntervalMs < 100 }

  static let all = [
    KeepalivedVariant(name: "none", advertIntervalMs: 100, synchronisation: .none),
    KeepalivedVariant(name: "kc-1s", advertIntervalMs: 1000, synchronisation: .externalCache),
    KeepalivedVariant(name: "kc-100ms", advertIntervalMs: 100, synchronisation: .externalCache),
    KeepalivedVariant(name: "kc-100ms-direct", advertIntervalMs: 100, synchronisation: .direct),
    KeepalivedVariant(name: "kc-30ms", advertIntervalMs: 30, synchronisation: .externalCache),
    KeepalivedVariant(name: "kc-30ms-direct", advertIntervalMs: 30, synchronisation: .direct),
    KeepalivedVariant(name: "kc-10ms-direct", advertIntervalMs: 10, synchronisation: .direct),
  ]

  /// `keepalived.conf` of a node.
  func keepalivedConfiguration(_ node: Node) -> String {
    let realTimeLines =
      realTime
      ? "vrrp_rt_priority 50\n  vrrp_rlimit_rttime 10000000\n  checker_rt_priority 0" : ""
    func instance(_ port: Port) -> String {
      let name = port.network
      let addresses = dialect.virtualAddresses(port).map { "\($0)/\(dialect.hostLength)" }
      return """
        vrrp_instance \(name) {
          state BACKUP
          interface \(port.name)
          use_vmac \(PeerMachine.device(port))
          virtual_router_id \(Plan.group)
          priority \(node.priority)
          advert_int \(Double(advertIntervalMs) / 1000)
          virtual_ipaddress {
            \(addresses.joined(separator: "\n          "))
          }
          track_interface { \(port.name) }
        }
        """
    }
    let scripts =
      synchronisation == .none
      ? ""
      : """
        notify_master "/run/notify primary"
        notify_backup "/run/notify backup"
      """
    return """
      global_defs {
        router_id \(node.name)
        vrrp_version \(dialect.version)
        script_user root
        vrrp_garp_master_repeat 1
        \(realTimeLines)
      }
      vrrp_sync_group pair {
        group {
          lan
          wan
        }
      \(scripts)
      }
      \(instance(.lan))
      \(instance(.wan))

      """
  }

  /// `conntrackd.conf` of a node: the buffers that lost nothing in the measurements.
  func conntrackdConfiguration(_ node: Node) -> String {
    let own = [node.lanAddress, node.wanAddress, node.haAddress]
    let ignored = own.map { "IPv4_address \($0)" }.joined(separator: "\n        ")
    return """
      Sync {
        Mode FTFW {
          ResendQueueSize 131072
          PurgeTimeout 60
          ACKWindowSize 300
          \(synchronisation == .direct ? "DisableExternalCache On" : "")
        }
        UDP {
          IPv4_address \(node.haAddress)
          IPv4_Destination_Address \(node.peer.haAddress)
          Port 3780
          Interface ge4
          SndSocketBuffer 16777216
          RcvSocketBuffer 16777216
          Checksum on
        }
        Options {
          ExpectationSync On
        }
      }
      General {
        HashSize 262144
        HashLimit 1048576
        LockFile /run/lock/conntrackd.lock
        UNIX { Path /run/conntrackd.ctl }
        NetlinkBufferSize 67108864
        NetlinkBufferSizeMaxGrowth 134217728
        Filter From Kernelspace {
          Protocol Accept {
            TCP
            UDP
            ICMP
          }
          Address Ignore {
            IPv4_address 127.0.0.1
            \(ignored)
          }
        }
      }

      """
  }

  /// What keepalived runs at a change of role: the recipe of conntrackd's own documentation,
  /// without `-t`, which flushes the kernel's table a minute later.
  var notifyScript: String {
    """
    #!/bin/sh
    c="conntrackd -C /run/conntrackd.conf"
    case $1 in
    primary) \(synchronisation == .direct ? "" : "$c -c; $c -f;") $c -R; $c -B ;;
    backup) $c -n ;;
    esac

    """
  }
}
