/* Around each wait in aio_suspend, so that a storm of signals finds whoever waits. */
int *enter_wait(void);
void leave_wait(int *place);

/* Around each submission, so that libc can start no thread for it. */
int begin_call(void);
void end_call(int starved);
