/*
 * The rest of FreeBSD's libc that the package calls, with FreeBSD's numbers on this side and the host's on the other:
 * errno, memory, descriptors, limits, signals.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "control.h"
#include "host.h"
#include "kernel.h"

static __thread int freebsd_errno;

int *fb_error(void) __asm__("__error");
int *fb_error(void)
{
	return (&freebsd_errno);
}

long fail(int error)
{
	freebsd_errno = error;
	return (-1);
}

long answer(enum answer row)
{
	if (answers[row].error != 0)
		freebsd_errno = answers[row].error;
	return (answers[row].result);
}

int from_host(int error)
{
	switch (error) {
	case EAGAIN: return (FB_EAGAIN);
	case EDEADLK: return (11);
	case ENAMETOOLONG: return (63);
	case ENOSYS: return (FB_ENOSYS);
	case ELOOP: return (62);
	case EOVERFLOW: return (FB_EOVERFLOW);
	case ENOTSOCK: return (38);
	case EOPNOTSUPP: return (FB_EOPNOTSUPP);
	case ECONNRESET: return (54);
	case ENOTCONN: return (57);
	case ETIMEDOUT: return (FB_ETIMEDOUT);
	case EINPROGRESS: return (FB_EINPROGRESS);
	case ESTALE: return (70);
	case EDQUOT: return (69);
	case ECANCELED: return (FB_ECANCELED);
	}
	return (error);
}

static long checked(long result)
{
	return (result == -1 ? fail(from_host(errno)) : result);
}

void *fb_mmap(void *, size_t, int, int, int, off_t) __asm__("mmap");
void *fb_mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset)
{
	int host = 0;
	if ((flags & ~(FB_MAP_PRIVATE | FB_MAP_ANON)) != 0)
		return ((void *)fail(FB_EINVAL));
	host |= flags & FB_MAP_PRIVATE ? MAP_PRIVATE : 0;
	host |= flags & FB_MAP_ANON ? MAP_ANONYMOUS : 0;
	return ((void *)checked(syscall(SYS_mmap, address, length, protection, host, descriptor, offset)));
}

off_t fb_lseek(int, off_t, int) __asm__("lseek");
off_t fb_lseek(int descriptor, off_t offset, int whence)
{
	return (checked(syscall(SYS_lseek, descriptor, offset, whence)));
}

static int flags_from_host(int host)
{
	int flags = host & O_ACCMODE;
	flags |= host & O_NONBLOCK ? FB_O_NONBLOCK : 0;
	flags |= host & O_APPEND ? FB_O_APPEND : 0;
	flags |= host & O_DIRECT ? FB_O_DIRECT : 0;
	if ((host & O_SYNC) == O_SYNC)
		return (flags | FB_O_SYNC);
	return (flags | (host & O_DSYNC ? FB_O_DSYNC : 0));
}

int fb_fcntl(int, int, int) __asm__("fcntl");
int fb_fcntl(int descriptor, int command, int argument)
{
	switch (command) {
	case FB_F_GETFL: {
		int flags = host_flags(descriptor);
		return (flags < 0 ? (int)checked(-1) : flags_from_host(flags));
	}
	case FB_F_SETFL: {
		int host = argument & FB_O_NONBLOCK ? O_NONBLOCK : 0;
		host |= argument & FB_O_APPEND ? O_APPEND : 0;
		return (checked(syscall(SYS_fcntl, descriptor, F_SETFL, host)));
	}
	case FB_F_DUPFD_CLOEXEC:
		return (checked(syscall(SYS_fcntl, descriptor, HOST_DUPFD_CLOEXEC, argument)));
	case FB_F_GETFD:
	case FB_F_SETFD:
		return (checked(syscall(SYS_fcntl, descriptor, command, argument)));
	}
	return (fail(FB_EINVAL));
}

int fb_flock(int, int) __asm__("flock");
int fb_flock(int descriptor, int operation)
{
	return (checked(syscall(SYS_flock, descriptor, operation)));
}

int fb_kill(int, int) __asm__("kill");
int fb_kill(int process, int signal)
{
	return (checked(syscall(SYS_kill, process, signal)));
}

int fb_close(int) __asm__("close");
int fb_close(int descriptor)
{
	lock();
	kqueue_forget(descriptor);
	long result = host_close(descriptor);
	unlock();
	return (checked(result));
}

int fb_posix_fadvise(int, off_t, off_t, int) __asm__("posix_fadvise");
int fb_posix_fadvise(int descriptor, off_t offset, off_t length, int advice)
{
	long result = syscall(SYS_fadvise64, descriptor, offset, length, advice);
	return (result == -1 ? from_host(errno) : 0);
}

ssize_t fb_copy_file_range(int, off_t *, int, off_t *, size_t, unsigned) __asm__("copy_file_range");
ssize_t fb_copy_file_range(int source, off_t *from, int target, off_t *to, size_t length, unsigned flags)
{
	return (checked(syscall(SYS_copy_file_range, source, from, target, to, length, flags)));
}

/* FreeBSD's sendfile(2) sends to sockets, and its parameters are others. */
int fb_sendfile(int, int, off_t, size_t, void *, off_t *, int) __asm__("sendfile");
int fb_sendfile(int file, int socket, off_t offset, size_t length, void *headers, off_t *sent, int flags)
{
	(void)file, (void)socket, (void)offset, (void)length, (void)headers, (void)sent, (void)flags;
	return (fail(38)); /* ENOTSOCK */
}

