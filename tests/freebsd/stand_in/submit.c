/* What takes requests in, in the order of checks of vfs_aio.c:aio_aqueue, whose answers the table gives. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "host.h"
#include "kernel.h"

#define NFS_MAGIC 0x6969
#define PIPEFS_MAGIC 0x50495045

static unsigned long number_next;

/* Refuses a request: the block tells why, for aio_error(), whose rows have the number as their result. */
static int refuse(struct fb_aiocb *block, enum answer row)
{
	int error = answers[row].error != 0 ? answers[row].error : (int)answers[row].result;
	block->_aiocb_private.error = error;
	return (error);
}

static bool mode_allows(int opcode, int flags)
{
	int mode = flags & O_ACCMODE;
	if (flags & O_PATH)
		return false;
	if (opcode & FB_LIO_WRITE)
		return mode != O_RDONLY;
	if (opcode & FB_LIO_READ)
		return mode != O_WRONLY;
	return true;
}

/* What aio_queue_file() takes when vfs.aio.enable_unsafe is 0. */
static bool is_safe(int descriptor, int opcode, const struct stat *file)
{
	struct statfs system;
	if (S_ISSOCK(file->st_mode))
		return true;
	if (S_ISBLK(file->st_mode)) /* a disk: a character device there, with a way of its own, which has no sync */
		return (opcode & FB_LIO_SYNC) == 0;
	if (!S_ISREG(file->st_mode) && !S_ISDIR(file->st_mode))
		return false;
	return fstatfs(descriptor, &system) != 0 || system.f_type != NFS_MAGIC;
}

/* What was opened by a name, a FIFO and a device too: a socket or pipe(2)'s ends have none, and cannot be synced. */
static bool has_vnode(int descriptor, const struct stat *file)
{
	struct statfs system;
	if (S_ISSOCK(file->st_mode))
		return false;
	return !S_ISFIFO(file->st_mode) || fstatfs(descriptor, &system) != 0 || system.f_type != PIPEFS_MAGIC;
}

static bool sigevent_is_known(const struct fb_sigevent *event)
{
	switch (event->sigev_notify) {
	case FB_SIGEV_NONE:
	case FB_SIGEV_SIGNAL:
	case FB_SIGEV_KEVENT:
	case FB_SIGEV_THREAD_ID:
		return true;
	}
	return false;
}

static bool signal_is_bad(const struct fb_sigevent *event)
{
	return (event->sigev_notify == FB_SIGEV_SIGNAL || event->sigev_notify == FB_SIGEV_THREAD_ID) &&
	    (event->sigev_signo <= 0 || event->sigev_signo > 128);
}

static bool opcode_is_known(int opcode)
{
	switch (opcode) {
	case FB_LIO_NOP:
	case FB_LIO_READ:
	case FB_LIO_WRITE:
		return true;
	case FB_LIO_READV:
	case FB_LIO_WRITEV:
		/* aio_read2 needs them in lio_listio; a tree of before it has no such case [vfs_aio.c:aio_aqueue] */
		return STAND_IN_RELEASE >= 1401;
	}
	return false;
}

/* Copies the list of parts in; 0 or the row that says why not. */
static int copy_parts(struct job *job)
{
	if (job->opcode & FB_LIO_VECTORED) {
		if (job->copy.aio_iovcnt > FB_IOV_MAX)
			return (A_aio_readv_too_many_parts);
		job->part_count = job->copy.aio_iovcnt;
		job->parts = calloc(job->part_count + 1, sizeof(struct iovec));
		memcpy(job->parts, job->copy.aio_iov, job->part_count * sizeof(struct iovec));
	} else {
		job->part_count = 1;
		job->parts = calloc(1, sizeof(struct iovec));
		job->parts[0] = (struct iovec){ job->copy.aio_buf, job->copy.aio_nbytes };
	}
	for (int index = 0; index < job->part_count; index++)
		job->bytes += job->parts[index].iov_len;
	return (-1);
}

