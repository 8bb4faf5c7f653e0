/* The host's system calls, by number: their names belong to the functions that this library exports. */
#ifndef STAND_IN_HOST_H
#define STAND_IN_HOST_H

#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define HOST_GETFL 3
#define HOST_DUPFD_CLOEXEC 1030

static inline int host_flags(int descriptor)
{
	return (syscall(SYS_fcntl, descriptor, HOST_GETFL, 0));
}

static inline bool host_is_open(int descriptor)
{
	return host_flags(descriptor) >= 0;
}

static inline int host_duplicate(int descriptor)
{
	/* far from the numbers that the programs under test get and expect */
	return (syscall(SYS_fcntl, descriptor, HOST_DUPFD_CLOEXEC, 200));
}

static inline int host_close(int descriptor)
{
	return (syscall(SYS_close, descriptor));
}

#endif