int fb_ioctl(int, unsigned long, unsigned long) __asm__("ioctl");
int fb_ioctl(int descriptor, unsigned long request, unsigned long argument)
{
	(void)request, (void)argument;
	return (host_is_open(descriptor) ? (int)fail(25) : (int)fail(FB_EBADF)); /* ENOTTY */
}

int fb_gethostname(char *, size_t) __asm__("gethostname");
int fb_gethostname(char *name, size_t length)
{
	strncpy(name, "stand-in", length);
	return (0);
}

long fb_sysconf(int) __asm__("sysconf");
long fb_sysconf(int name)
{
	switch (name) {
	case FB__SC_PAGESIZE: return (4096);
	case FB__SC_AIO_LISTIO_MAX: return (FB_sysconf__SC_AIO_LISTIO_MAX);
	case FB__SC_AIO_MAX: return (FB_sysconf__SC_AIO_MAX);
	case FB__SC_AIO_PRIO_DELTA_MAX: return (FB_sysconf__SC_AIO_PRIO_DELTA_MAX);
	case FB__SC_ASYNCHRONOUS_IO: return (FB_sysconf__SC_ASYNCHRONOUS_IO);
	case FB__SC_IOV_MAX: return (FB_sysconf__SC_IOV_MAX);
	case FB__SC_MONOTONIC_CLOCK: return (200112);
	}
	return (fail(FB_EINVAL));
}

static const struct {
	const char *name;
	int value;
} sysctls[] = { FB_SYSCTLS };

int fb_sysctlbyname(const char *, void *, size_t *, const void *, size_t) __asm__("sysctlbyname");
int fb_sysctlbyname(const char *name, void *old, size_t *old_size, const void *new, size_t new_size)
{
	for (size_t index = 0; index < sizeof(sysctls) / sizeof(sysctls[0]); index++) {
		if (strcmp(sysctls[index].name, name) != 0)
			continue;
		long *setting = strcmp(name, "vfs.aio.enable_unsafe") == 0         ? &enable_unsafe
		    : strcmp(name, "vfs.aio.max_aio_queue_per_proc") == 0          ? &max_queue_per_process
		                                                                   : NULL;
		int value = setting != NULL ? (int)*setting : sysctls[index].value;
		if (strcmp(name, "vfs.aio.num_queue_count") == 0)
			value = stand_in_control(COUNT, 0);
		if (old_size != NULL && old != NULL && *old_size < sizeof(value))
			return (fail(FB_ENOMEM));
		if (old != NULL)
			memcpy(old, &value, sizeof(value));
		if (old_size != NULL)
			*old_size = sizeof(value);
		if (new != NULL && setting == NULL)
			return (fail(FB_EPERM));
		if (new != NULL && new_size == sizeof(value))
			*setting = *(const int *)new;
		return (0);
	}
	return (fail(FB_ENOENT));
}

/* Signals: the first 31 have names, and some of them other numbers; those from 65 on are the real-time ones. */
static int signal_of_host(int signal)
{
	static const int named[] = { [7] = SIGBUS, [10] = SIGBUS, [12] = SIGSYS, [16] = SIGURG, [17] = SIGSTOP, [18] = SIGTSTP,
		[19] = SIGCONT, [20] = SIGCHLD, [21] = SIGTTIN, [22] = SIGTTOU, [FB_SIGIO] = SIGIO, [24] = SIGXCPU, [25] = SIGXFSZ,
		[26] = SIGVTALRM, [27] = SIGPROF, [28] = SIGWINCH, [29] = SIGIO, [FB_SIGUSR1] = SIGUSR1, [FB_SIGUSR2] = SIGUSR2 };
	if (signal >= FB_SIGRTMIN)
		return (SIGRTMIN + signal - FB_SIGRTMIN);
	return ((size_t)signal < sizeof(named) / sizeof(named[0]) && named[signal] != 0 ? named[signal] : signal);
}

