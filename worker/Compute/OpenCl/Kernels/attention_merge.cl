// Puts the splits of attention together, undoes a rotation of values over their elements, and writes rows. A work-group of head_dim items a
// head of a token.
#include "prelude.cl"
#include "hadamard.cl"

KERNEL attention_merge(
    const GLOBAL float* sums, const GLOBAL float2* weights, int heads, int head_dim, int splits, int value_rotation, GLOBAL float* output, int width,
    int offset)
{
    LOCAL float x[MOST_ELEMENTS];
    int head = get_group_id(0), token = get_group_id(1), element = get_local_id(0);
    long part = ((long)token * heads + head) * splits;
    float largest = -INFINITY, sum = 0, total = 0;
    for (int split = 0; split < splits; split++) largest = fmax(largest, weights[part + split].x);
    for (int split = 0; split < splits; split++)
    {
        float2 weight = weights[part + split];
        float factor = weight.x == -INFINITY ? 0.0f : exp2(weight.x - largest);
        sum += sums[(part + split) * head_dim + element] * factor;
        total += weight.y * factor;
    }

    output[(long)token * width + offset + head * head_dim + element] = hadamard(sum / total, x, element, value_rotation);
}
