/* Around each wait in aio_suspend, so that a storm of signals finds whoever waits. */
int *enter_wait(void);
void leave_wait(int *place);
