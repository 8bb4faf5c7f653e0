/*
 * A C library in front of glibc's that spoils chosen requests, for the tests in this folder.
 *
 * It is opened instead of libc.so.6: what it does not define is found in glibc, on which it depends. A rule names a kind
 * of call, a file, which of the calls, and a fault. Most faults are real ones: libc's own thread meets them, because the
 * request was given another descriptor (/proc/self/mem reads and writes nothing at 0: EIO; /dev/full: ENOSPC), fewer
 * bytes, or a place behind a request that waits.
 */
#include "process.h"
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum call { READ, WRITE, SYNC, LIST, SUSPEND, RANGE, CALLS };
enum fault { ANSWER = 1, DESCRIPTOR, SHORT, REFUSE, SLOW, INTERRUPT };

struct rule {
  enum call call;
  enum fault fault;
  long value;
  int any; /* of every file */
  dev_t device;
  ino_t inode;
  int left;  /* calls until it strikes */
  int every; /* and then again after so many; 0: never */
  int hits;
};

#define RULES_MAX 16
#define SLOW_MAX 256
#define LIST_MAX 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES_MAX];
static int rule_count;
static struct aiocb gates[SLOW_MAX];
static int numbers[SLOW_MAX];
static int slow_count;
static int late_count; /* gates that have not been opened */
static int held;       /* gates without a time stay shut */

/* The library itself has failed: says where. */
static void broken(int line) {
  fprintf(stderr, "faults.c:%d: %s\n", line, strerror(errno));
  abort();
}

static void *real(const char *name) {
  void *found = NULL;
  for (int index = 0; found == NULL && index < 2; index++) {
    void *library = dlopen(index == 0 ? "libc.so.6" : "librt.so.1", RTLD_NOW); /* librt before glibc 2.34 */
    if (library != NULL) found = dlsym(library, name);
  }
  if (found == NULL) broken(__LINE__);
  return found;
}

/* The rule that strikes this call, if one does. */
static struct rule strikes(enum call call, int fd) {
  struct rule none = { 0 };
  struct stat file = { 0 };
  if (fd >= 0) fstat(fd, &file);
  pthread_mutex_lock(&lock);
  for (int index = 0; index < rule_count; index++) {
    struct rule *rule = &rules[index];
    if (rule->call != call) continue;
    if (!rule->any && (rule->device != file.st_dev || rule->inode != file.st_ino)) continue;
    if (rule->left == 0 || --rule->left > 0) continue;
    rule->left = rule->every;
    rule->hits++;
    none = *rule;
    break;
  }
  pthread_mutex_unlock(&lock);
  return none;
}

struct late {
  int number, file, gate;
  long milliseconds;
};

