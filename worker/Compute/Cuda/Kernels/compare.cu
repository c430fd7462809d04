// How far rows of logits are from a baseline's, in f64: caches that lose almost nothing differ by less than what f32 sums of a whole
// vocabulary round off. A block a row.
#include "common.cuh"

#define THREADS 1024

struct Divergence
{
    double baseline_log_sum_exp;
    double log_sum_exp;
    double mean_difference;
};

DEVICE double block_sum(double x)
{
    __shared__ double parts[WARP];
    for (int mask = WARP / 2; mask > 0; mask /= 2) x += __shfl_xor_sync(ALL_LANES, x, mask);
    if (lane_id() == 0) parts[threadIdx.x / WARP] = x;
    __syncthreads();
    double sum = 0;
    for (int i = 0; i < THREADS / WARP; i++) sum += parts[i];
    __syncthreads();
    return sum;
}

DEVICE float block_max(float x)
{
    __shared__ float parts[WARP];
    x = warp_max(x);
    if (lane_id() == 0) parts[threadIdx.x / WARP] = x;
    __syncthreads();
    x = warp_max(parts[lane_id()]);
    __syncthreads();
    return x;
}

KERNEL compare(const float* logits, const float* baselines, int width, Divergence* results)
{
    let_next_start();
    wait_for_previous();
    const float* row = logits + (long)blockIdx.x * width;
    const float* baseline = baselines + (long)blockIdx.x * width;
    float largest = NEGATIVE_INFINITY, baseline_largest = NEGATIVE_INFINITY;
    for (int i = threadIdx.x; i < width; i += THREADS)
    {
        largest = fmaxf(largest, row[i]);
        baseline_largest = fmaxf(baseline_largest, baseline[i]);
    }

    // Any number will do where there is nothing but -infinity.
    largest = block_max(largest);
    baseline_largest = block_max(baseline_largest);
    double shift = largest == NEGATIVE_INFINITY ? 0 : largest, baseline_shift = baseline_largest == NEGATIVE_INFINITY ? 0 : baseline_largest;
    double sum = 0, baseline_sum = 0, difference = 0;
    for (int i = threadIdx.x; i < width; i += THREADS)
    {
        double weight = exp(baseline[i] - baseline_shift);
        sum += exp(row[i] - shift);
        baseline_sum += weight;
        if (weight != 0) difference += weight * ((double)baseline[i] - row[i]);
    }

    sum = block_sum(sum);
    baseline_sum = block_sum(baseline_sum);
    difference = block_sum(difference);
    if (threadIdx.x != 0) return;
    Divergence result = { baseline_shift + log(baseline_sum), shift + log(sum), baseline_sum == 0 ? 0 : difference / baseline_sum };
    results[blockIdx.x] = result;
}
