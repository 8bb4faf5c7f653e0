/*
 * What carries requests out: workers for files, as the kernel's aiod, one thread for all sockets, where a request waits
 * without holding a worker, and the end of a request with its notification.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "control.h"
#include "host.h"
#include "kernel.h"

#define WORKERS_MAX FB_sysctl_vfs_aio_max_aio_per_proc

struct job *all_jobs, *done_jobs;
int job_count;
long max_queue_per_process = FB_sysctl_vfs_aio_max_aio_queue_per_proc;
long enable_unsafe = FB_sysctl_vfs_aio_enable_unsafe;
static int immortal;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t position = PTHREAD_MUTEX_INITIALIZER;
static uint32_t changes, work_changes;
static int workers, idle_workers;
static int socket_wake = -1;

/* What a test orders by stand_in_control(). */
static bool held;
static int ordered_error;

void lock(void)
{
	pthread_mutex_lock(&mutex);
}

void unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

static void wake(uint32_t *word, int threads)
{
	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, threads, NULL, NULL, 0);
}

void changed(void)
{
	wake(&changes, INT_MAX);
}

/* A wait with a deadline ends with EINTR under any signal handler, SA_RESTART or not: as FreeBSD's waits do. */
static int wait_on(uint32_t *word, const struct timespec *deadline)
{
	const struct timespec never = { .tv_sec = LONG_MAX };
	uint32_t seen = *word;
	unlock();
	long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, seen, deadline == NULL ? &never : deadline, NULL,
	    FUTEX_BITSET_MATCH_ANY);
	int error = errno;
	lock();
	if (result == 0 || error == EAGAIN)
		return (0);
	return (error == ETIMEDOUT ? FB_ETIMEDOUT : FB_EINTR);
}

int wait_for_change(const struct timespec *deadline)
{
	return (wait_on(&changes, deadline));
}

const struct timespec *deadline_of(const struct timespec *timeout, struct timespec *deadline)
{
	if (timeout == NULL)
		return NULL;
	clock_gettime(CLOCK_MONOTONIC, deadline);
	deadline->tv_sec += timeout->tv_sec;
	deadline->tv_nsec += timeout->tv_nsec;
	if (deadline->tv_nsec >= 1000000000) {
		deadline->tv_nsec -= 1000000000;
		deadline->tv_sec++;
	}
	return deadline;
}

bool same_file(const struct job *left, const struct job *right)
{
	struct stat one, other;
	long compared = syscall(SYS_kcmp, getpid(), getpid(), 0, left->file, right->file);
	if (compared >= 0)
		return compared == 0;
	return fstat(left->file, &one) == 0 && fstat(right->file, &other) == 0 && one.st_dev == other.st_dev &&
	    one.st_ino == other.st_ino;
}

/* A sync that waited for this request may run now. */
static void release_syncs(void)
{
	for (struct job *sync = all_jobs; sync != NULL; sync = sync->next) {
		if (sync->state != WAITING_FOR_OTHERS)
			continue;
		struct job *job = all_jobs;
		while (job != NULL && (job->state == FINISHED || (job->opcode & FB_LIO_SYNC) || job->number > sync->number ||
		                          job->opcode == FB_LIO_MLOCK || !same_file(job, sync)))
			job = job->next;
		if (job != NULL)
			continue;
		sync->state = QUEUED;
		schedule(sync);
	}
}

void complete(struct job *job, long status, int error)
{
	struct list *list = job->list;
	struct job **end = &done_jobs;

	job->status = status;
	job->error = error;
	job->state = FINISHED;
	while (*end != NULL)
		end = &(*end)->next_done;
	*end = job;
	if (job->note != NULL)
		knote_activate(job->note);
	send_signal(&job->copy.aio_sigevent);
	if (list != NULL && ++list->finished == list->count) {
		list->posted = true;
		if (list->note != NULL)
			knote_activate(list->note);
		send_signal(&list->event);
	}
	release_syncs();
	changed();
}