/* Gives the number its file, and ends the read that stands before the slow request. */
static void *open_gate(void *argument) {
  struct late late = *(struct late *)argument;
  free(argument);
  struct timespec time = { late.milliseconds / 1000, late.milliseconds % 1000 * 1000000 };
  const struct timespec moment = { 0, 1000000 };
  if (late.milliseconds > 0) nanosleep(&time, NULL);
  else while (__atomic_load_n(&held, __ATOMIC_SEQ_CST)) nanosleep(&moment, NULL);
  if (dup3(late.file, late.number, O_CLOEXEC) < 0) broken(__LINE__);
  /* EPIPE: libc had not got to the read, which ends by itself now that the number is the file's */
  if (write(late.gate, "", 1) != 1 && errno != EPIPE) broken(__LINE__);
  close(late.gate);
  close(late.file);
  __atomic_sub_fetch(&late_count, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

/* libc runs the requests of a number one after another: this one comes behind a read that waits for a while. */
static void slow_down(struct aiocb *cb, long milliseconds) {
  int (*next)(struct aiocb *) = real("aio_read");
  static char byte;
  int ends[2];
  pthread_t thread;
  struct late *late = malloc(sizeof *late);
  if (late == NULL || slow_count == SLOW_MAX || pipe2(ends, O_CLOEXEC) != 0) broken(__LINE__);
  struct aiocb *gate = &gates[slow_count];
  numbers[slow_count++] = ends[0];
  *gate = (struct aiocb){ .aio_fildes = ends[0], .aio_buf = &byte, .aio_nbytes = 1 };
  gate->aio_sigevent.sigev_notify = SIGEV_NONE;
  *late = (struct late){ ends[0], fcntl(cb->aio_fildes, F_DUPFD_CLOEXEC, 3), ends[1], milliseconds };
  __atomic_add_fetch(&late_count, 1, __ATOMIC_SEQ_CST);
  if (late->file < 0 || next(gate) != 0 || pthread_create(&thread, NULL, open_gate, late) != 0) broken(__LINE__);
  pthread_detach(thread);
  cb->aio_fildes = ends[0];
}

/* A descriptor with which a request fails by itself. */
static int bad_descriptor(long error) {
  static int memory = -1, full = -1;
  if (memory < 0) memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
  if (full < 0) full = open("/dev/full", O_RDWR | O_CLOEXEC);
  return error == EIO ? memory : error == ENOSPC ? full : 0x7ffffff0;
}

enum fate { PASS, DONE, REFUSED };

static enum fate spoil(enum call call, struct aiocb *cb) {
  struct rule rule = strikes(call, cb->aio_fildes);
  switch (rule.fault) {
    case ANSWER: /* as if libc's thread had been at it already */
      cb->__return_value = -1;
      __atomic_store_n(&cb->__error_code, (int)rule.value, __ATOMIC_SEQ_CST);
      return DONE;
    case DESCRIPTOR:
      cb->aio_fildes = bad_descriptor(rule.value);
      cb->aio_offset = 0;
      return PASS;
    case SHORT:
      if (cb->aio_nbytes > (size_t)rule.value) cb->aio_nbytes = rule.value;
      return PASS;
    case SLOW:
      slow_down(cb, rule.value);
      return PASS;
    case REFUSE:
      errno = rule.value;
      return REFUSED;
    default:
      return PASS;
  }
}

int aio_read(struct aiocb *cb) {
  int (*next)(struct aiocb *) = real("aio_read");
  enum fate fate = spoil(READ, cb);
  if (fate != PASS) return fate == DONE ? 0 : -1;
  int starved = begin_call();
  int answer = next(cb);
  end_call(starved);
  return answer;
}

int aio_write(struct aiocb *cb) {
  int (*next)(struct aiocb *) = real("aio_write");
  enum fate fate = spoil(WRITE, cb);
  return fate == PASS ? next(cb) : fate == DONE ? 0 : -1;
}

int aio_fsync(int op, struct aiocb *cb) {
  int (*next)(int, struct aiocb *) = real("aio_fsync");
  enum fate fate = spoil(SYNC, cb);
  return fate == PASS ? next(op, cb) : fate == DONE ? 0 : -1;
}

int aio_cancel(int fd, struct aiocb *cb) {
  int (*next)(int, struct aiocb *) = real("aio_cancel");
  return next(cb == NULL ? fd : cb->aio_fildes, cb); /* it may have got another one */
}

int aio_suspend(const struct aiocb *const list[], int count, const struct timespec *timeout) {
  int (*next)(const struct aiocb *const[], int, const struct timespec *) = real("aio_suspend");
  if (strikes(SUSPEND, -1).fault == INTERRUPT) {
    errno = EINTR;
    return -1;
  }
  int *place = enter_wait();
  int answer = next(list, count, timeout);
  leave_wait(place);
  return answer;
}

int lio_listio(int mode, struct aiocb *const list[], int count, struct sigevent *event) {
  int (*next)(int, struct aiocb *const[], int, struct sigevent *) = real("lio_listio");
  if (count > LIST_MAX) broken(__LINE__);
  struct rule rule = strikes(LIST, -1);
  if (rule.fault == REFUSE) {
    errno = rule.value;
    return -1;
  }
  struct aiocb *taken[LIST_MAX];
  int length = 0, refused = 0;
  for (int index = 0; index < count; index++) {
    enum fate fate = spoil(list[index]->aio_lio_opcode == LIO_READ ? READ : WRITE, list[index]);
    if (fate == PASS) taken[length++] = list[index];
    else if (fate == REFUSED) refused = errno;
  }
  int starved = begin_call();
  int answer = length == 0 ? 0 : next(mode, taken, length, event);
  end_call(starved);
  if (refused == 0) return answer;
  errno = EAGAIN; /* whatever the reasons were */
  return -1;
}

/* Makes a rule; fd -1 stands for every file. Returns its number. */
ssize_t copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t bytes, unsigned flags) {
  static ssize_t (*next)(int, off_t *, int, off_t *, size_t, unsigned);
  if (next == NULL) next = real("copy_file_range");
  struct rule rule = strikes(RANGE, in);
  if (rule.fault == ANSWER) {
    errno = rule.value;
    return -1;
  }
  if (rule.fault == SHORT && bytes > (size_t)rule.value) bytes = rule.value;
  return bytes == 0 ? 0 : next(in, in_at, out, out_at, bytes, flags);
}

int faults_add(int call, int fd, int first, int every, int fault, int value) {
  struct stat file = { 0 };
  if (rule_count == RULES_MAX || (fd >= 0 && fstat(fd, &file) != 0)) return -1;
  pthread_mutex_lock(&lock);
  rules[rule_count] = (struct rule){ call, fault, value, fd < 0, file.st_dev, file.st_ino, first, every, 0 };
  pthread_mutex_unlock(&lock);
  return rule_count++;
}

/* Lets requests begin whose gates have no time (slow 0), or keeps them until then. */
void faults_hold(int hold) {
  __atomic_store_n(&held, hold, __ATOMIC_SEQ_CST);
}

/* How often a rule has struck. */
int faults_hits(int rule) {
  return rules[rule].hits;
}

/* Drops all rules; nothing may be in flight. */
void faults_clear(void) {
  faults_hold(0);
  pthread_mutex_lock(&lock);
  rule_count = 0;
  /* a slow request may have been cancelled: its gate is opened all the same, on a number that must still be its own */
  while (__atomic_load_n(&late_count, __ATOMIC_SEQ_CST) > 0) nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
  while (slow_count > 0) close(numbers[--slow_count]);
  pthread_mutex_unlock(&lock);
}
