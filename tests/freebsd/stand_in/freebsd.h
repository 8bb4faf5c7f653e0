/*
 * FreeBSD's structs under names of their own, so that they live beside the host's in one C library that stands in for
 * FreeBSD's. Constants (FB_...), the answers and assertions on the layout come from table.h, which stand_in.ts makes of
 * tests/data/abi/freebsd.json and tests/data/freebsd_answers.json. Only numbers that these tables lack are written down.
 */
#ifndef STAND_IN_FREEBSD_H
#define STAND_IN_FREEBSD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

union fb_sigval {
	int sival_int;
	void *sival_ptr;
};

struct fb_sigevent {
	int sigev_notify;
	int sigev_signo;
	union fb_sigval sigev_value;
	union {
		int _threadid;
		struct {
			void (*_function)(union fb_sigval);
			void *_attribute;
		} _sigev_thread;
		unsigned short _kevent_flags;
		long __spare__[8];
	} _sigev_un;
};
#undef sigev_notify_function
#undef sigev_notify_attributes
#define sigev_notify_kqueue sigev_signo
#define sigev_notify_kevent_flags _sigev_un._kevent_flags
#define sigev_notify_thread_id _sigev_un._threadid
#define sigev_notify_function _sigev_un._sigev_thread._function
#define sigev_notify_attributes _sigev_un._sigev_thread._attribute

struct fb_aiocb {
	int aio_fildes;
	int64_t aio_offset;
	void *aio_buf;
	size_t aio_nbytes;
	int __spare__[2];
	void *__spare2__;
	int aio_lio_opcode;
	int aio_reqprio;
	struct {
		long status;
		long error;
		void *spare;
	} _aiocb_private;
	struct fb_sigevent aio_sigevent;
};
#define aio_iov aio_buf
#define aio_iovcnt aio_nbytes

struct fb_kevent {
	uintptr_t ident;
	short filter;
	unsigned short flags;
	unsigned int fflags;
	int64_t data;
	void *udata;
	uint64_t ext[4];
};

#include "table.h"

/* What the calling thread's errno is set to, in FreeBSD's numbers. */
long fail(int error);
/* A row of the table: sets errno where the row has one. */
long answer(enum answer row);
/* FreeBSD's number for an error number of the host. */
int from_host(int host_error);

#endif
