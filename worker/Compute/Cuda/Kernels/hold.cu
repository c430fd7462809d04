// Keeps the device busy for a while, so that the host can queue ahead of it.
#include "common.cuh"

DEVICE uint64 nanoseconds_now()
{
    uint64 now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    return now;
}

KERNEL hold(uint64 nanoseconds)
{
    wait_for_previous();
    uint64 start = nanoseconds_now();
    while (nanoseconds_now() - start < nanoseconds) { }
}
