/*
 * What befalls the whole process, beside the spoilt requests of faults.c: signals for the threads that wait, limits, and
 * another user.
 */
#include "process.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Threads in aio_suspend, which a storm sends signals to. */
#define WAITING_MAX 16
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int waiting[WAITING_MAX];
static int storming;
static long signals;

static void *storm(void *argument) {
  (void)argument;
  while (__atomic_load_n(&storming, __ATOMIC_SEQ_CST)) {
    pthread_mutex_lock(&lock);
    for (int index = 0; index < WAITING_MAX; index++) {
      if (waiting[index] != 0 && syscall(SYS_tgkill, getpid(), waiting[index], SIGURG) == 0) signals++;
    }
    pthread_mutex_unlock(&lock);
    nanosleep(&(struct timespec){ 0, 200000 }, NULL);
  }
  return NULL;
}

static void interrupt(int number) {
  (void)number;
}

/* Interrupts whoever waits, thousands of times a second; 0 ends it. Returns how many signals were sent so far. */
long faults_storm(int wanted) {
  pthread_t thread;
  struct sigaction action = { .sa_handler = interrupt }; /* without SA_RESTART */
  int before = __atomic_exchange_n(&storming, wanted, __ATOMIC_SEQ_CST);
  if (wanted && !before) {
    if (sigaction(SIGURG, &action, NULL) != 0 || pthread_create(&thread, NULL, storm, NULL) != 0) return -1;
    pthread_detach(thread);
  }
  return signals;
}

int *enter_wait(void) {
  int index = 0;
  pthread_mutex_lock(&lock);
  while (index < WAITING_MAX - 1 && waiting[index] != 0) index++;
  waiting[index] = syscall(SYS_gettid);
  pthread_mutex_unlock(&lock);
  return &waiting[index];
}

void leave_wait(int *place) {
  int error = errno;
  pthread_mutex_lock(&lock);
  *place = 0;
  pthread_mutex_unlock(&lock);
  errno = error;
}

static int timers_refused;

int timerfd_create(int clock, int flags) {
  if (!timers_refused) return syscall(SYS_timerfd_create, clock, flags);
  errno = EMFILE;
  return -1;
}

/* From now on there is no descriptor for a timer. */
int faults_refuse_timers(void) {
  return timers_refused = 1;
}

/* Sets a soft limit of this process; returns the old one, or -1 if there was none. */
long faults_limit(int resource, long value) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) return -2;
  long old = limit.rlim_cur == RLIM_INFINITY ? -1 : (long)limit.rlim_cur;
  limit.rlim_cur = value < 0 ? RLIM_INFINITY : (rlim_t)value;
  if (resource == RLIMIT_FSIZE) signal(SIGXFSZ, SIG_IGN);
  return setrlimit(resource, &limit) == 0 ? old : -2;
}

static int starving;
static long allowed;

/* From now on, or no longer, libc can start no thread: as for a user with as many as are allowed (RLIMIT_NPROC). */
int faults_starve(int wanted) {
  return starving = wanted;
}

/* For the length of a call of libc's only, since the runtime starts threads of its own; 1 if it must be undone. */
int begin_call(void) {
  if (!starving) return 0;
  allowed = faults_limit(RLIMIT_NPROC, 0);
  return syscall(SYS_setresuid, 65534, 65534, -1) == 0;
}

void end_call(int starved) {
  int error = errno;
  if (starved) syscall(SYS_setresuid, 0, 0, -1);
  if (starved) faults_limit(RLIMIT_NPROC, allowed);
  errno = error;
}
