// What leaves a rank of a row of logits: parts of log-sum-exps, and the best candidates. A block has a segment of a row.
#include "common.cuh"

#define SEGMENT 2048
#define MERGED 4096
#define THREADS 512

struct LogitsRow
{
    uint64 stream;      // of the noise
    float temperature;
    int has_noise;
    int candidates;     // wanted
    int first_requested;
    int requested;      // ids that are no candidates, ascending
    int reserved;
};

struct SegmentSums
{
    double sum;        // of exp((logit - largest) / temperature)
    double sum_plain;  // at temperature 1
    float largest;
    int reserved;
};

struct Candidate
{
    uint64 key;   // orders as candidates do: the higher score first, the lower id among equals; 0: none
    float logit;
    int reserved;
};

DEVICE uint64 key_of(float score, int id)
{
    // The bits of floats order like integers of sign and magnitude; + 0 makes the two zeros equal.
    int bits = __float_as_int(__fadd_rn(score, 0.0f));
    uint32 ordered = (uint32)(bits ^ (bits >> 31 & 0x7fffffff)) ^ 0x80000000u;
    return (uint64)ordered << 32 | (uint32)~id;
}

DEVICE int id_of(uint64 key) { return (int)~(uint32)key; }

DEVICE uint64 mix(uint64 value)
{
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ value >> 27) * 0x94D049BB133111EBull;
    return value ^ value >> 31;
}

// GumbelNoise of the host: the same values.
DEVICE float score_of(float logit, int id, const LogitsRow row)
{
    if (!row.has_noise) return logit;
    uint64 bits = mix(row.stream + ((uint64)id + 1) * 0x9E3779B97F4A7C15ull);
    double uniform = ((double)(bits >> 12) + 0.5) * (1.0 / 4503599627370496.0);
    return __fadd_rn(__fdiv_rn(logit, row.temperature), (float)-log(-log(uniform)));
}

DEVICE bool is_requested(int id, const int* requested, int count)
{
    int low = 0, high = count;
    while (low < high)
    {
        int middle = (low + high) / 2;
        if (requested[middle] < id) low = middle + 1;
        else high = middle;
    }

    return low < count && requested[low] == id;
}

DEVICE void sort_descending(uint64* keys, int count)
{
    for (int size = 2; size <= count; size *= 2)
    {
        for (int step = size / 2; step > 0; step /= 2)
        {
            for (int i = threadIdx.x; i < count / 2; i += THREADS)
            {
                int low = i / step * step * 2 + i % step, high = low + step;
                bool descending = (low & size) == 0;
                if (keys[low] < keys[high] == descending)
                {
                    uint64 other = keys[low];
                    keys[low] = keys[high];
                    keys[high] = other;
                }
            }

            __syncthreads();
        }
    }
}

DEVICE uint64 block_largest(uint64 key, uint64* parts)
{
    for (int mask = WARP / 2; mask > 0; mask /= 2)
    {
        uint64 other = __shfl_xor_sync(ALL_LANES, key, mask);
        if (other > key) key = other;
    }

    if (lane_id() == 0) parts[threadIdx.x / WARP] = key;
    __syncthreads();
    for (int i = 0; i < THREADS / WARP; i++)
    {
        if (parts[i] > key) key = parts[i];
    }

    __syncthreads();
    return key;
}

DEVICE double block_sum(double x, double* parts)
{
    for (int mask = WARP / 2; mask > 0; mask /= 2) x += __shfl_xor_sync(ALL_LANES, x, mask);
    if (lane_id() == 0) parts[threadIdx.x / WARP] = x;
    __syncthreads();
    double sum = 0;
    for (int i = 0; i < THREADS / WARP; i++) sum += parts[i];
    __syncthreads();
    return sum;
}