void free_job(struct job *job)
{
	struct list *list = job->list;
	struct job **at = &all_jobs;
	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	at = &done_jobs;
	while (*at != job)
		at = &(*at)->next_done;
	*at = job->next_done;
	job_count--;
	if (job->note != NULL)
		knote_delete(job->note);
	if (list != NULL) {
		list->finished--;
		if (--list->count == 0) {
			if (list->note != NULL)
				knote_delete(list->note);
			free(list);
		}
	}
	if (job->file >= 0)
		host_close(job->file);
	free(job->parts);
	free(job);
}

bool unqueue(struct job *job)
{
	return job->state == QUEUED || job->state == WAITING_FOR_OTHERS;
}

/* Counts what a daemon of the kernel would sit in, so that its process could not end [vfs_aio.c:aio_proc_rundown]. */
static void count_immortal(const struct job *job)
{
	bool reads = job->opcode & FB_LIO_READ;
	if (job->bytes == 0 || lseek(job->file, 0, SEEK_CUR) >= 0)
		return;
	struct pollfd asked = { .fd = job->file, .events = reads ? POLLIN : POLLOUT };
	if (poll(&asked, 1, 0) == 0 || (!reads && !(asked.revents & (POLLHUP | POLLERR)) && job->bytes > 4096))
		immortal++;
}

/* The request's own call; the result, or the host's negative error number. */
static long carry_out(struct job *job)
{
	long result;
	if (job->opcode == FB_LIO_MLOCK) {
		result = mlock(job->copy.aio_buf, job->copy.aio_nbytes);
	} else if (job->opcode & FB_LIO_SYNC) {
		result = job->opcode == FB_LIO_SYNC ? fsync(job->file) : fdatasync(job->file);
		if (result < 0 && errno == EINVAL) /* the host has none for FIFOs and devices, the kernel nothing to do */
			result = 0;
	} else if (job->opcode & FB_LIO_READ && job->bytes == 0) {
		result = 0;
	} else if (job->foffset) {
		pthread_mutex_lock(&position);
		result = job->opcode & FB_LIO_READ ? readv(job->file, job->parts, job->part_count)
		                                   : writev(job->file, job->parts, job->part_count);
		pthread_mutex_unlock(&position);
	} else {
		result = job->opcode & FB_LIO_READ ? preadv(job->file, job->parts, job->part_count, job->copy.aio_offset)
		                                   : pwritev(job->file, job->parts, job->part_count, job->copy.aio_offset);
		if (result < 0 && errno == ESPIPE) /* a pipe, with enable_unsafe */
			result = job->opcode & FB_LIO_READ ? readv(job->file, job->parts, job->part_count)
			                                   : writev(job->file, job->parts, job->part_count);
		/* the host refuses an end beyond its greatest offset, FreeBSD finds the end of the file first */
		if (result < 0 && errno == EINVAL && job->opcode & FB_LIO_READ)
			result = 0;
	}
	return (result < 0 ? -errno : result);
}

/* With the lock held: a test may have ordered this request to fail. */
static void complete_or_fail(struct job *job, long result)
{
	int error = result < 0 ? from_host(-result) : 0;
	if (ordered_error != 0) {
		error = ordered_error;
		ordered_error = 0;
	}
	complete(job, error != 0 ? -1 : result, error);
}

static struct job *next_for_worker(void)
{
	if (held)
		return NULL;
	for (struct job *job = all_jobs; job != NULL; job = job->next)
		if (job->state == QUEUED && !job->socket)
			return job;
	return NULL;
}

static void *work(void *nothing)
{
	lock();
	for (;;) {
		struct job *job = next_for_worker();
		if (job == NULL) {
			idle_workers++;
			wait_on(&work_changes, NULL);
			idle_workers--;
			continue;
		}
		job->state = RUNNING;
		if (!(job->opcode & FB_LIO_SYNC) && job->opcode != FB_LIO_MLOCK)
			count_immortal(job);
		unlock();
		long result = carry_out(job);
		lock();
		complete_or_fail(job, result);
	}
	return nothing;
}

