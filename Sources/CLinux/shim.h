// Kernel headers that the Glibc module lacks, and the few calls that Swift cannot make by itself
// because they are variadic, macros, or must run between clone and exec.
// Each shim is one call and returns what the call returns, unless said otherwise.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/dm-ioctl.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>

static inline int ztb_prctl(int option, unsigned long a, unsigned long b) {
  return prctl(option, a, b, 0, 0);
}
static inline int ztb_mlock_segments(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD) continue;
    if (mlock((void *)(object->dlpi_addr + segment->p_vaddr), segment->p_memsz) != 0) return -1;
  }
  return 1;  // The first object is the program itself: the libraries do not follow.
}
// Reads the whole program, without its libraries, into memory and keeps it there; 0 or -1 with errno.
static inline int ztb_mlock_program(void) {
  return dl_iterate_phdr(ztb_mlock_segments, NULL) < 0 ? -1 : 0;
}
// Binds every thread of this process; 0, -1 with errno, or the number of a thread that refuses.
static inline int ztb_seccomp(const struct sock_filter *instructions, unsigned short count) {
  struct sock_fprog program = {count, (struct sock_filter *)instructions};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}
// 0, or -1 with errno: EINVAL where a processor has no clock ticks, EPERM never.
static inline int ztb_membarrier_global(void) {
  return (int)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}
static inline int ztb_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
static inline int ztb_pidfd_send_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}
static inline int ztb_waitid_pidfd(int pidfd, siginfo_t *info) {
  return waitid((idtype_t)P_PIDFD, (id_t)pidfd, info, WEXITED | WNOHANG);
}
static inline int ztb_siginfo_status(const siginfo_t *info) { return info->si_status; }
static inline pid_t ztb_siginfo_pid(const siginfo_t *info) { return info->si_pid; }
static inline int ztb_ioctl_pointer(int fd, unsigned long request, void *argument) {
  return ioctl(fd, request, argument);
}
static inline int ztb_fcntl(int fd, int command, int argument) {
  return fcntl(fd, command, argument);
}
static inline int ztb_open(const char *path, int flags, mode_t mode) {
  return open(path, flags | O_CLOEXEC, mode);
}

// What a new child gets; filled by the parent, read between clone and exec.
struct ztb_spawn {
  const char *path;            // program, or NULL for /proc/self/exe
  char *const *argv;
  char *const *envp;
  const int *descriptors;      // become 0, 1, 2, 3, … in the child
  int descriptor_count;
  uint32_t uid, gid;           // applied when set_ids is not 0
  int set_ids;
  uint64_t capabilities;       // kept across exec (permitted, effective, inheritable, ambient)
  int limit_capabilities;      // 0: leave them alone
  int fifo_priority;           // SCHED_FIFO priority, 0: leave the scheduler alone
  int niceness;                // of the ordinary scheduler, 0: ours
  int lock_memory;             // not 0: RLIMIT_MEMLOCK unlimited
  int no_new_privileges;
  int death_signal;            // sent when the parent dies, 0: none
  int new_session;             // not 0: setsid
  int owns_terminal;           // not 0: the terminal at 0 becomes that of the new session
  uint64_t clone_flags;        // CLONE_NEWPID and others
  int network_namespace;       // descriptor of the network namespace to enter, -1: ours
  const char *resolver_file;   // seen as /etc/resolv.conf by the child alone, NULL: the system's
};

// Gives the child mounts of its own, in which `file` stands in the place of /etc/resolv.conf; a
// system without that file goes without. The return value is 0, or -1 with errno.
static inline int ztb_replace_resolver(const char *file) {
  if (access(file, R_OK) != 0) return -1;
  if (unshare(CLONE_NEWNS) != 0) return -1;
  // Else the mount would appear in the parent's tree too.
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -1;
  if (access("/etc/resolv.conf", F_OK) != 0) return 0;
  return mount(file, "/etc/resolv.conf", NULL, MS_BIND, NULL);
}