/* Everything that is looked at before the request is one; -1, or the row that refuses it. */
static int check(struct job *job, int type)
{
	struct fb_aiocb *copy = &job->copy;
	struct stat file = { 0 };

	if (job_count >= max_queue_per_process)
		return (A_aio_read_queue_full);
	job->opcode = type == FB_LIO_NOP ? copy->aio_lio_opcode & ~FB_LIO_FOFFSET : type;
	int row = copy_parts(job);
	if (row >= 0)
		return (row);
	if (copy->aio_nbytes > SSIZE_MAX)
		return (A_aio_read_too_long);
	if (!sigevent_is_known(&copy->aio_sigevent))
		return (A_aio_read_sigev_thread);
	if (signal_is_bad(&copy->aio_sigevent))
		return (A_aio_read_bad_signal);
	if (type == FB_LIO_NOP && !opcode_is_known(job->opcode))
		return (A_lio_listio_unknown_opcode_entry);
	job->foffset = type == FB_LIO_NOP && (copy->aio_lio_opcode & FB_LIO_FOFFSET);
	if (job->opcode == FB_LIO_MLOCK)
		return (-1);
	int flags = host_flags(copy->aio_fildes);
	if (flags < 0 || !mode_allows(job->opcode, flags))
		return (A_aio_read_bad_descriptor);
	fstat(copy->aio_fildes, &file);
	job->socket = S_ISSOCK(file.st_mode);
	if ((job->opcode & FB_LIO_SYNC) && !has_vnode(copy->aio_fildes, &file))
		return (A_aio_fsync_not_a_file);
	if ((job->opcode & (FB_LIO_READ | FB_LIO_WRITE)) && copy->aio_offset < 0 && !S_ISCHR(file.st_mode))
		return (A_aio_read_negative_offset);
	if (job->opcode == FB_LIO_NOP)
		return (-1);
	if (copy->aio_sigevent.sigev_notify == FB_SIGEV_KEVENT &&
	    (copy->aio_sigevent.sigev_notify_kevent_flags & ~(FB_EV_CLEAR | FB_EV_DISPATCH | FB_EV_ONESHOT)) != 0)
		return (A_aio_read_bad_kevent_flags);
	if (!enable_unsafe && !is_safe(copy->aio_fildes, job->opcode, &file))
		return (A_aio_read_unsafe_file);
	return (-1);
}

static void append(struct job *job)
{
	struct job **end = &all_jobs;
	while (*end != NULL)
		end = &(*end)->next;
	*end = job;
	job_count++;
}

/* A sync waits for the requests before it on the same open file. */
static bool must_wait(const struct job *sync)
{
	for (const struct job *job = all_jobs; job != NULL; job = job->next)
		if (job->state != FINISHED && !(job->opcode & FB_LIO_SYNC) && job->number < sync->number &&
		    job->opcode != FB_LIO_MLOCK && same_file(job, sync))
			return true;
	return false;
}

/* 0 or an error number. With the lock held. */
static int queue_request(struct fb_aiocb *block, struct list *list, int type)
{
	block->_aiocb_private.status = -1;
	block->_aiocb_private.error = 0;
	struct job *job = calloc(1, sizeof(*job));
	job->block = block;
	job->copy = *block;
	job->file = -1;
	int row = check(job, type);
	if (row < 0 && job->opcode != FB_LIO_NOP && job->copy.aio_sigevent.sigev_notify == FB_SIGEV_KEVENT) {
		struct fb_sigevent *event = &job->copy.aio_sigevent;
		row = knote_register(event->sigev_notify_kqueue, FB_EVFILT_AIO, (uintptr_t)block, event->sigev_notify_kevent_flags,
		    event->sigev_value.sival_ptr, &job->note);
		if (row < 0)
			job->note->job = job;
	}
	if (row >= 0 || job->opcode == FB_LIO_NOP) {
		if (job->note != NULL)
			knote_delete(job->note);
		free(job->parts);
		free(job);
		return (row >= 0 ? refuse(block, row) : 0);
	}
	block->_aiocb_private.error = FB_EINPROGRESS;
	job->number = ++number_next;
	job->list = list;
	if (list != NULL)
		list->count++;
	if (job->opcode != FB_LIO_MLOCK)
		job->file = host_duplicate(job->copy.aio_fildes);
	job->state = (job->opcode & FB_LIO_SYNC) && must_wait(job) ? WAITING_FOR_OTHERS : QUEUED;
	append(job);
	if (job->state == QUEUED)
		schedule(job);
	return (0);
}

static int submit(struct fb_aiocb *block, int type)
{
	lock();
	int error = queue_request(block, NULL, type);
	unlock();
	return (error != 0 ? (int)fail(error) : 0);
}

int fb_aio_read(struct fb_aiocb *) __asm__("aio_read");
int fb_aio_read(struct fb_aiocb *block)
{
	return (submit(block, FB_LIO_READ));
}

int fb_aio_write(struct fb_aiocb *) __asm__("aio_write");
int fb_aio_write(struct fb_aiocb *block)
{
	return (submit(block, FB_LIO_WRITE));
}

int fb_aio_mlock(struct fb_aiocb *) __asm__("aio_mlock");
int fb_aio_mlock(struct fb_aiocb *block)
{
	return (submit(block, FB_LIO_MLOCK));
}

int fb_aio_fsync(int, struct fb_aiocb *) __asm__("aio_fsync");
int fb_aio_fsync(int operation, struct fb_aiocb *block)
{
	if (operation != FB_O_SYNC && operation != FB_O_DSYNC)
		return (answer(A_aio_fsync_unknown_operation));
	return (submit(block, operation == FB_O_SYNC ? FB_LIO_SYNC : FB_LIO_DSYNC));
}

