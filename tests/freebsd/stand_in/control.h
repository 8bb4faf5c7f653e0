/* What the tests can order beyond FreeBSD's functions, to have requests in flight, or failed, for sure. */
#ifndef STAND_IN_CONTROL_H
#define STAND_IN_CONTROL_H

#include <stdbool.h>

enum order {
	HOLD = 1,      /* value 1: no request is begun; 0: they go on */
	FAIL_NEXT = 2, /* the next request to be carried out ends with the error number `value` */
	COUNT = 3,     /* how many requests count against the limit: in flight, or finished and not reaped */
	BEGUN = 4,     /* how many requests are being carried out */
	IMMORTAL = 5,  /* how many were begun on a pipe or terminal that had nothing to read or no room for all of it */
};

int stand_in_control(int order, int value);
/* Sends the calling thread a signal of the host after some time, once or again and again; signal 0 ends the order before. */
int stand_in_interrupt(int signal, int milliseconds, int repeats);
/* Threads of this library take no signals. */
void block_signals(bool);

#endif