void send_signal(const struct fb_sigevent *event)
{
	siginfo_t info = { 0 };
	if (event->sigev_notify != FB_SIGEV_SIGNAL)
		return;
	info.si_signo = signal_of_host(event->sigev_signo);
	info.si_code = SI_ASYNCIO;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = event->sigev_value.sival_ptr;
	syscall(SYS_rt_sigqueueinfo, getpid(), info.si_signo, &info);
}

void block_signals(bool block)
{
	static __thread sigset_t before;
	sigset_t all;
	sigfillset(&all);
	if (block)
		pthread_sigmask(SIG_SETMASK, &all, &before);
	else
		pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct interrupt {
	pid_t thread;
	int signal, milliseconds;
	bool repeats;
	int order;
};

static int orders;

static void *interrupt(void *argument)
{
	struct interrupt self = *(struct interrupt *)argument;
	free(argument);
	do {
		usleep(self.milliseconds * 1000);
		if (__atomic_load_n(&orders, __ATOMIC_SEQ_CST) == self.order)
			syscall(SYS_tgkill, getpid(), self.thread, self.signal);
	} while (self.repeats && __atomic_load_n(&orders, __ATOMIC_SEQ_CST) == self.order);
	return NULL;
}

int stand_in_interrupt(int signal, int milliseconds, int repeats)
{
	pthread_t thread;
	int order = __atomic_add_fetch(&orders, 1, __ATOMIC_SEQ_CST);
	if (signal == 0)
		return (0);
	struct interrupt *argument = malloc(sizeof(*argument));
	*argument = (struct interrupt){ syscall(SYS_gettid), signal, milliseconds, repeats != 0, order };
	block_signals(true);
	int error = pthread_create(&thread, NULL, interrupt, argument);
	block_signals(false);
	return (error != 0 ? error : pthread_detach(thread));
}

/* What only the tests call. */

int fb_getpid(void) __asm__("getpid");
int fb_getpid(void)
{
	return (syscall(SYS_getpid));
}

ssize_t fb_read(int, void *, size_t) __asm__("read");
ssize_t fb_read(int descriptor, void *bytes, size_t count)
{
	return (checked(syscall(SYS_read, descriptor, bytes, count)));
}

ssize_t fb_write(int, const void *, size_t) __asm__("write");
ssize_t fb_write(int descriptor, const void *bytes, size_t count)
{
	return (checked(syscall(SYS_write, descriptor, bytes, count)));
}

int fb_pipe(int[2]) __asm__("pipe");
int fb_pipe(int descriptors[2])
{
	return (checked(syscall(SYS_pipe2, descriptors, 0)));
}

int fb_socketpair(int, int, int, int[2]) __asm__("socketpair");
int fb_socketpair(int domain, int type, int protocol, int descriptors[2])
{
	return (checked(syscall(SYS_socketpair, domain, type, protocol, descriptors)));
}

#define FB_SOL_SOCKET 0xffff
#define FB_SO_SNDBUF 0x1001
#define FB_MSG_DONTWAIT 0x80

int fb_getsockopt(int, int, int, void *, unsigned *) __asm__("getsockopt");
int fb_getsockopt(int socket, int level, int option, void *value, unsigned *length)
{
	if (level != FB_SOL_SOCKET || option != FB_SO_SNDBUF)
		return (fail(42)); /* ENOPROTOOPT */
	return (checked(syscall(SYS_getsockopt, socket, SOL_SOCKET, SO_SNDBUF, value, length)));
}

ssize_t fb_recv(int, void *, size_t, int) __asm__("recv");
ssize_t fb_recv(int socket, void *bytes, size_t count, int flags)
{
	return (checked(syscall(SYS_recvfrom, socket, bytes, count, flags & FB_MSG_DONTWAIT ? MSG_DONTWAIT : 0, NULL, NULL)));
}

ssize_t fb_send(int, const void *, size_t, int) __asm__("send");
ssize_t fb_send(int socket, const void *bytes, size_t count, int flags)
{
	int host = MSG_NOSIGNAL | (flags & FB_MSG_DONTWAIT ? MSG_DONTWAIT : 0);
	return (checked(syscall(SYS_sendto, socket, bytes, count, host, NULL, 0)));
}
