import CLinux
import Glibc

/// What no role does once it runs.
enum DeniedCalls {
  /// System calls that kill.
  static let numbers = programs + processes + mounts + kernel + users + clocks

  /// A namespace of one's own opens parts of the kernel that only root reaches otherwise.
  static let namespaceFlags = UInt32(
    truncatingIfNeeded: Int(CLONE_NEWNS) | Int(CLONE_NEWUSER) | Int(CLONE_NEWNET)
      | Int(CLONE_NEWPID) | Int(CLONE_NEWUTS) | Int(CLONE_NEWIPC) | Int(CLONE_NEWCGROUP))

  /// `TIOCSTI` and `TIOCLINUX` type into a terminal: for whoever reads it next, such as a shell.
  static let requests = [UInt32(TIOCSTI), UInt32(TIOCLINUX)]

  /// Another program.
  private static let programs = [SYS_execve, SYS_execveat, SYS_uselib]

  /// The memory and descriptors of other processes; namespaces.
  private static let processes = [
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_kcmp,
    SYS_pidfd_getfd, SYS_setns, SYS_unshare,
  ]

  /// The tree of files, and files by their number.
  private static let mounts = [
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount, SYS_open_tree, SYS_fsopen,
    SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_swapon, SYS_swapoff, SYS_mknod,
    SYS_mknodat, SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_quotactl, SYS_quotactl_fd,
    SYS_fanotify_init,
  ]

  /// Code in the kernel, and the parts of it that attacks come through.
  private static let kernel = [
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_create_module, SYS_kexec_load,
    SYS_kexec_file_load, SYS_bpf, SYS_perf_event_open, SYS_keyctl, SYS_add_key, SYS_request_key,
    SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_iopl,
    SYS_ioperm, SYS_modify_ldt, SYS_personality, SYS_lookup_dcookie, SYS_nfsservctl,
    SYS__sysctl, SYS_sysfs, SYS_ustat, SYS_syslog, SYS_acct, SYS_reboot, SYS_vhangup,
    SYS_sethostname, SYS_setdomainname,
  ]

  /// Users and capabilities were given up before the program began.
  private static let users = [
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
    SYS_setgroups, SYS_setfsuid, SYS_setfsgid, SYS_capset,
  ]

  /// The clock is the supervisor's.
  private static let clocks = [
    SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
  ]
}
