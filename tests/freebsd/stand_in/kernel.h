/*
 * What the parts of the stand-in's "kernel" share: requests, lists of requests, kqueues, one lock over all, and one word
 * that changes with every event, on which all waiting is done.
 */
#ifndef STAND_IN_KERNEL_H
#define STAND_IN_KERNEL_H

#include <stdbool.h>
#include "freebsd.h"

enum state { QUEUED, WAITING_FOR_OTHERS, RUNNING, FINISHED };

/* lio_listio's own record [vfs_aio.c:struct aioliojob]. */
struct list {
	int count, finished;
	bool posted;
	struct fb_sigevent event;
	struct knote *note;
};

/* One request [vfs_aio.c:struct kaiocb]. */
struct job {
	struct job *next;       /* all requests, oldest first */
	struct job *next_done;  /* finished requests, oldest first */
	struct fb_aiocb *block; /* the address that identifies it */
	struct fb_aiocb copy;   /* as it was at submission */
	int opcode;             /* without LIO_FOFFSET */
	bool foffset, socket;
	int file;               /* a descriptor of its own: the request holds the file open */
	struct iovec *parts;
	int part_count;
	size_t bytes;
	ssize_t moved;          /* by a write to a socket that took a part of it */
	enum state state;
	long status;
	int error;
	unsigned long number;
	struct list *list;
	struct knote *note;
};

struct knote {
	struct knote *next;
	struct kqueue *queue;
	struct fb_kevent event;
	bool active, disabled;
	struct job *job;
	struct list *list;
};

extern struct job *all_jobs;
extern struct job *done_jobs;
extern int job_count;
extern long max_queue_per_process, enable_unsafe;

void lock(void);
void unlock(void);
/* Something happened that a waiter may wait for; with the lock held. */
void changed(void);
/* Waits for the next change, with the lock held; 0, FB_ETIMEDOUT or FB_EINTR. */
int wait_for_change(const struct timespec *deadline);
/* The moment a timeout from now; `deadline` is where it is kept. */
const struct timespec *deadline_of(const struct timespec *timeout, struct timespec *deadline);

/* requests */
void schedule(struct job *);                                  /* to a worker or the socket thread */
void complete(struct job *, long status, int error);          /* aio_complete() */
void free_job(struct job *);                                  /* aio_free_entry() */
bool unqueue(struct job *);                                   /* takes it from the workers; false if it runs */
bool same_file(const struct job *, const struct job *);
void send_signal(const struct fb_sigevent *);

/* kqueues */
int knote_register(int kqueue, int filter, uintptr_t ident, unsigned short flags, void *udata, struct knote **note);
void knote_activate(struct knote *);
void knote_delete(struct knote *);
bool kqueue_forget(int descriptor);

#endif