// Exit statuses of a child that does not get as far as its program:
//   118 no terminal, 119 no resolver file, 120 no network namespace, 121 the parent is gone, 122 no capabilities,
//   123 no change of user, 124 no descriptors, 126 the program cannot run, 127 there is none.
static inline void ztb_spawn_child(const struct ztb_spawn *s, pid_t parent) {
  enum { HIGH = 512 };
  // While there is every privilege and descriptor.
  if (s->network_namespace >= 0 && setns(s->network_namespace, CLONE_NEWNET) != 0) _exit(120);
  if (s->resolver_file && ztb_replace_resolver(s->resolver_file) != 0) _exit(119);
  for (int i = 0; i < s->descriptor_count; i++)
    if (dup2(s->descriptors[i], HIGH + i) < 0) _exit(124);
  for (int i = 0; i < s->descriptor_count; i++)
    if (dup2(HIGH + i, i) < 0) _exit(124);
  if (syscall(SYS_close_range, (unsigned)s->descriptor_count, ~0U, 0) != 0) _exit(124);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  if (s->new_session) setsid();
  // Taken from whoever has it: what sat there before us has left.
  if (s->owns_terminal && ioctl(0, TIOCSCTTY, 1) != 0) _exit(118);
  if (s->lock_memory) {
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &unlimited);
  }
  if (s->fifo_priority > 0) {
    struct sched_param parameters = {.sched_priority = s->fifo_priority};
    if (sched_setscheduler(0, SCHED_FIFO, &parameters) != 0) { /* the role reports its own policy */ }
  }
  if (s->niceness != 0 && setpriority(PRIO_PROCESS, 0, s->niceness) != 0) { /* it runs all the same */ }
  if (s->limit_capabilities) {
    for (int capability = 0; capability < 64; capability++)
      if (!(s->capabilities >> capability & 1)) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  }
  if (s->set_ids) {
    if (syscall(SYS_setgroups, 0, NULL) != 0) _exit(123);
    if (setresgid(s->gid, s->gid, s->gid) != 0) _exit(123);
    if (setresuid(s->uid, s->uid, s->uid) != 0) _exit(123);
  }
  if (s->limit_capabilities) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    for (int i = 0; i < 2; i++) {
      uint32_t word = (uint32_t)(s->capabilities >> (32 * i));
      data[i].effective = data[i].permitted = data[i].inheritable = word;
    }
    if (syscall(SYS_capset, &header, data) != 0) _exit(122);
    for (int capability = 0; capability < 64; capability++)
      if (s->capabilities >> capability & 1)
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) _exit(122);
  }
  if (s->no_new_privileges) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // After the change of uid, which clears the death signal.
  if (s->death_signal) {
    prctl(PR_SET_PDEATHSIG, s->death_signal, 0, 0, 0);
    if (!(s->clone_flags & CLONE_NEWPID) && getppid() != parent) _exit(121);
  }
  execve(s->path ? s->path : "/proc/self/exe", s->argv, s->envp);
  _exit(errno == ENOENT ? 127 : 126);
}

// Starts a child; returns its pid and stores its pidfd, or -1 with errno.
static inline pid_t ztb_spawn(const struct ztb_spawn *s, int *pidfd) {
  pid_t parent = getpid();
  struct clone_args arguments;
  memset(&arguments, 0, sizeof arguments);
  arguments.flags = CLONE_PIDFD | s->clone_flags;
  arguments.pidfd = (uint64_t)(uintptr_t)pidfd;
  arguments.exit_signal = SIGCHLD;
  pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) ztb_spawn_child(s, parent);
  return pid;
}

// The CMSG macros.
static inline struct cmsghdr *ztb_cmsg_first(const struct msghdr *message) {
  return CMSG_FIRSTHDR(message);
}
static inline struct cmsghdr *ztb_cmsg_next(struct msghdr *message, struct cmsghdr *header) {
  return CMSG_NXTHDR(message, header);
}
static inline void *ztb_cmsg_data(struct cmsghdr *header) { return CMSG_DATA(header); }
static inline size_t ztb_cmsg_space(size_t length) { return CMSG_SPACE(length); }
static inline size_t ztb_cmsg_len(size_t length) { return CMSG_LEN(length); }

// Requests of the device mapper, which are macros.
static const unsigned long ztb_dm_create = DM_DEV_CREATE;
static const unsigned long ztb_dm_table_load = DM_TABLE_LOAD;
static const unsigned long ztb_dm_suspend = DM_DEV_SUSPEND;

static inline int ztb_finit_module(int fd, const char *options) {
  return (int)syscall(SYS_finit_module, fd, options, 0);
}

// reboot(2) with what the Glibc module lacks.
static inline int ztb_restart_machine(void) { return reboot(RB_AUTOBOOT); }
static inline int ztb_power_off_machine(void) { return reboot(RB_POWER_OFF); }
static inline int ztb_signal_on_three_keys(void) { return reboot(RB_DISABLE_CAD); }
