/*
 * kqueue and kevent for the filters that AIO needs: EVFILT_AIO and EVFILT_LIO, which only the "kernel" registers,
 * EVFILT_USER, and EVFILT_READ and EVFILT_WRITE of pipes, terminals and sockets, at which is looked when somebody asks.
 * A kqueue's descriptor is an eventfd, which holds the number.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "host.h"
#include "kernel.h"

struct kqueue {
	struct kqueue *next;
	int descriptor;
	struct knote *notes;
	struct knote **end;
};

static struct kqueue *queues;

/* A descriptor that was closed behind our back, or whose number is something else by now, is no kqueue any more. */
static bool still_ours(int descriptor)
{
	char path[64], target[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	return readlink(path, target, sizeof(target) - 1) > 0 && strcmp(target, "anon_inode:[eventfd]") == 0;
}

static struct kqueue *find(int descriptor)
{
	for (struct kqueue *queue = queues; queue != NULL; queue = queue->next) {
		if (queue->descriptor != descriptor)
			continue;
		if (still_ours(descriptor))
			return queue;
		kqueue_forget(descriptor);
		return NULL;
	}
	return NULL;
}

int fb_kqueue(void) __asm__("kqueue");
int fb_kqueue(void)
{
	int descriptor = eventfd(0, EFD_CLOEXEC);
	if (descriptor < 0)
		return (fail(FB_ENOMEM));
	struct kqueue *queue = calloc(1, sizeof(*queue));
	queue->descriptor = descriptor;
	queue->end = &queue->notes;
	lock();
	kqueue_forget(descriptor);
	queue->next = queues;
	queues = queue;
	unlock();
	return (descriptor);
}

/* The kqueue of a descriptor that is being closed goes with everything in it. */
bool kqueue_forget(int descriptor)
{
	for (struct kqueue **at = &queues; *at != NULL; at = &(*at)->next) {
		struct kqueue *queue = *at;
		if (queue->descriptor != descriptor)
			continue;
		*at = queue->next;
		while (queue->notes != NULL)
			knote_delete(queue->notes);
		free(queue);
		changed();
		return true;
	}
	return false;
}

static struct knote *add(struct kqueue *queue, const struct fb_kevent *event)
{
	struct knote *note = calloc(1, sizeof(*note));
	note->queue = queue;
	note->event = *event;
	/* what asks for something now is not kept */
	note->event.flags &= FB_EV_ONESHOT | FB_EV_CLEAR | FB_EV_DISPATCH;
	*queue->end = note;
	queue->end = &note->next;
	return note;
}

/* -1, or the row that refuses it. */
int knote_register(int descriptor, int filter, uintptr_t ident, unsigned short flags, void *udata, struct knote **note)
{
	struct kqueue *queue = find(descriptor);
	if (queue == NULL)
		return (host_is_open(descriptor) ? A_aio_read_not_a_kqueue : A_aio_read_bad_kqueue);
	struct fb_kevent event = { .ident = ident, .filter = filter, .flags = flags, .udata = udata };
	*note = add(queue, &event);
	return (-1);
}

void knote_activate(struct knote *note)
{
	note->active = true;
	changed();
}

void knote_delete(struct knote *note)
{
	struct kqueue *queue = note->queue;
	struct knote **at = &queue->notes;
	while (*at != note)
		at = &(*at)->next;
	*at = note->next;
	if (queue->end == &note->next)
		queue->end = at;
	if (note->job != NULL)
		note->job->note = NULL;
	if (note->list != NULL)
		note->list->note = NULL;
	free(note);
}

static bool is_file_filter(int filter)
{
	return filter == FB_EVFILT_READ || filter == FB_EVFILT_WRITE;
}

/* What can be read, or written without waiting: of a pipe of the host at least a page then [fs/pipe.c:pipe_full]. */
static void look_at_file(struct knote *note)
{
	bool reads = note->event.filter == FB_EVFILT_READ;
	struct pollfd asked = { .fd = note->event.ident, .events = reads ? POLLIN : POLLOUT };
	note->active = poll(&asked, 1, 0) > 0;
	if (!note->active)
		return;
	int bytes = 4096;
	if (reads && ioctl(note->event.ident, FIONREAD, &bytes) < 0)
		bytes = 1;
	note->event.data = bytes;
	if (asked.revents & (POLLHUP | POLLERR))
		note->event.flags |= FB_EV_EOF;
}

/* One entry of the change list: 0 or an error number. */
static int change(struct kqueue *queue, const struct fb_kevent *event)
{
	struct knote *note = queue->notes;
	while (note != NULL && (note->event.ident != event->ident || note->event.filter != event->filter))
		note = note->next;
	if (note == NULL) {
		if ((event->flags & FB_EV_ADD) == 0)
			return (FB_ENOENT);
		if (event->filter == FB_EVFILT_AIO || event->filter == FB_EVFILT_LIO)
			return (FB_EPERM); /* [vfs_aio.c:filt_aioattach] */
		if (is_file_filter(event->filter) && !host_is_open(event->ident))
			return (FB_EBADF);
		if (event->filter != FB_EVFILT_USER && !is_file_filter(event->filter))
			return (FB_EINVAL);
		note = add(queue, event);
		note->event.fflags = 0;
	}
	if (event->flags & FB_EV_DELETE) {
		knote_delete(note);
		return (0);
	}
	if (event->flags & FB_EV_DISABLE)
		note->disabled = true;
	if (event->flags & FB_EV_ENABLE)
		note->disabled = false;
	note->event.udata = event->udata;
	if (event->filter == FB_EVFILT_USER && (event->fflags & FB_NOTE_TRIGGER))
		note->active = true;
	changed();
	return (0);
}

/* Hands out what is active. */
static int collect(struct kqueue *queue, struct fb_kevent *events, int room)
{
	int count = 0;
	struct knote *next;
	for (struct knote *note = queue->notes; note != NULL && count < room; note = next) {
		next = note->next;
		if (is_file_filter(note->event.filter))
			look_at_file(note);
		if (!note->active || note->disabled)
			continue;
		struct fb_kevent *event = &events[count++];
		*event = note->event;
		if (note->job != NULL) {
			event->flags |= answers[A_kevent_aio_flags].result;
			event->data = note->job->error;
		}
		if (note->event.flags & FB_EV_ONESHOT)
			knote_delete(note);
		else if (note->event.flags & FB_EV_DISPATCH)
			note->disabled = true;
		else if (note->event.flags & FB_EV_CLEAR)
			note->active = false;
	}
	return (count);
}

int fb_kevent(int, const struct fb_kevent *, int, struct fb_kevent *, int, const struct timespec *) __asm__("kevent");
int fb_kevent(int descriptor, const struct fb_kevent *changes, int change_count, struct fb_kevent *events, int room,
    const struct timespec *timeout)
{
	struct timespec moment;
	if (timeout != NULL && (timeout->tv_nsec < 0 || timeout->tv_nsec >= 1000000000 || timeout->tv_sec < 0))
		return (fail(FB_EINVAL));
	const struct timespec *deadline = deadline_of(timeout, &moment);
	int count = 0, error = 0;

	lock();
	struct kqueue *queue = find(descriptor);
	if (queue == NULL) {
		unlock();
		return (answer(host_is_open(descriptor) ? A_kevent_not_a_kqueue : A_kevent_closed_kqueue));
	}
	for (int index = 0; index < change_count && error == 0; index++) {
		error = change(queue, &changes[index]);
		if (error == 0 && !(changes[index].flags & FB_EV_RECEIPT))
			continue;
		if (count < room) { /* the error is an event as long as there is room for it */
			events[count] = changes[index];
			events[count].flags = FB_EV_ERROR;
			events[count++].data = error;
			error = 0;
		}
	}
	while (error == 0 && count == 0 && room > 0) {
		count = collect(queue, events, room);
		if (count > 0)
			break;
		error = wait_for_change(deadline);
		queue = find(descriptor);
		if (queue == NULL)
			error = FB_EBADF;
	}
	unlock();
	if (error == FB_ETIMEDOUT)
		return (0);
	return (error != 0 ? (int)fail(error) : count);
}