// Grid: segments, rows. candidates: min(row.candidates, SEGMENT) of each segment of each row, from first_candidates[row] on, best first.
KERNEL logits_segments(
    const float* logits, int width, int vocabulary_start, const LogitsRow* rows, const int* requested, const int* first_candidates,
    SegmentSums* sums, Candidate* candidates)
{
    __shared__ uint64 keys[SEGMENT];
    __shared__ double parts[THREADS / WARP];
    let_next_start();
    wait_for_previous();
    const LogitsRow row = rows[blockIdx.y];
    int start = blockIdx.x * SEGMENT, count = min(SEGMENT, width - start);
    const float* values = logits + (long)blockIdx.y * width + start;
    const int* excluded = requested + row.first_requested;
    float largest = NEGATIVE_INFINITY;
    for (int i = threadIdx.x; i < count; i += THREADS) largest = fmaxf(largest, values[i]);
    for (int i = threadIdx.x; i < SEGMENT; i += THREADS)
    {
        int id = vocabulary_start + start + i;
        bool takes_part = row.candidates > 0 && i < count && !is_requested(id, excluded, row.requested);
        keys[i] = takes_part ? key_of(score_of(values[i], id, row), id) : 0;
    }

    // Keys order as largest values do.
    largest = warp_max(largest);
    uint64 most = block_largest((uint64)(key_of(largest, 0) >> 32), (uint64*)parts);
    int ordered = (int)((uint32)most ^ 0x80000000u);
    largest = __int_as_float(ordered ^ (ordered >> 31 & 0x7fffffff));
    float sum = 0, sum_plain = 0;
    for (int i = threadIdx.x; i < count && largest != NEGATIVE_INFINITY; i += THREADS)
    {
        float below = values[i] - largest;
        sum_plain += expf(below);
        if (row.temperature != 1.0f) sum += expf(below / row.temperature);
    }

    double total_plain = block_sum(sum_plain, parts), total = block_sum(sum, parts);
    if (threadIdx.x == 0)
    {
        SegmentSums result = { row.temperature != 1.0f ? total : total_plain, total_plain, largest, 0 };
        sums[blockIdx.y * gridDim.x + blockIdx.x] = result;
    }

    int wanted = min(row.candidates, SEGMENT);
    if (wanted == 0) return;
    Candidate* target = candidates + first_candidates[blockIdx.y] + blockIdx.x * wanted;
    if (wanted == 1)
    {
        uint64 best = 0;
        for (int i = threadIdx.x; i < SEGMENT; i += THREADS)
        {
            if (keys[i] > best) best = keys[i];
        }

        best = block_largest(best, (uint64*)parts);
        Candidate candidate = { best, best ? values[id_of(best) - vocabulary_start - start] : 0.0f, 0 };
        if (threadIdx.x == 0) *target = candidate;
        return;
    }

    __syncthreads();
    sort_descending(keys, SEGMENT);
    for (int i = threadIdx.x; i < wanted; i += THREADS)
    {
        Candidate candidate = { keys[i], keys[i] ? values[id_of(keys[i]) - vocabulary_start - start] : 0.0f, 0 };
        target[i] = candidate;
    }
}

// A row's candidates of all segments, MERGED at most, to the best of them: as many as are wanted and there can be. Grid: rows.
KERNEL logits_merge(
    const float* logits, int width, int vocabulary_start, const LogitsRow* rows, int segments, const int* first_candidates,
    const Candidate* candidates, const int* first_results, Candidate* results)
{
    __shared__ uint64 keys[MERGED];
    let_next_start();
    wait_for_previous();
    const LogitsRow row = rows[blockIdx.x];
    int wanted = min(row.candidates, SEGMENT), count = wanted * segments, size = 2;
    if (count > MERGED) return;
    while (size < count) size *= 2;
    for (int i = threadIdx.x; i < size; i += THREADS) keys[i] = i < count ? candidates[first_candidates[blockIdx.x] + i].key : 0;
    __syncthreads();
    sort_descending(keys, size);
    for (int i = threadIdx.x; i < min(min(row.candidates, width), size); i += THREADS)
    {
        uint64 key = keys[i];
        Candidate candidate = { key, key ? logits[(long)blockIdx.x * width + id_of(key) - vocabulary_start] : 0.0f, 0 };
        results[first_results[blockIdx.x] + i] = candidate;
    }
}

// The logits of requested ids of this rank's part of the vocabulary. Grid: rows.
KERNEL logits_requested(
    const float* logits, int width, int vocabulary_start, const LogitsRow* rows, const int* requested, const int* first_results, float* results)
{
    let_next_start();
    wait_for_previous();
    const LogitsRow row = rows[blockIdx.x];
    for (int i = threadIdx.x; i < row.requested; i += blockDim.x)
    {
        long place = (long)requested[row.first_requested + i] - vocabulary_start;
        if (place >= 0 && place < width) results[first_results[blockIdx.x] + i] = logits[(long)blockIdx.x * width + place];
    }
}
