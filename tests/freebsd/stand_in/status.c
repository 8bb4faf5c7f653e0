/* What asks about requests and takes them back: aio_error, aio_return, aio_suspend, aio_cancel, aio_waitcomplete. */
#include <errno.h>
#include <string.h>
#include "host.h"
#include "kernel.h"

static struct job *find(const struct fb_aiocb *block)
{
	struct job *job = all_jobs;
	while (job != NULL && job->block != block)
		job = job->next;
	return job;
}

int fb_aio_error(const struct fb_aiocb *) __asm__("aio_error");
int fb_aio_error(const struct fb_aiocb *block)
{
	long result;
	lock();
	struct job *job = find(block);
	if (job == NULL && block->_aiocb_private.status == -1)
		result = block->_aiocb_private.error; /* left there by a submission that failed, or by aio_return */
	else if (job == NULL)
		result = answers[A_aio_error_never_submitted].result;
	else if (job->state != FINISHED)
		result = answers[A_aio_error_in_flight].result;
	else
		result = job->error;
	unlock();
	return (result);
}

/* Takes a finished request: the only moments at which the block in user memory learns how it ended. */
static ssize_t reap(struct job *job)
{
	struct fb_aiocb *block = job->block;
	long status = job->status;
	int error = job->error;

	free_job(job);
	block->_aiocb_private.error = error;
	block->_aiocb_private.status = status;
	return (error != 0 ? fail(error) : status);
}

static struct job *first_finished_of(const struct fb_aiocb *block)
{
	struct job *job = done_jobs;
	while (job != NULL && job->block != block)
		job = job->next_done;
	return job;
}

ssize_t fb_aio_return(struct fb_aiocb *) __asm__("aio_return");
ssize_t fb_aio_return(struct fb_aiocb *block)
{
	lock();
	struct job *job = first_finished_of(block);
	ssize_t result;
	if (job != NULL)
		result = reap(job);
	else if (find(block) != NULL)
		result = answer(A_aio_return_in_flight);
	else
		result = answer(A_aio_return_never_submitted);
	unlock();
	return (result);
}

int fb_aio_suspend(struct fb_aiocb *const[], int, const struct timespec *) __asm__("aio_suspend");
int fb_aio_suspend(struct fb_aiocb *const list[], int count, const struct timespec *timeout)
{
	struct timespec moment;
	if (count < 0)
		return (answer(A_aio_suspend_negative_count));
	if (count > max_queue_per_process)
		return (answer(A_aio_suspend_too_many));
	if (timeout != NULL && (timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000))
		return (answer(A_aio_suspend_bad_nanoseconds));
	if (timeout != NULL && timeout->tv_sec < 0)
		return (answer(A_aio_suspend_negative_seconds));
	const struct timespec *deadline = deadline_of(timeout, &moment);
	int error = 0;

	lock();
	for (;;) {
		bool pending = false, finished = false;
		for (struct job *job = all_jobs; job != NULL && !finished; job = job->next)
			for (int index = 0; index < count; index++)
				if (list[index] == job->block) {
					pending = true;
					finished |= job->state == FINISHED;
				}
		if (finished || !pending)
			break; /* what was never submitted or is reaped is not waited for */
		error = wait_for_change(deadline);
		if (error != 0)
			break;
	}
	unlock();
	if (error == FB_ETIMEDOUT)
		return (answer(A_aio_suspend_timeout));
	return (error != 0 ? (int)fail(error) : 0);
}

ssize_t fb_aio_waitcomplete(struct fb_aiocb **, const struct timespec *) __asm__("aio_waitcomplete");
ssize_t fb_aio_waitcomplete(struct fb_aiocb **block, const struct timespec *timeout)
{
	struct timespec moment;
	*block = NULL;
	if (timeout != NULL && (timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000 || timeout->tv_sec < 0))
		return (answer(A_aio_waitcomplete_bad_time));
	const struct timespec *deadline = deadline_of(timeout, &moment);
	int error = 0;
	ssize_t result = -1;

	lock();
	while (done_jobs == NULL && error == 0)
		error = wait_for_change(deadline);
	if (done_jobs != NULL) {
		*block = done_jobs->block; /* the oldest of all that have finished */
		result = reap(done_jobs);
	}
	unlock();
	if (*block != NULL)
		return (result);
	return (error == FB_ETIMEDOUT ? answer(A_aio_waitcomplete_nothing) : fail(error));
}

int fb_aio_cancel(int, struct fb_aiocb *) __asm__("aio_cancel");
int fb_aio_cancel(int descriptor, struct fb_aiocb *block)
{
	int cancelled = 0, running = 0;
	if (!host_is_open(descriptor))
		return (answer(A_aio_cancel_bad_descriptor));
	lock();
	struct job *next;
	for (struct job *job = all_jobs; job != NULL; job = next) {
		next = job->next;
		if (job->state == FINISHED || job->copy.aio_fildes != descriptor || (block != NULL && block != job->block))
			continue;
		if (!unqueue(job)) {
			running++;
		} else if (job->moved > 0) { /* a part is in the socket: it ends with that [sys_socket.c:soo_aio_cancel] */
			running++;
			complete(job, job->moved, 0);
		} else {
			cancelled++;
			complete(job, -1, answers[A_aio_error_cancelled].result);
		}
	}
	unlock();
	if (running > 0)
		return (answer(A_aio_cancel_running));
	return (answer(cancelled > 0 ? A_aio_cancel_pending : A_aio_cancel_nothing));
}