static enum answer list_row(const struct fb_sigevent *event, struct list *list, uintptr_t ident)
{
	switch (event->sigev_notify) {
	case FB_SIGEV_KEVENT:
		int row = knote_register(event->sigev_notify_kqueue, FB_EVFILT_LIO, ident, 0, event->sigev_value.sival_ptr, &list->note);
		if (row >= 0)
			return (row);
		list->note->list = list;
		return (A_lio_listio_nothing);
	case FB_SIGEV_SIGNAL:
	case FB_SIGEV_THREAD_ID:
		return (signal_is_bad(event) ? A_aio_read_bad_signal : A_lio_listio_nothing);
	case FB_SIGEV_NONE:
		return (A_lio_listio_nothing);
	}
	return (A_aio_read_sigev_thread);
}

/* All requests of a list had ended before the last was queued; otherwise complete() tells of the list's end. */
static void list_ended(struct list *list, bool any)
{
	if (list->event.sigev_notify == FB_SIGEV_KEVENT) {
		list->posted = true;
		if (list->note != NULL && any)
			knote_activate(list->note);
	} else {
		send_signal(&list->event);
	}
}

int fb_lio_listio(int, struct fb_aiocb *const[], int, const struct fb_sigevent *) __asm__("lio_listio");
int fb_lio_listio(int mode, struct fb_aiocb *const blocks[], int count, const struct fb_sigevent *event)
{
	if (mode != FB_LIO_WAIT && mode != FB_LIO_NOWAIT)
		return (answer(A_lio_listio_unknown_mode));
	if (count < 0 || count > max_queue_per_process)
		return (answer(A_lio_listio_too_many));
	struct list *list = calloc(1, sizeof(*list));
	int refused = 0, full = 0, error = 0;

	lock();
	if (event != NULL && mode == FB_LIO_NOWAIT) {
		list->event = *event;
		enum answer row = list_row(event, list, (uintptr_t)blocks);
		if (row != A_lio_listio_nothing) {
			unlock();
			free(list);
			return (answer(row));
		}
	}
	list->count = 1; /* until all are queued, nothing tells of its end */
	for (int index = 0; index < count; index++) {
		if (blocks[index] == NULL)
			continue;
		int one = queue_request(blocks[index], list, FB_LIO_NOP);
		full += one == FB_EAGAIN;
		refused += one != 0 && one != FB_EAGAIN;
	}
	if (mode == FB_LIO_WAIT) {
		while (list->count - 1 != list->finished && error == 0)
			error = wait_for_change(NULL);
	} else if (list->count - 1 == list->finished) {
		list_ended(list, list->count > 1);
	}
	if (--list->count == 0) {
		if (list->note != NULL)
			knote_delete(list->note);
		free(list);
	}
	unlock();
	if (refused > 0)
		return (answer(A_lio_listio_bad_descriptor));
	return (full > 0 ? (int)fail(FB_EAGAIN) : error != 0 ? (int)fail(error) : 0);
}

#if STAND_IN_RELEASE >= 1300
int fb_aio_readv(struct fb_aiocb *) __asm__("aio_readv");
int fb_aio_readv(struct fb_aiocb *block)
{
	return (submit(block, FB_LIO_READV));
}

int fb_aio_writev(struct fb_aiocb *) __asm__("aio_writev");
int fb_aio_writev(struct fb_aiocb *block)
{
	return (submit(block, FB_LIO_WRITEV));
}
#endif

#if STAND_IN_RELEASE >= 1401
/* A wrapper in libc itself [lib/libc/gen/aio_read2.c]. */
static int submit2(struct fb_aiocb *block, int flags, int opcode)
{
	if ((flags & ~(FB_AIO_OP2_FOFFSET | FB_AIO_OP2_VECTORED)) != 0)
		return (answer(A_aio_read2_unknown_flag));
	block->aio_lio_opcode = opcode | (flags & FB_AIO_OP2_FOFFSET ? FB_LIO_FOFFSET : 0) |
	    (flags & FB_AIO_OP2_VECTORED ? FB_LIO_VECTORED : 0);
	lock();
	int error = queue_request(block, NULL, FB_LIO_NOP);
	unlock();
	return (error != 0 ? (int)fail(error) : 0);
}

int fb_aio_read2(struct fb_aiocb *, int) __asm__("aio_read2");
int fb_aio_read2(struct fb_aiocb *block, int flags)
{
	return (submit2(block, flags, FB_LIO_READ));
}

int fb_aio_write2(struct fb_aiocb *, int) __asm__("aio_write2");
int fb_aio_write2(struct fb_aiocb *block, int flags)
{
	return (submit2(block, flags, FB_LIO_WRITE));
}
#endif