/* Tries a request on a socket; whether it has ended. With the lock held: it does not wait. */
static bool try_socket(struct job *job)
{
	struct msghdr message = { 0 };
	struct iovec parts[FB_IOV_MAX];
	size_t left = job->moved;
	for (int index = 0; index < job->part_count; index++) {
		struct iovec part = job->parts[index];
		size_t gone = left < part.iov_len ? left : part.iov_len;
		left -= gone;
		if (part.iov_len > gone || part.iov_len == 0)
			parts[message.msg_iovlen++] = (struct iovec){ (char *)part.iov_base + gone, part.iov_len - gone };
	}
	message.msg_iov = parts;
	bool reads = job->opcode & FB_LIO_READ;
	if (reads && job->bytes == 0) { /* it too waits until there is something to read [sys_socket.c:soaio_process_sb] */
		struct pollfd readable = { .fd = job->file, .events = POLLIN };
		if (poll(&readable, 1, 0) == 0)
			return false;
		complete(job, 0, 0);
		return true;
	}
	long result = reads ? recvmsg(job->file, &message, MSG_DONTWAIT)
	                    : sendmsg(job->file, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (result < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (result < 0) {
		complete_or_fail(job, -errno);
		return true;
	}
	job->moved += result;
	if (!reads && (size_t)job->moved < job->bytes)
		return false;
	complete_or_fail(job, job->moved);
	return true;
}

static bool is_behind_another(const struct job *job)
{
	for (const struct job *other = all_jobs; other != job; other = other->next)
		if (other->socket && other->state == QUEUED && other->opcode == job->opcode && same_file(other, job))
			return true;
	return false;
}

static void *serve_sockets(void *nothing)
{
	struct pollfd descriptors[1025];
	for (;;) {
		int count = 1;
		descriptors[0] = (struct pollfd){ .fd = socket_wake, .events = POLLIN };
		lock();
		for (struct job *job = all_jobs, *next; job != NULL && count < 1025; job = next) {
			next = job->next;
			if (!job->socket || job->state != QUEUED || held || is_behind_another(job) || try_socket(job))
				continue;
			short events = job->opcode & FB_LIO_READ ? POLLIN : POLLOUT;
			descriptors[count++] = (struct pollfd){ .fd = job->file, .events = events };
		}
		unlock();
		/* two requests may wait for one another's end: a look now and then is enough for a stand-in */
		poll(descriptors, count, count > 1 ? 20 : -1);
		if (descriptors[0].revents != 0) {
			uint64_t number;
			if (syscall(SYS_read, socket_wake, &number, sizeof(number)) < 0)
				continue;
		}
	}
	return nothing;
}

static void start(void *(*run)(void *))
{
	pthread_t thread;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	block_signals(true);
	if (pthread_create(&thread, &attributes, run, NULL) != 0)
		abort();
	block_signals(false);
	pthread_attr_destroy(&attributes);
}

static void wake_sockets(void)
{
	uint64_t one = 1;
	if (socket_wake >= 0 && syscall(SYS_write, socket_wake, &one, sizeof(one)) < 0)
		abort();
}

void schedule(struct job *job)
{
	if (job->socket && socket_wake < 0) {
		socket_wake = eventfd(0, EFD_CLOEXEC);
		start(serve_sockets);
	} else if (job->socket) {
		wake_sockets();
	} else {
		int waiting = 0; /* a worker that was woken and has not begun yet still counts as idle */
		for (struct job *other = all_jobs; other != NULL; other = other->next)
			waiting += other->state == QUEUED && !other->socket;
		if (idle_workers < waiting && workers < WORKERS_MAX) {
			workers++;
			start(work);
		}
		wake(&work_changes, 1);
	}
}

/* What tests order; see control.h. */
int stand_in_control(int order, int value)
{
	lock();
	if (order == HOLD)
		held = value;
	if (order == FAIL_NEXT)
		ordered_error = value;
	int count = order == COUNT ? job_count : order == IMMORTAL ? immortal : 0;
	for (struct job *job = all_jobs; job != NULL && order == BEGUN; job = job->next)
		count += job->state == RUNNING;
	wake(&work_changes, INT_MAX);
	wake_sockets();
	unlock();
	return (count);
}
